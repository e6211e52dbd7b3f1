"""Every standing computed anew while live work goes on."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import date, datetime
from decimal import Decimal
from uuid import UUID, uuid5

import pytest
from tests.component.credits.town import CASE, Town, a_record, also_a
from tests.support.facts import approval_of, attendance_of, practitioner_of

from cec_chassis.database import Database, Transaction
from cec_chassis.ids import new_id
from cec_contracts.vocabulary import Purpose
from cec_credits.recalculation import cases as marked
from cec_credits.recalculation.rebuild import run
from cec_credits.recalculation.rebuild.everybody import Everybody
from cec_credits.recalculation.rebuild.run import RebuildRunning, rebuild
from cec_credits.rulesets.edition import Edition, PublishedRules, Rules
from cec_credits.statements.facts import load_cases


async def standings(town: Town) -> dict[UUID, tuple[str, int]]:
    rows = await town.rows("SELECT practitioner_id, digest, version FROM standings WHERE profession = '2'")
    return {row.practitioner_id: (row.digest, row.version) for row in rows}


async def populate(town: Town, people: int) -> list[UUID]:
    persons = [await town.settle_in() for _ in range(people)]
    for person in persons:
        await town.attend(person, "根管治療")
    return persons


def before_the_switch(monkeypatch: pytest.MonkeyPatch, happens: Callable[[], Awaitable[None]]) -> None:
    """Something happens when every stretch is computed and the old table still stands."""
    put_in_place = run._put_in_place

    async def later(database: Database) -> int:
        await happens()
        return await put_in_place(database)

    monkeypatch.setattr(run, "_put_in_place", later)


async def test_what_was_right_stays_as_it_was_and_is_no_news(town: Town) -> None:
    await populate(town, 5)
    before, told = await standings(town), len(await town.told())
    result = await rebuild(town.database, size=2)
    await town.recalculate()
    assert (result.standings, result.differing, result.failed) == (5, 0, 0)
    assert await standings(town) == before
    assert len(await town.told()) == told
    assert await indexes(town) == {"standings_pkey", "standings_due"}


async def test_what_was_wrong_or_missing_is_right_afterwards_and_becomes_news(town: Town) -> None:
    wrong, missing, fine = await populate(town, 3)
    right = await standings(town)
    async with town.database.transaction() as tx:
        await tx.execute("UPDATE standings SET digest = 'x', summary = '{}' WHERE practitioner_id = :id", id=wrong)
        await tx.execute("DELETE FROM standings WHERE practitioner_id = :id", id=missing)
    told = len(await town.told())
    assert (await rebuild(town.database, size=2)).differing == 2
    statement = await town.get(f"/statements/{wrong}/2")
    assert (statement["valid"], statement["freshness"]) == ("3.60", "working")
    await town.recalculate()
    after = await standings(town)
    assert {person: digest for person, (digest, _) in after.items()} == {p: digest for p, (digest, _) in right.items()}
    assert {person: version for person, (_, version) in after.items()} == {wrong: 3, missing: 1, fine: 2}
    assert {news.subject for news in (await town.told())[told:]} == {f"{wrong}:2", f"{missing}:2"}


async def test_a_change_that_is_worked_in_during_the_rebuild_is_not_lost(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    changed, _ = await populate(town, 2)
    newcomer = new_id()

    async def live_work() -> None:
        await town.attend(changed, "牙周病", on="2025-03-02")
        await town.settle_in(person=newcomer)

    before_the_switch(monkeypatch, live_work)
    assert (await rebuild(town.database)).differing == 0
    assert (await town.get(f"/statements/{changed}/2"))["valid"] == "7.20"
    assert (await standings(town))[changed][1] == 3
    assert newcomer in await standings(town)


async def test_a_change_that_waits_at_the_switch_is_worked_in_after_it(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    changed, _ = await populate(town, 2)
    course = uuid5(changed, "根管治療")

    async def a_fact_arrives() -> None:
        monkeypatch.setattr(Town, "recalculate", lambda _town: _nothing())
        await town.tell(attendance_of(changed, course, "2", "learner", 2, minutes=90))
        monkeypatch.undo()

    before_the_switch(monkeypatch, a_fact_arrives)
    await rebuild(town.database)
    assert (await town.get(f"/statements/{changed}/2"))["freshness"] == "working"
    await town.recalculate()
    assert (await town.get(f"/statements/{changed}/2"))["valid"] == "1.80"


async def test_live_work_goes_on_after_the_switch_on_the_same_connections(town: Town) -> None:
    [person] = await populate(town, 1)
    await town.get(f"/statements/{person}/2")
    await rebuild(town.database)
    await town.attend(person, "牙周病", on="2025-03-02")
    assert (await town.get(f"/statements/{person}/2"))["valid"] == "7.20"


class Broken(Rules):
    """Fails in the middle."""

    async def edition(self, tx: Transaction, known_by: datetime | None = None) -> Edition:
        raise OSError("the disk is full")


async def test_a_rebuild_that_fails_leaves_everything_as_it_was(town: Town) -> None:
    [person] = await populate(town, 1)
    before = await standings(town)
    with pytest.raises(ExceptionGroup):
        await rebuild(town.database, Broken())
    assert await standings(town) == before
    assert await town.rows("SELECT 1 FROM pg_tables WHERE tablename = 'standings_rebuilding'") == []
    assert await town.rows("SELECT 1 FROM pg_trigger WHERE tgname LIKE 'touched%'") == []
    await town.attend(person, "牙周病", on="2025-03-02")
    assert await town.rows("SELECT 1 FROM rebuild_touched") == []


async def test_two_rebuilds_at_once_are_refused(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    await populate(town, 1)
    refused: list[bool] = []

    async def a_second_one() -> None:
        monkeypatch.undo()
        with pytest.raises(RebuildRunning):
            await rebuild(town.database)
        refused.append(True)

    before_the_switch(monkeypatch, a_second_one)
    await rebuild(town.database)
    assert refused == [True]


async def test_a_rebuild_reads_the_same_facts_as_recalculation_and_a_statement(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Corrected, withdrawn, not credited, of another profession, without approval: three ways to read, one answer."""
    person = new_id()
    await town.tell(also_a("A", practitioner_of(CASE, person)))
    await town.attend(person, "whole")
    part = await town.attend(person, "part", on="2025-03-02")
    gone = await town.attend(person, "gone", on="2025-03-03")
    void = await town.attend(person, "void", on="2025-03-04")
    other, unlawful = uuid5(person, "other"), await town.attend(person, "unlawful", on="2025-03-06")
    emptied = await town.attend(person, "emptied", on="2025-03-07")
    care = await town.attend(person, "care", on="2025-03-08")
    for_care = [Purpose.LONG_TERM_CARE]
    await town.tell(
        attendance_of(person, part, "2", "learner", 2, minutes=100),
        attendance_of(person, gone, "2", "learner", 2, status="withdrawn"),
        approval_of(void, a_record("2025-03-04"), "2", Decimal("3.60"), 2, status="withdrawn"),
        approval_of(unlawful, a_record("2025-03-06"), "2", Decimal("3.60"), 2, status="withdrawn", article="18(2)"),
        approval_of(emptied, a_record("2025-03-07"), "A", Decimal("3.60"), 2, article="18(2)"),
        approval_of(care, a_record("2025-03-08"), "2", Decimal("3.60"), 2, purposes=for_care),
        approval_of(other, a_record("2025-03-05"), "2", Decimal("3.60")),
        attendance_of(person, other, "A", "learner"),
        attendance_of(person, uuid5(person, "unknown"), "2", "learner"),
    )
    today = date(2026, 3, 2)
    async with town.database.reading() as tx:
        slow = await load_cases(tx, [(person, "2"), (person, "A")], today)
        fast = list((await Everybody().between(tx, UUID(int=0), person, today))[0])
        monkeypatch.setattr(marked, "FEW", 0)
        marked_people = await marked.load_marked(tx, [(person, "2"), (person, "A")], today)
    assert by_profession(marked_people) == by_profession(slow)
    assert [who for who, _ in marked_people] == [who for who, _ in slow]
    assert by_profession(fast) == by_profession(slow)
    assert None not in {record.content for record in slow[0][1].records}
    assert len(by_profession(slow)["2"]) == 7
    [[_, case], _] = slow
    assert sorted(record.void for record in case.records if record.void) == [
        "APPROVAL_WITHDRAWN",
        "ATTENDANCE_WITHDRAWN",
        "RECOGNITION_VOID",
        "RECOGNITION_VOID",
        "WRONG_PURPOSE",
    ]
    assert [case.licence for _, case in fast] == [case.licence for _, case in slow]
    assert [who for who, _ in fast] == [who for who, _ in slow]


async def test_approvals_beyond_what_is_remembered_are_read_again(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    from cec_credits.recalculation.rebuild import everybody

    monkeypatch.setattr(everybody, "REMEMBERED", 1)
    for person in await populate(town, 3):
        await town.attend(person, "牙周病", on="2025-03-02")
    before = await standings(town)
    assert (await rebuild(town.database, PublishedRules(), size=1)).differing == 0
    assert await standings(town) == before


def by_profession(cases: object) -> dict[str, list[object]]:
    return {case.profession: sorted(case.records, key=lambda r: r.id) for _, case in cases}  # type: ignore[attr-defined]


async def indexes(town: Town) -> set[str]:
    return {row.indexname for row in await town.rows("SELECT indexname FROM pg_indexes WHERE tablename = 'standings'")}


async def _nothing() -> None:
    return None


async def test_several_processes_share_the_work(town: Town) -> None:
    await populate(town, 5)
    before = await standings(town)
    result = await rebuild(town.database, size=1, processes=2)
    assert (result.standings, result.differing, result.failed) == (5, 0, 0)
    assert await standings(town) == before
