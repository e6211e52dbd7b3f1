"""Commands with one piece of news and one audit row each: with the chain behind them, and without any."""

from __future__ import annotations

import asyncio
import contextlib
import time
from dataclasses import dataclass

from cec_chassis.audit.loop import EVERY_SECONDS
from cec_chassis.audit.seal import seal_some
from cec_chassis.audit.verify import verify
from cec_chassis.clock import SystemClock
from cec_chassis.context import Actor, CommandContext
from cec_chassis.database import Database
from cec_chassis.ids import new_id
from cec_contracts.audit import REVIEW_AUDIT_HEAD, AuditHead

WRITERS = 4
COMMANDS = 3_000
ROUNDS = 3


@dataclass(frozen=True)
class Rates:
    """Commands, sealed rows and verified rows a second."""

    bare: float
    chained: float
    sealed: float
    verified: float


async def measure(database_url: str) -> Rates:
    """By turns, the best of each; then how quick sealing and verifying are with the machine to themselves."""
    database = Database(database_url, SystemClock(), pool_size=WRITERS + 1)
    try:
        found: dict[bool, list[float]] = {False: [], True: []}
        for _ in range(ROUNDS):
            for chained, rates in found.items():
                rates.append(await _commands(database, chained=chained))
        await _write(database, COMMANDS)
        begun = time.perf_counter()
        sealed = await _seal_all(database)
        seconds = time.perf_counter() - begun
        begun = time.perf_counter()
        verdict = await verify(database, "review")
        return Rates(
            max(found[False]), max(found[True]), sealed / seconds, verdict.checked / (time.perf_counter() - begun)
        )
    finally:
        await database.close()


async def _commands(database: Database, *, chained: bool) -> float:
    """Commands a second of several writers, and with the chain until the last row is sealed."""
    async with database.transaction() as tx:
        await tx.execute(f"ALTER TABLE audit_log {'ENABLE' if chained else 'DISABLE'} TRIGGER audit_written")
    stop = asyncio.Event()
    sealer = asyncio.create_task(_keep_sealing(database, stop)) if chained else None
    begun = time.perf_counter()
    await asyncio.gather(*(_write(database, COMMANDS // WRITERS) for _ in range(WRITERS)))
    if sealer is not None:
        stop.set()
        await sealer
    return COMMANDS / (time.perf_counter() - begun)


async def _write(database: Database, count: int) -> None:
    body = AuditHead(service="review", position=1, hash="0" * 64, sealed_at=database.clock.now())
    for number in range(count):
        actor = Actor(new_id(), "review_unit", "某甲", new_id())
        async with database.transaction(CommandContext(actor, "request")) as tx:
            tx.publish(REVIEW_AUDIT_HEAD, subject=new_id(), sequence=1, body=body)
            tx.audit("case.decided", subject_type="case", subject_id=new_id(), reason="因為", after={"number": number})


async def _keep_sealing(database: Database, stop: asyncio.Event) -> None:
    while not stop.is_set():
        await _seal_all(database)
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(stop.wait(), EVERY_SECONDS)
    await _seal_all(database)


async def _seal_all(database: Database) -> int:
    total = 0
    while sealed := await seal_some(database):
        total += sealed
    return total
