"""Take rows of the registry in: load whom they speak of, apply them, save and tell what really changed. One transaction.

The same for a file that is answered at once, for a piece of a large one, and for rows that come by the API.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from uuid import UUID

from cec_chassis.clock import taipei_date
from cec_chassis.database import Transaction
from cec_contracts import identity as contract
from cec_identity.practitioners.family import tell_family
from cec_identity.practitioners.store import load_practitioners, save_practitioners
from cec_identity.professions.store import professions_handled_elsewhere
from cec_identity.registry.merge import Merge, Taken
from cec_identity.registry.results import Outcome, RowResult, Shown, TakenRows, shown
from cec_identity.registry.rows import RefusedRow, RegistryRow
from cec_identity.vault import Vault


async def take_rows(
    tx: Transaction, rows: Sequence[RegistryRow | RefusedRow], vault: Vault, *, import_id: UUID, dry_run: bool
) -> TakenRows:
    """Good rows are taken, bad ones reported. With `dry_run` nothing is written and `tx` may be read-only."""
    good = [row for row in rows if isinstance(row, RegistryRow)]
    elsewhere = await professions_handled_elsewhere(tx, taipei_date(tx.now))
    known = await load_practitioners(
        tx,
        indexes=list({index for row in good for index in (row.index, row.former_index) if index}),
        numbers=list({row.number for row in good}),
        lock=not dry_run,
        whole=True,
    )
    merge = Merge(known, elsewhere)
    results = await asyncio.to_thread(lambda: [_result(row, merge) for row in rows])
    if dry_run:
        return TakenRows(_without_new_ids(results, merge), len(merge.new) + len(merge.changed))
    reason = f"registry import {import_id}"
    await save_practitioners(
        tx,
        [
            (person, vault.national_ids.seal(full.encode(), belongs_to=str(person.practitioner_id)))
            for person, full in merge.new.values()
        ],
        list(merge.changed.values()),
        resealed={
            who: vault.national_ids.seal(full.encode(), belongs_to=str(who)) for who, full in merge.resealed.items()
        },
        reason=reason,
    )
    await asyncio.to_thread(_tell, tx, merge, reason)
    return TakenRows(results, len(merge.new) + len(merge.changed))


def _result(row: RegistryRow | RefusedRow, merge: Merge) -> RowResult:
    taken = row if isinstance(row, RefusedRow) else merge.take(row)
    if isinstance(taken, RefusedRow):
        return RowResult(line=taken.line, result=Shown.REFUSED, errors=taken.errors)
    assert isinstance(row, RegistryRow)
    assert isinstance(taken, Taken)
    return RowResult(
        line=row.line,
        result=shown(taken.outcome),
        skipped=taken.outcome is Outcome.SKIPPED,
        practitioner_id=taken.practitioner_id,
        number=row.number,
        warnings=row.warnings + taken.warnings,
    )


def _without_new_ids(results: list[RowResult], merge: Merge) -> list[RowResult]:
    """An id of somebody who was not registered after all would mislead."""
    for result in results:
        if result.practitioner_id in merge.new:
            result.practitioner_id = None
    return results


def _tell(tx: Transaction, merge: Merge, reason: str) -> None:
    """One event and one audit row for each person, whatever the number of their rows."""
    for person, _ in merge.new.values():
        news = merge.families.news(person)
        tx.publish(contract.PRACTITIONER_REGISTERED, subject=person.practitioner_id, sequence=person.version, body=news)
        tx.audit(
            "practitioner.registered",
            subject_type="practitioner",
            subject_id=person.practitioner_id,
            reason=reason,
            after=news,
        )
    tell_family(tx, "practitioner.changed", merge.changed.values(), merge.families, merge.before, reason)
