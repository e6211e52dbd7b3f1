"""A batch as a job: taken in, looked after, collected. Whoever sent it, and nobody else, sees it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, Final, Literal
from uuid import UUID

import msgspec

from cec_chassis.context import Actor
from cec_chassis.database import Transaction
from cec_chassis.problems import NotFound
from cec_credits.batch import store
from cec_credits.batch.domain import AskedRow, BatchAnswer, Line, Question
from cec_credits.batch.refusals import BatchFailed, BatchNotDone, ResultRemoved

PIECE: Final = 500
"""Rows that a worker answers in one transaction."""

_question = msgspec.json.Decoder(Question)
_lines = msgspec.json.Decoder(list[Line])


class Job(msgspec.Struct, frozen=True, kw_only=True):
    """How far a batch is. `result_until` is when its answers are removed."""

    batch_id: UUID
    state: Literal["queued", "running", "done", "failed"]
    rows: int
    rows_done: int
    question: Question
    error: str
    created_at: datetime
    finished_at: datetime | None
    result_until: datetime
    result_removed: bool


async def open_job(
    tx: Transaction, batch_id: UUID, rows: Sequence[AskedRow], question: Question, keep_hours: int
) -> Job:
    """Takes the rows in, in pieces; workers find them as soon as this is committed."""
    actor: Actor = tx.actor
    await tx.execute(
        store.INSERT_JOB,
        batch_id=batch_id,
        requested_by=actor.account_id,
        role=actor.role,
        request_id=tx.context.request_id,
        question=msgspec.json.encode(question).decode(),
        rows_total=len(rows),
        now=tx.now,
        expires_at=tx.now + timedelta(hours=keep_hours),
    )
    pieces = [rows[at : at + PIECE] for at in range(0, len(rows), PIECE)]
    await tx.execute(
        store.INSERT_PIECES, batch_id=batch_id, asked=[msgspec.json.encode(piece).decode() for piece in pieces]
    )
    return _job(await tx.one(store.SELECT_JOB, batch_id=batch_id))


async def find_job(tx: Transaction, batch_id: UUID, actor: Actor) -> Job:
    """Raises NotFound, also for the job of another account."""
    row = await tx.one_or_none(store.SELECT_JOB, batch_id=batch_id)
    if row is None or row.requested_by != actor.account_id:
        raise NotFound
    return _job(row)


async def collect(tx: Transaction, batch_id: UUID, actor: Actor) -> BatchAnswer:
    """The whole answer of a job that is done. Raises NotFound, BatchNotDone, BatchFailed, ResultRemoved."""
    job = await find_job(tx, batch_id, actor)
    if job.result_removed:
        raise ResultRemoved
    if job.state == "failed":
        raise BatchFailed.because(job.error)
    if job.state != "done":
        raise BatchNotDone.at(job.rows_done, job.rows)
    pieces = await tx.all(store.SELECT_ANSWERS, batch_id=batch_id)
    lines = [line for piece in pieces for line in _lines.decode(piece.answered)]
    return BatchAnswer(batch_id=batch_id, question=job.question, rows=job.rows, lines=lines)


def _job(row: Any) -> Job:
    return Job(
        batch_id=row.batch_id,
        state=row.state,
        rows=row.rows_total,
        rows_done=row.rows_done,
        question=_question.decode(row.question),
        error=row.error,
        created_at=row.created_at,
        finished_at=row.finished_at,
        result_until=row.expires_at,
        result_removed=row.removed_at is not None,
    )
