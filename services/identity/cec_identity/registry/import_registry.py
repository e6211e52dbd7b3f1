"""Take in what is small enough to be answered at once: one transaction, a report with every row."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from uuid import UUID

import msgspec

from cec_chassis.csv_upload import CsvRow
from cec_chassis.database import Transaction
from cec_chassis.ids import new_id
from cec_chassis.problems import Refusal
from cec_identity.registry.kinds import About, Kind
from cec_identity.registry.results import Outcome, RowResult
from cec_identity.vault import Vault

_ONE_IMPORT_AT_A_TIME = 0x0CEC_1001


class ImportRunning(Refusal):
    """Another import holds the registry. Two at once could register one person twice under two ids."""

    slug = "registry-import-running"
    status = 409
    title = "另一批登錄資料正在匯入 / Another registry import is running"


class ImportReport(msgspec.Struct, kw_only=True):
    """What became of a file. `events` is the number of practitioners the others are told of."""

    import_id: UUID
    about: About
    dry_run: bool
    rows: int
    created: int
    changed: int
    unchanged: int
    skipped: int
    refused: int
    events: int
    results: list[RowResult]


async def hold_registry(tx: Transaction) -> None:
    """Nobody else takes rows in until `tx` ends.

    Raises:
        ImportRunning: somebody does, and has not ended yet.
    """
    if not await tx.scalar("SELECT pg_try_advisory_xact_lock(:key)", key=_ONE_IMPORT_AT_A_TIME):
        raise ImportRunning(headers={"Retry-After": "5"})


async def import_registry(
    tx: Transaction, kind: Kind, rows: Sequence[CsvRow], vault: Vault, *, dry_run: bool = False
) -> ImportReport:
    """Takes the good rows into the registry. With `dry_run` nothing is written and `tx` may be read-only.

    Raises:
        ImportRunning: another import has not ended yet.
    """
    if not dry_run:
        await hold_registry(tx)
    import_id = new_id()
    results, events = await kind.take(tx, rows, vault, import_id, dry_run)
    counts = Counter(result.outcome for result in results)
    if not dry_run:
        tx.audit(
            "registry.imported",
            subject_type="registry_import",
            subject_id=import_id,
            after={
                "about": kind.about,
                **{outcome.value: count for outcome, count in counts.items()},
                "events": events,
            },
        )
    return ImportReport(
        import_id=import_id,
        about=kind.about,
        dry_run=dry_run,
        rows=len(results),
        created=counts[Outcome.CREATED],
        changed=counts[Outcome.CHANGED],
        unchanged=counts[Outcome.UNCHANGED],
        skipped=counts[Outcome.SKIPPED],
        refused=counts[Outcome.REFUSED],
        events=events,
        results=results,
    )
