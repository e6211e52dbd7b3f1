"""The chain is made behind the writers, and whatever is done to it afterwards is found."""

from __future__ import annotations

import asyncio
import hashlib
import json
from datetime import UTC

import pytest
from sqlalchemy.exc import DBAPIError
from tests.integration.audit.conftest import AuditLog

from cec_chassis.audit.chain import BEGINNING, FIELDS
from cec_chassis.audit.verify import ToldHead

ALPHABET = tuple("abcdefgh")


def places(verdict: object) -> list[int | None]:
    return [fault.position for fault in verdict.faults]  # type: ignore[attr-defined]


async def sealed(log: AuditLog) -> None:
    await log.write(*ALPHABET)
    assert await log.seal() == len(ALPHABET)


async def test_rows_are_sealed_in_batches_and_found_sound(log: AuditLog) -> None:
    await log.write(*ALPHABET)
    verdict = await log.verdict()
    assert (verdict.checked, verdict.unsealed, verdict.sound) == (0, len(ALPHABET), True)
    assert await log.seal(batch=3) == len(ALPHABET)
    verdict = await log.verdict()
    assert (verdict.first, verdict.last, verdict.checked, verdict.unsealed) == (1, 8, 8, 0)
    assert verdict.sound
    assert verdict.head == (await log.hash_at(8)).hash
    assert (await log.verdict(start=5)).checked == 4


async def test_anybody_can_compute_the_hashes_with_nothing_but_a_json_library(log: AuditLog) -> None:
    await sealed(log)
    previous = BEGINNING
    for position in range(1, 9):
        row = await log.superuser.fetchrow(
            "SELECT *, before::text AS b, after::text AS a FROM audit_log WHERE id = $1", await log.id_at(position)
        )
        assert row is not None
        fields = dict(row) | {"before": row["b"], "after": row["a"]}
        fields["at"] = row["at"].astimezone(UTC).isoformat(timespec="microseconds")
        text = json.dumps([fields[name] for name in FIELDS], default=str, ensure_ascii=False, separators=(",", ":"))
        previous = hashlib.sha256(previous + text.encode()).digest()
        assert previous.hex() == (await log.hash_at(position)).hash


@pytest.mark.parametrize("table", ["audit_log", "audit_seals"])
@pytest.mark.parametrize("statement", ["UPDATE {} SET {} = {}", "DELETE FROM {}", "TRUNCATE {}"])
async def test_the_service_itself_can_neither_change_nor_remove_nor_empty(
    log: AuditLog, table: str, statement: str
) -> None:
    await sealed(log)
    column = {"audit_log": "reason", "audit_seals": "hash"}[table]
    with pytest.raises(DBAPIError, match="permission denied"):
        async with log.database.transaction() as tx:
            await tx.execute(statement.format(table, column, column))


@pytest.mark.parametrize(
    "statement", ["UPDATE audit_log SET reason = ''", "DELETE FROM audit_seals", "TRUNCATE audit_log"]
)
async def test_a_right_taken_back_does_not_help_against_the_triggers(log: AuditLog, statement: str) -> None:
    """Whoever owns the tables can give themselves the right again."""
    await sealed(log)
    with pytest.raises(DBAPIError, match="append-only"):
        await _with_rights(log, statement)


async def _with_rights(log: AuditLog, statement: str) -> None:
    async with log.database.transaction() as tx:
        await tx.execute("GRANT ALL ON audit_log, audit_seals TO CURRENT_USER")
        await tx.execute(statement)


@pytest.mark.parametrize("column", ["at", "account_id", "actor_name", "organisation_id", "look", "reason", "after"])
async def test_a_changed_row_is_found(log: AuditLog, column: str) -> None:
    await sealed(log)
    other = {
        "at": "at + interval '1 microsecond'",
        "account_id": "gen_random_uuid()",
        "actor_name": "'某乙'",
        "organisation_id": "NULL",
        "look": "true",
        "reason": "'另有原因'",
        "after": """'{"n": [1.50], "word": "d"}'::jsonb""",
    }[column]
    await log.tamper(f"UPDATE audit_log SET {column} = {other} WHERE id = $1", await log.id_at(4))
    verdict = await log.verdict()
    assert not verdict.sound
    assert [(fault.position, fault.entry_id) for fault in verdict.faults] == [(4, await log.id_at(4))]


async def test_a_row_that_was_removed_is_found(log: AuditLog) -> None:
    await sealed(log)
    gone = await log.id_at(3)
    await log.tamper("DELETE FROM audit_log WHERE id = $1", gone)
    verdict = await log.verdict()
    assert [(fault.position, fault.entry_id) for fault in verdict.faults] == [(3, gone)]


async def test_a_row_that_was_removed_with_its_seal_is_found(log: AuditLog) -> None:
    await sealed(log)
    await log.tamper("DELETE FROM audit_log WHERE id = $1", await log.id_at(3))
    await log.tamper("DELETE FROM audit_seals WHERE position = 3")
    assert places(await log.verdict()) == [3, 4]
    await log.tamper("UPDATE audit_seals SET position = position - 1 WHERE position > 3")
    assert places(await log.verdict()) == [3]


async def test_a_row_that_was_put_in_between_is_found(log: AuditLog) -> None:
    await sealed(log)
    await log.tamper(
        "INSERT INTO audit_log SELECT gen_random_uuid(), at, account_id, role, action, subject_type, 'forged', reason, "
        "before, after, request_id, actor_name, organisation_id FROM audit_log WHERE id = $1",
        await log.id_at(4),
    )
    verdict = await log.verdict()
    assert places(verdict) == [None]
    assert verdict.unsealed == 0
    await log.tamper("UPDATE audit_seals SET position = position + 1000")
    await log.tamper("UPDATE audit_seals SET position = position - CASE WHEN position > 1004 THEN 999 ELSE 1000 END")
    await log.tamper("INSERT INTO audit_seals SELECT 5, id, sha256('x'), at FROM audit_log WHERE subject_id = 'forged'")
    assert places(await log.verdict())[0] == 5


async def test_two_rows_that_changed_places_are_found(log: AuditLog) -> None:
    await sealed(log)
    third, sixth = await log.id_at(3), await log.id_at(6)
    await log.tamper(
        "UPDATE audit_seals SET entry_id = CASE position WHEN 3 THEN $2::uuid ELSE $1::uuid END WHERE position IN (3, 6)",
        third,
        sixth,
    )
    assert places(await log.verdict()) == [3, 6]


async def test_contents_that_changed_places_are_found(log: AuditLog) -> None:
    await sealed(log)
    third, sixth = await log.id_at(3), await log.id_at(6)
    await log.tamper(
        "UPDATE audit_log SET subject_id = CASE id WHEN $1::uuid THEN 'f' ELSE 'c' END WHERE id IN ($1, $2)",
        third,
        sixth,
    )
    assert places(await log.verdict()) == [3, 6]


async def test_a_tail_that_was_cut_off_with_its_seals_is_found_by_a_head_that_was_told(log: AuditLog) -> None:
    await sealed(log)
    told = [await log.hash_at(4), await log.hash_at(7)]
    await log.tamper("DELETE FROM audit_log WHERE id IN (SELECT entry_id FROM audit_seals WHERE position > 5)")
    await log.tamper("DELETE FROM audit_seals WHERE position > 5")
    assert (await log.verdict()).sound, "the chain alone cannot know that it was longer"
    verdict = await log.verdict(*told)
    assert places(verdict) == [7]
    assert verdict.heads_compared == 1


async def test_a_tail_whose_seals_alone_were_cut_off_is_found(log: AuditLog) -> None:
    await sealed(log)
    await log.tamper("DELETE FROM audit_seals WHERE position > 5")
    verdict = await log.verdict()
    assert (places(verdict), verdict.unsealed) == ([None, None, None], 0)


async def test_a_chain_that_was_made_anew_is_found_by_a_head_that_was_told(log: AuditLog) -> None:
    await sealed(log)
    told = await log.hash_at(6)
    await log.tamper("UPDATE audit_log SET reason = '另有原因' WHERE id = $1", await log.id_at(2))
    await log.tamper("DELETE FROM audit_seals")
    await log.tamper("INSERT INTO audit_unsealed SELECT id, at FROM audit_log")
    assert await log.seal() == len(ALPHABET)
    assert (await log.verdict()).sound
    assert places(await log.verdict(told)) == [6]
    assert (await log.verdict(ToldHead("credits", 6, told.hash))).sound, "the head of another service says nothing here"


async def test_a_row_that_is_taken_away_before_its_seal_leaves_a_hole_in_the_chain(log: AuditLog) -> None:
    await log.write("a", "b", "c")
    await log.tamper("DELETE FROM audit_log WHERE subject_id = 'b'")
    assert await log.seal() == 3
    assert places(await log.verdict()) == [2]


async def test_a_transaction_that_commits_late_is_not_passed_over(log: AuditLog) -> None:
    """Its row is older than rows that are sealed already."""
    begun, may_end = asyncio.Event(), asyncio.Event()

    async def slow() -> None:
        async with log.database.transaction() as tx:
            tx.audit("word.said", subject_type="word", subject_id="slow")
            await tx.flush()
            begun.set()
            await may_end.wait()

    task = asyncio.create_task(slow())
    await begun.wait()
    await log.write("quick")
    assert await log.seal() == 1
    may_end.set()
    await task
    assert await log.seal() == 1
    rows = await log.superuser.fetch(
        "SELECT subject_id FROM audit_log JOIN audit_seals ON entry_id = id ORDER BY position"
    )
    assert [row["subject_id"] for row in rows] == ["quick", "slow"]
    assert (await log.verdict()).sound


async def test_many_writers_and_two_sealers_make_one_sound_chain(log: AuditLog) -> None:
    writing = asyncio.gather(*(log.write(*(f"{writer}-{n}" for n in range(20))) for writer in range(4)))
    while not writing.done():
        await asyncio.gather(log.seal(batch=7), log.seal(batch=7))
        await asyncio.sleep(0)
    await writing
    await log.seal()
    verdict = await log.verdict()
    assert (verdict.checked, verdict.last, verdict.unsealed) == (80, 80, 0)
    assert verdict.sound


async def test_a_chain_cut_off_in_the_middle_of_sealing_goes_on_where_it_was(log: AuditLog) -> None:
    await log.write(*ALPHABET)
    await log.superuser.execute("ALTER TABLE audit_seals ADD CONSTRAINT no_more CHECK (position < 4) NOT VALID")
    with pytest.raises(DBAPIError, match="no_more"):
        await log.seal(batch=1)
    await log.superuser.execute("ALTER TABLE audit_seals DROP CONSTRAINT no_more")
    assert await log.seal() == 5
    assert (await log.verdict()).sound
