"""A long file becomes a job: workers share it, a killed one costs nothing, only its sender sees it, its result goes."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from datetime import timedelta
from typing import Any

import pytest
from tests.component.credits_batch.desk import BatchDesk, a_csv, an_id, attended, courses, told_of
from tests.conftest import MakeDatabase
from tests.support.tokens import an_actor

from cec_chassis.database import Database
from cec_credits.batch import loop
from cec_credits.batch.cases import Cases
from cec_credits.batch.loop import answer_a_piece, keep_answering_batches, remove_expired

ROWS = 2_100
PIECES = 5


@pytest.fixture
async def town(desk: BatchDesk) -> BatchDesk:
    """Two nurses whom the file names again and again, and nobody else."""
    await desk.take_in(told_of(1), told_of(2), *courses(10), *attended(1, 10))
    await desk.recalculate()
    return desk


def a_long_file(rows: int = ROWS) -> bytes:
    return a_csv([(an_id(1 + at % 2),) for at in range(rows)])


async def a_job(town: BatchDesk, key: str = "") -> dict[str, Any]:
    answer = await town.send(a_long_file(), "by=method&format=xlsx", key=key)
    assert answer.status_code == 202, answer.text
    job: dict[str, Any] = answer.json()
    assert (job["state"], job["rows"], job["rows_done"]) == ("queued", ROWS, 0)
    assert answer.headers["location"].endswith(f"/batches/{job['batch_id']}")
    return job


async def test_a_job_is_worked_in_pieces_and_collected(town: BatchDesk) -> None:
    job = await a_job(town)
    path = f"/batches/{job['batch_id']}"
    early = await town.fetch(f"{path}/result.json")
    assert (early.status_code, early.json()["type"]) == (409, "/problems/batch-not-done")
    assert early.headers["retry-after"] == "5"
    assert early.json()["detail"] == (
        f"已答覆 0 列，共 {ROWS:,} 列；請於 5 秒後再取結果"
        f" / 0 of {ROWS:,} rows are answered; collect the result again in 5 seconds"
    )
    assert await answer_a_piece(town.database, town.rules, town.cases)
    progress = (await town.fetch(path)).json()
    assert (progress["state"], progress["rows_done"]) == ("running", 500)
    assert await town.work() == PIECES - 1
    progress = (await town.fetch(path)).json()
    assert (progress["state"], progress["rows_done"]) == ("done", ROWS)
    answer = (await town.fetch(f"{path}/result.json")).json()
    assert [line["row"] for line in answer["lines"]] == list(range(2, ROWS + 2))
    assert {line["figures"]["valid"] for line in answer["lines"]} == {"20.00", "0.00"}
    assert (await town.fetch(f"{path}/result.xlsx")).content.startswith(b"PK")
    assert (await town.fetch(f"{path}/result.csv")).content.startswith(b"\xef\xbb\xbf")


async def test_no_national_id_is_kept(town: BatchDesk) -> None:
    await a_job(town)
    kept = await town.rows("SELECT CAST(asked AS text) AS asked FROM batch_pieces")
    assert all(an_id(1) not in row.asked for row in kept)
    await town.work()
    kept = await town.rows("SELECT CAST(asked AS text) AS asked, answered FROM batch_pieces")
    assert {row.asked for row in kept} == {"[]"}
    assert all(an_id(1) not in row.answered for row in kept)


async def test_nobody_else_sees_it_and_who_tries_is_remembered(town: BatchDesk) -> None:
    job = await a_job(town)
    await town.work()
    for other in (an_actor("system_administrator"), an_actor("review_unit")):
        for path in (f"/batches/{job['batch_id']}", f"/batches/{job['batch_id']}/result.json"):
            assert (await town.fetch(path, other)).status_code == 404
        tried = await town.rows(
            "SELECT action, subject_id, look, after FROM audit_log WHERE account_id = :other ORDER BY id",
            other=other.account_id,
        )
        assert [row.action for row in tried] == ["batch.read_refused", "batch.collected_refused"]
        assert {(row.subject_id, row.look, row.after["refused"]) for row in tried} == {
            (job["batch_id"], True, "not-found")
        }


async def test_the_same_file_under_one_key_is_one_job(town: BatchDesk) -> None:
    first = await a_job(town, key="once")
    second = await a_job(town, key="once")
    assert first["batch_id"] == second["batch_id"]


@pytest.mark.parametrize("nth", [1, 3, PIECES])
async def test_a_worker_killed_in_a_piece_costs_nothing(town: BatchDesk, nth: int) -> None:
    job = await a_job(town)
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "tests.component.credits_batch.crashing_worker",
        town.runtime.settings.database_url,
        env=os.environ | {"CEC_FAILPOINT": f"command.before_commit:{nth}:exit137"},
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.DEVNULL,
    )
    assert await asyncio.wait_for(process.wait(), 30) == -signal.SIGKILL
    left = (await town.fetch(f"/batches/{job['batch_id']}")).json()
    assert left["rows_done"] == 500 * (nth - 1)
    async with asyncio.timeout(10):  # the server lets go of the dead one's piece as soon as its connection is gone
        while (await town.fetch(f"/batches/{job['batch_id']}")).json()["state"] != "done":
            await town.work()
            await asyncio.sleep(0.02)
    lines = (await town.fetch(f"/batches/{job['batch_id']}/result.json")).json()["lines"]
    assert [line["row"] for line in lines] == list(range(2, ROWS + 2))
    audited = await town.rows("SELECT count(*) AS n FROM audit_log WHERE action = 'statement.read_in_batch'")
    assert audited[0].n == 2 * PIECES, "each person once in each piece, however often somebody began it"


async def test_several_workers_share_a_job(town: BatchDesk) -> None:
    job = await a_job(town)
    others = [Database(town.runtime.settings.database_url, town.clock, pool_size=1) for _ in range(3)]
    shares = await asyncio.gather(*(_work(database, town) for database in others))
    for database in others:
        await database.close()
    assert sum(shares) == PIECES
    assert (await town.fetch(f"/batches/{job['batch_id']}")).json()["rows_done"] == ROWS


async def _work(database: Database, town: BatchDesk) -> int:
    pieces = 0
    while await answer_a_piece(database, town.rules, Cases()):
        pieces += 1
    return pieces


async def test_the_result_is_kept_for_its_time_and_then_gone_with_a_word_why(town: BatchDesk) -> None:
    job = await a_job(town)
    path = f"/batches/{job['batch_id']}"
    await town.work()
    assert job["result_until"] == (town.clock.now() + timedelta(hours=24)).isoformat().replace("+00:00", "Z")
    town.clock.advance(timedelta(hours=23, minutes=59, seconds=59))
    await remove_expired(town.database)
    for form in ("json", "csv", "xlsx"):
        assert (await town.fetch(f"{path}/result.{form}")).status_code == 200
    assert (await town.fetch(path)).json()["result_removed"] is False
    town.clock.advance(timedelta(seconds=1))
    await remove_expired(town.database)
    for form in ("json", "csv", "xlsx"):
        gone = await town.fetch(f"{path}/result.{form}")
        assert (gone.status_code, gone.json()["type"]) == (410, "/problems/batch-result-removed")
        assert "已逾保存期限" in gone.json()["detail"]
        assert "no longer kept" in gone.json()["detail"]
    assert (await town.fetch(path)).json()["result_removed"] is True
    assert await town.rows("SELECT 1 FROM batch_pieces") == []


async def test_a_job_that_was_never_finished_ends_when_its_time_is_up(town: BatchDesk) -> None:
    job = await a_job(town)
    assert await answer_a_piece(town.database, town.rules, town.cases)
    town.clock.advance(timedelta(hours=24))
    await remove_expired(town.database)
    assert await town.work() == 0
    left = (await town.fetch(f"/batches/{job['batch_id']}")).json()
    assert (left["state"], left["error"], left["result_removed"]) == ("failed", "expired", True)


async def test_a_hundred_thousand_rows_are_a_job_and_one_more_is_refused_by_name(town: BatchDesk) -> None:
    whole = await town.send(a_csv([("P000001",)] * 100_000, ["number"]))
    assert whole.status_code == 202, whole.text
    assert (whole.json()["rows"], whole.json()["state"]) == (100_000, "queued")
    [kept] = await town.rows("SELECT count(*) AS pieces, sum(jsonb_array_length(asked)) AS rows FROM batch_pieces")
    assert (kept.pieces, kept.rows) == (200, 100_000)
    refused = await town.send(a_csv([("P000001",)] * 100_001, ["number"]))
    assert (refused.status_code, refused.json()["type"]) == (422, "/problems/too-many-rows")
    assert [error["path"] for error in refused.json()["errors"]] == ["rows[100002]"], (
        "its line; the header is the first"
    )
    assert len(await town.rows("SELECT 1 FROM batch_jobs")) == 1


async def test_a_piece_that_cannot_be_answered_fails_the_job(town: BatchDesk) -> None:
    job = await a_job(town)
    async with town.database.transaction() as tx:
        await tx.execute("UPDATE batch_pieces SET asked = '[{}]' WHERE piece = 1")
    assert await town.work() == 2
    failed = (await town.fetch(f"/batches/{job['batch_id']}")).json()
    assert (failed["state"], failed["error"]) == ("failed", "ValidationError")
    result = await town.fetch(f"/batches/{job['batch_id']}/result.json")
    assert (result.status_code, result.json()["type"]) == (409, "/problems/batch-failed")


async def test_the_loop_of_the_worker_does_it(town: BatchDesk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(loop, "POLL_SECONDS", 0.02)
    stop = asyncio.Event()
    task = asyncio.create_task(keep_answering_batches(town.runtime, stop))
    job = await a_job(town)
    async with asyncio.timeout(20):
        while (await town.fetch(f"/batches/{job['batch_id']}")).json()["state"] != "done":
            await asyncio.sleep(0.05)
    stop.set()
    await task


async def test_jobs_of_one_row_more_than_is_answered_at_once(town: BatchDesk, make_database: MakeDatabase) -> None:
    assert (await town.send(a_long_file(1_000))).status_code == 200
    assert (await town.send(a_long_file(1_001))).status_code == 202
