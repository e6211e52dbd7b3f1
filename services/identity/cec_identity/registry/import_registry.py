"""Import a registry file: one transaction, good rows taken, bad rows reported, only real changes told to the others."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Sequence
from typing import NamedTuple
from uuid import UUID

import msgspec

from cec_chassis.database import Transaction
from cec_chassis.ids import new_id
from cec_chassis.problems import FieldError, Refusal
from cec_contracts import identity as contract
from cec_identity.practitioners.domain import Practitioner
from cec_identity.practitioners.store import load_practitioners, save_practitioners
from cec_identity.publishes import practitioner_news
from cec_identity.registry.merge import Merge, Outcome
from cec_identity.registry.rows import RefusedRow, RegistryRow
from cec_identity.vault import Vault

_ONE_IMPORT_AT_A_TIME = 0x0CEC_1001


class ImportRunning(Refusal):
    """Another import holds the registry. Two at once could register one person twice under two ids."""

    slug = "registry-import-running"
    status = 409
    title = "另一批登錄資料正在匯入 / Another registry import is running"


class RowResult(msgspec.Struct, kw_only=True, omit_defaults=True):
    """What became of one row. `line` counts from 1, the header; errors and warnings name the cell, never its content."""

    line: int
    result: Outcome
    practitioner_id: UUID | None = None
    number: str | None = None
    errors: tuple[FieldError, ...] = ()
    warnings: tuple[FieldError, ...] = ()


class ImportReport(msgspec.Struct, kw_only=True):
    """What became of a file. `events` is the number of practitioners the others are told of."""

    import_id: UUID
    dry_run: bool
    rows: int
    created: int
    changed: int
    unchanged: int
    refused: int
    events: int
    results: list[RowResult]


async def import_registry(
    tx: Transaction, rows: Sequence[RegistryRow | RefusedRow], vault: Vault, *, dry_run: bool = False
) -> ImportReport:
    """Takes the good rows into the registry. With `dry_run` nothing is written and `tx` may be read-only.

    Raises:
        ImportRunning: another import has not ended yet.
    """
    if not dry_run and not await tx.scalar("SELECT pg_try_advisory_xact_lock(:key)", key=_ONE_IMPORT_AT_A_TIME):
        raise ImportRunning(headers={"Retry-After": "5"})
    good = [row for row in rows if isinstance(row, RegistryRow)]
    known = await load_practitioners(
        tx,
        indexes=list({row.index for row in good}),
        numbers=list({row.number for row in good}),
        lock=not dry_run,
    )
    merged = await asyncio.to_thread(_merged, rows, known)
    report = _report(merged.results, len(merged.new) + len(merged.changed), dry_run=dry_run)
    if dry_run:
        return _without_new_ids(report, {person.practitioner_id for person, _ in merged.new})
    await save_practitioners(
        tx,
        [
            (person, vault.national_ids.seal(full.encode(), belongs_to=str(person.practitioner_id)))
            for person, full in merged.new
        ],
        merged.changed,
    )
    await asyncio.to_thread(_tell, tx, merged, report.import_id)
    tx.audit(
        "registry.imported",
        subject_type="registry_import",
        subject_id=report.import_id,
        after={**Counter(result.result.value for result in merged.results), "events": report.events},
    )
    return report


class _Merged(NamedTuple):
    """What the rows made of the people: those to be saved, how the known ones looked before, a result for each row."""

    new: list[tuple[Practitioner, str]]
    changed: list[Practitioner]
    before: dict[UUID, contract.Practitioner]
    results: list[RowResult]


def _merged(rows: Sequence[RegistryRow | RefusedRow], known: Sequence[Practitioner]) -> _Merged:
    before = {person.practitioner_id: practitioner_news(person) for person in known}
    merge = Merge(known)
    results = [_result(row, merge) for row in rows]
    return _Merged(list(merge.new.values()), list(merge.changed.values()), before, results)


def _result(row: RegistryRow | RefusedRow, merge: Merge) -> RowResult:
    taken = row if isinstance(row, RefusedRow) else merge.take(row)
    if isinstance(taken, RefusedRow):
        return RowResult(line=taken.line, result=Outcome.REFUSED, errors=taken.errors)
    assert isinstance(row, RegistryRow)
    return RowResult(
        line=row.line,
        result=taken.outcome,
        practitioner_id=taken.practitioner_id,
        number=row.number,
        warnings=row.warnings,
    )


def _report(results: list[RowResult], events: int, *, dry_run: bool) -> ImportReport:
    counts = Counter(result.result for result in results)
    return ImportReport(
        import_id=new_id(),
        dry_run=dry_run,
        rows=len(results),
        created=counts[Outcome.CREATED],
        changed=counts[Outcome.CHANGED],
        unchanged=counts[Outcome.UNCHANGED],
        refused=counts[Outcome.REFUSED],
        events=events,
        results=results,
    )


def _without_new_ids(report: ImportReport, invented: set[UUID]) -> ImportReport:
    """An id of somebody who was not registered after all would mislead."""
    for result in report.results:
        if result.practitioner_id in invented:
            result.practitioner_id = None
    return report


def _tell(tx: Transaction, merged: _Merged, import_id: UUID) -> None:
    """One event and one audit row for each person, whatever the number of their rows."""
    for event, action, people in (
        (contract.PRACTITIONER_REGISTERED, "practitioner.registered", [person for person, _ in merged.new]),
        (contract.PRACTITIONER_CHANGED, "practitioner.changed", merged.changed),
    ):
        for person in people:
            news = practitioner_news(person)
            tx.publish(event, subject=person.practitioner_id, sequence=person.version, body=news)
            tx.audit(
                action,
                subject_type="practitioner",
                subject_id=person.practitioner_id,
                reason=f"registry import {import_id}",
                before=merged.before.get(person.practitioner_id),
                after=news,
            )
