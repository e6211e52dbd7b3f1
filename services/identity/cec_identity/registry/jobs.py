"""Imports: a large one as a job, a small one as it was answered; their results read. Administrators see all of them, a machine
its own."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, Final, Literal
from uuid import UUID

import msgspec

from cec_chassis.context import Actor
from cec_chassis.database import Transaction
from cec_chassis.http import Page, Paging, Role
from cec_chassis.ids import new_id
from cec_chassis.problems import FieldError, NotFound, Refusal
from cec_identity.registry import jobs_store as store
from cec_identity.registry.import_registry import ImportReport
from cec_identity.registry.kinds import About, Kind
from cec_identity.registry.results import Outcome, RowResult, shown
from cec_identity.registry.staged import pieces_of
from cec_identity.vault import Vault

STEP: Final = 1_000
"""Results read from the database at once."""
_errors = msgspec.json.Decoder(tuple[FieldError, ...])


class ResultsRemoved(Refusal):
    """The results were kept for their time and are gone; the counts stay."""

    slug = "import-results-removed"
    status = 410
    title = "匯入逐列結果已逾保存期限 / The results of the import are no longer kept"


class ImportJob(msgspec.Struct, frozen=True, kw_only=True):
    """How far an import is. `results_until` is when the results of its rows are removed; the counts are kept."""

    import_id: UUID
    about: About
    dry_run: bool
    state: Literal["queued", "running", "done", "failed"]
    rows: int
    rows_done: int
    created: int
    changed: int
    unchanged: int
    skipped: int
    refused: int
    events: int
    error: str
    queued_at: datetime
    finished_at: datetime | None
    results_until: datetime
    results_removed: bool


async def open_import(
    tx: Transaction, kind: Kind, staged: Sequence[bytes], vault: Vault, *, dry_run: bool, keep_hours: int
) -> ImportJob:
    """Keeps the rows, sealed, in pieces; the worker finds them as soon as this is committed."""
    import_id = new_id()
    await _open(tx, import_id, kind, rows=len(staged), dry_run=dry_run, keep_hours=keep_hours)
    for number, (rows, piece) in enumerate(pieces_of(staged, kind.key)):
        sealed = vault.registry_rows.seal(piece, belongs_to=f"{import_id}/{number}")
        await tx.execute(store.INSERT_PIECE, id=import_id, piece=number, rows=rows, sealed=sealed)
    tx.audit(
        "registry.import_queued",
        subject_type="registry_import",
        subject_id=import_id,
        after={"about": kind.about, "rows": len(staged), "dry_run": dry_run},
    )
    return _job(await tx.one(f"{store.SELECT_IMPORTS} WHERE id = :id", id=import_id))


async def keep_report(tx: Transaction, kind: Kind, report: ImportReport, *, keep_hours: int) -> None:
    """Keeps what was answered at once like a job that is done: whoever sent it finds it again, and so does whoever reads its
    id in somebody's history."""
    await _open(tx, report.import_id, kind, rows=report.rows, dry_run=report.dry_run, keep_hours=keep_hours)
    await keep_results(tx, report.import_id, report.results, report.events)


async def keep_results(tx: Transaction, import_id: UUID, results: Sequence[RowResult], events: int) -> Any:
    """Keeps what became of some rows, and counts them. Returns the counts of the import so far."""
    await tx.execute(
        store.KEEP_RESULTS,
        id=import_id,
        lines=[result.line for result in results],
        results=[result.outcome.value for result in results],
        people=[result.practitioner_id for result in results],
        numbers=[result.number for result in results],
        errors=[_json(result.errors) for result in results],
        warnings=[_json(result.warnings) for result in results],
    )
    counts = Counter(result.outcome for result in results)
    return await tx.one(
        store.PROGRESS,
        id=import_id,
        rows=len(results),
        events=events,
        now=tx.now,
        **{outcome.value: counts[outcome] for outcome in Outcome},
    )


def _json(errors: object) -> str:
    return msgspec.json.encode(errors).decode() if errors else "[]"


async def _open(tx: Transaction, import_id: UUID, kind: Kind, *, rows: int, dry_run: bool, keep_hours: int) -> None:
    actor: Actor = tx.actor
    await tx.execute(
        store.INSERT_IMPORT,
        id=import_id,
        about=kind.about.value,
        dry_run=dry_run,
        requested_by=actor.account_id,
        role=actor.role,
        request_id=tx.context.request_id or "",
        rows=rows,
        now=tx.now,
        expires_at=tx.now + timedelta(hours=keep_hours),
    )


async def find_import(tx: Transaction, import_id: UUID, actor: Actor) -> ImportJob:
    """Raises NotFound, also for a machine that asks for the import of somebody else."""
    row = await tx.one_or_none(f"{store.SELECT_IMPORTS} WHERE id = :id", id=import_id)
    if row is None or (actor.role != Role.SYSTEM_ADMINISTRATOR and row.requested_by != actor.account_id):
        raise NotFound
    return _job(row)


async def imports_page(tx: Transaction, paging: Paging, actor: Actor) -> Page[ImportJob]:
    """Newest first."""
    whose = "WHERE CAST(:by AS uuid) IS NULL OR requested_by = :by"
    by = None if actor.role == Role.SYSTEM_ADMINISTRATOR else actor.account_id
    total = await tx.scalar(f"SELECT count(*) FROM registry_imports {whose}", by=by)
    rows = await tx.all(
        f"{store.SELECT_IMPORTS} {whose} ORDER BY queued_at DESC, id LIMIT :limit OFFSET :offset",
        by=by,
        limit=paging.limit,
        offset=paging.offset,
    )
    return paging.of([_job(row) for row in rows], total)


async def results_after(
    tx: Transaction, job: ImportJob, line: int, limit: int, only: Outcome | None
) -> list[RowResult]:
    """What became of the rows behind that line, in the order of the file, as far as they are done.

    Raises:
        ResultsRemoved
    """
    if job.results_removed:
        raise ResultsRemoved
    rows = await tx.all(
        store.RESULTS, id=job.import_id, after=line, limit=limit, result=None if only is None else only.value
    )
    return [
        RowResult(
            line=row.line,
            result=shown(Outcome(row.result)),
            skipped=row.result == Outcome.SKIPPED,
            practitioner_id=row.practitioner_id,
            number=row.number,
            errors=_errors.decode(row.errors),
            warnings=_errors.decode(row.warnings),
        )
        for row in rows
    ]


def _job(row: Any) -> ImportJob:
    return ImportJob(
        import_id=row.id,
        about=About(row.about),
        dry_run=row.dry_run,
        state=row.state,
        rows=row.rows_total,
        rows_done=row.rows_done,
        created=row.created,
        changed=row.changed,
        unchanged=row.unchanged,
        skipped=row.skipped,
        refused=row.refused,
        events=row.events,
        error=row.error,
        queued_at=row.queued_at,
        finished_at=row.finished_at,
        results_until=row.expires_at,
        results_removed=row.removed_at is not None,
    )
