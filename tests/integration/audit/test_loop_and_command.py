"""The worker's sealer, the heads it tells, and the command that verifies."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import msgspec
import pytest
from structlog.testing import capture_logs
from tests.integration.audit.conftest import NOW, SERVICE, AuditLog
from tests.support.eventually import eventually
from typer.testing import CliRunner

from cec_chassis.audit.commands import report, told_heads
from cec_chassis.audit.heads import tell_head
from cec_chassis.audit.loop import TELL_EVERY, keep_sealing, measure_audit
from cec_chassis.audit.verify import ToldHead
from cec_chassis.cli import service_cli
from cec_chassis.clock import FixedClock
from cec_chassis.service import Runtime
from cec_chassis.telemetry import GAUGES
from cec_contracts.audit import REVIEW_AUDIT_HEAD, AuditHead
from cec_review.service import SERVICE as REVIEW


@asynccontextmanager
async def sealing(log: AuditLog) -> AsyncIterator[tuple[Runtime, FixedClock]]:
    clock, stop = FixedClock(NOW), asyncio.Event()
    runtime = _runtime(log, clock)
    task = asyncio.create_task(keep_sealing(runtime, stop, every=0.02))
    try:
        yield runtime, clock
    finally:
        stop.set()
        await task
        await runtime.close()


async def told(log: AuditLog) -> list[AuditHead]:
    rows = await log.superuser.fetch(
        "SELECT data::text FROM outbox WHERE type = $1 ORDER BY seq", REVIEW_AUDIT_HEAD.name
    )
    return [msgspec.json.decode(row["data"], type=AuditHead) for row in rows]


async def test_the_worker_seals_and_tells_the_head_every_ten_minutes_while_it_grows(log: AuditLog) -> None:
    async with sealing(log) as (_, clock):
        await log.write("a", "b")
        await eventually(lambda: _sealed(log, 2))
        assert await told(log) == []
        clock.advance(TELL_EVERY)
        await eventually(lambda: _told(log, 1))
        [head] = await told(log)
        assert (head.service, head.position, head.hash) == (SERVICE, 2, (await log.hash_at(2)).hash)
        clock.advance(TELL_EVERY * 2)  # nothing was written meanwhile
        await log.write("c")
        await eventually(lambda: _sealed(log, 3))
        clock.advance(TELL_EVERY * 2)
        await eventually(lambda: _told(log, 2))
    assert [head.position for head in await told(log)] == [2, 3]


async def test_a_head_is_told_once_by_many_workers_and_stands_in_the_log(log: AuditLog) -> None:
    assert not await tell_head(log.database, SERVICE, REVIEW_AUDIT_HEAD, NOW), "there is none yet"
    await log.write("a")
    await log.seal()
    with capture_logs() as logs:
        for _ in range(3):
            await tell_head(log.database, SERVICE, REVIEW_AUDIT_HEAD, NOW)
    assert len(await told(log)) == 1
    lines = [line for line in logs if line["event"] == "audit.head"]
    assert [(line["position"], line["hash"]) for line in lines] == [(1, (await log.hash_at(1)).hash)]


async def test_a_service_that_publishes_nothing_tells_its_head_in_the_log(log: AuditLog) -> None:
    await log.write("a")
    await log.seal()
    with capture_logs() as logs:
        assert await tell_head(log.database, "reporting", None, NOW)
    assert [line["service"] for line in logs] == ["reporting"]
    assert await told(log) == []


async def test_the_gauge_says_how_long_the_oldest_row_waits(log: AuditLog) -> None:
    runtime = _runtime(log, FixedClock(NOW))
    await measure_audit(runtime)
    assert _gauge() == 0
    await log.superuser.execute("INSERT INTO audit_unsealed VALUES (gen_random_uuid(), now() - interval '1 hour')")
    await measure_audit(runtime)
    assert _gauge() == pytest.approx(3600, abs=60)
    await runtime.close()


def test_heads_are_read_from_lines_of_a_log_among_others(tmp_path: Path) -> None:
    file = tmp_path / "log"
    head = {"service": "review", "position": 3, "hash": "ab" * 32}
    file.write_text(f'no json\n{{"event": "x"}}\n{msgspec.json.encode({**head, "event": "audit.head"}).decode()}\n')
    assert told_heads(file) == [ToldHead(**head)]  # type: ignore[arg-type]
    assert told_heads(None) == []


async def test_the_command_says_from_where_to_where_and_ends_with_one_when_broken(
    log: AuditLog, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("CEC_SERVICE_DATABASE_URL", log.database.dsn)
    monkeypatch.setenv("CEC_AMQP_URL", "amqp://127.0.0.1:1/")
    await log.write(*"abcdef")
    await log.seal()
    await log.write("g")
    heads = tmp_path / "heads"
    heads.write_bytes(msgspec.json.encode(await log.hash_at(5)) + b"\n")
    status, text = await _run("audit", "verify", "--heads", str(heads))
    assert status == 0
    assert "verified positions 1 to 6, 6 rows" in text
    assert f"head 6 {(await log.hash_at(6)).hash}" in text
    assert "heads told outside and compared: 1" in text
    assert "not sealed yet: 1 rows" in text

    second = await log.id_at(2)
    await log.tamper("UPDATE audit_log SET reason = '' WHERE id = $1", second)
    status, text = await _run("audit", "verify")
    assert status == 1
    assert f"BROKEN position 2 row {second}" in text
    status, text = await _run("audit", "verify", "--from", "3")
    assert (status, "verified positions 3 to 6, 4 rows" in text) == (0, True)


async def test_a_log_that_is_broken_everywhere_is_told_in_twenty_lines(log: AuditLog) -> None:
    await log.write(*(str(number) for number in range(30)))
    await log.seal()
    await log.tamper("UPDATE audit_log SET reason = ''")
    lines = report(await log.verdict(), NOW + timedelta(days=1))
    assert len([line for line in lines if line.startswith("BROKEN position")]) == 20
    assert "BROKEN at 10 more places" in lines


def _runtime(log: AuditLog, clock: FixedClock) -> Runtime:
    return Runtime(
        REVIEW, msgspec.structs.replace(REVIEW.documentation_settings(), database_url=log.database.dsn), clock
    )


async def _run(*words: str) -> tuple[int, str]:
    """In a thread: the command has an event loop of its own."""
    result: Any = await asyncio.to_thread(CliRunner().invoke, service_cli(REVIEW), list(words))
    return result.exit_code, result.output


async def _sealed(log: AuditLog, count: int) -> bool:
    return bool(await log.superuser.fetchval("SELECT count(*) = $1 FROM audit_seals", count))


async def _told(log: AuditLog, count: int) -> bool:
    return len(await told(log)) == count


def _gauge() -> float:
    [reading] = [r for r in GAUGES.snapshot()["cec.audit.unsealed"] if r.labels["service"] == SERVICE]
    return reading.value
