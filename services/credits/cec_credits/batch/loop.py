"""Works batch jobs off, piece by piece, for as long as the worker lives, and removes what was kept long enough.

A piece is answered in one transaction: a worker that dies leaves it as it was, and another takes it. Any number of
workers share the pieces, also those of one job.
"""

from __future__ import annotations

import asyncio
import random
from typing import Final
from uuid import UUID

import msgspec
import structlog
from sqlalchemy.exc import SQLAlchemyError

from cec_chassis.bus.faults import TRY_AGAIN_STATES, Fault, classify, state_of
from cec_chassis.context import Actor, CommandContext
from cec_chassis.database import Database
from cec_chassis.service import Runtime
from cec_credits.batch import store
from cec_credits.batch.answer_rows import answer_rows
from cec_credits.batch.cases import Cases
from cec_credits.batch.domain import AskedRow, Question
from cec_credits.rulesets.edition import PublishedRules, Rules

POLL_SECONDS: Final = 0.5
SWEEP_SECONDS: Final = 60.0

_rows = msgspec.json.Decoder(list[AskedRow])
_question = msgspec.json.Decoder(Question)
log = structlog.get_logger(__name__)


async def keep_answering_batches(runtime: Runtime, stop: asyncio.Event) -> None:
    """Until the event is set; an absent database is waited for."""
    database = runtime.database("batch", 2)
    rules, cases = PublishedRules(), Cases()
    swept_at = 0.0
    while not stop.is_set():
        try:
            now = asyncio.get_running_loop().time()
            if now - swept_at >= SWEEP_SECONDS or not swept_at:
                await remove_expired(database)
                swept_at = now
            while not stop.is_set() and await answer_a_piece(database, rules, cases):
                pass
        except (SQLAlchemyError, OSError) as error:
            log.warning("batch.interrupted", error=repr(error))
            await asyncio.sleep(random.uniform(0.5, 2.0))  # noqa: S311 - jitter, no secret
        await _pause(stop, POLL_SECONDS)


async def answer_a_piece(database: Database, rules: Rules, cases: Cases) -> bool:
    """Answers one piece that nobody else has in hand. False when there is none.

    A piece that cannot be answered for another reason than an absent database fails its job, with the kind of error.
    """
    batch_id: UUID | None = None
    try:
        async with database.transaction() as tx:
            piece = await tx.one_or_none(store.CLAIM)
            if piece is None:
                return False
            batch_id = piece.batch_id
            tx.context = CommandContext(Actor(piece.requested_by, piece.role), piece.request_id)
            rows = _rows.decode(piece.asked)
            lines = await answer_rows(tx, rules, piece.batch_id, rows, _question.decode(piece.question), cases)
            answered = (await asyncio.to_thread(msgspec.json.encode, lines)).decode()
            await tx.execute(store.KEEP_ANSWER, batch_id=piece.batch_id, piece=piece.piece, answered=answered)
            await tx.execute(store.PROGRESS, batch_id=piece.batch_id, rows=len(rows), now=tx.now)
    except Exception as error:
        if batch_id is None or classify(error) is Fault.INFRASTRUCTURE or state_of(error) in TRY_AGAIN_STATES:
            raise
        log.exception("batch.failed", batch_id=str(batch_id))
        await fail_job(database, batch_id, type(error).__name__)
    return True


async def fail_job(database: Database, batch_id: UUID, error: str) -> None:
    """Gives a job up; the error names a kind only, for a text might tell whose data it was."""
    async with database.transaction() as tx:
        await tx.execute(store.FAIL, batch_id=batch_id, error=error, now=tx.now)


async def remove_expired(database: Database) -> None:
    """Removes what was asked and answered of jobs whose time is up; a job that never finished ends so, too."""
    async with database.transaction() as tx:
        await tx.execute(store.STOP_EXPIRED, now=tx.now)
        await tx.execute(store.REMOVE_EXPIRED, now=tx.now)


async def _pause(stop: asyncio.Event, seconds: float) -> None:
    try:
        async with asyncio.timeout(seconds):
            await stop.wait()
    except TimeoutError:
        return
