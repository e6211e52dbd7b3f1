"""What the registry sends: practitioners with their licences, or institutions. What differs between the two, in one place."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final
from uuid import UUID

from cec_chassis.csv_upload import Columns, CsvRow
from cec_chassis.database import Transaction
from cec_identity.registry.institution_rows import INSTITUTION_COLUMNS, take_institutions
from cec_identity.registry.results import TakenRows
from cec_identity.registry.rows import COLUMNS, read_row
from cec_identity.registry.take_rows import take_rows
from cec_identity.rulesets.store import covered_professions
from cec_identity.vault import Vault

Take = Callable[[Transaction, Sequence[CsvRow], Vault, UUID, bool], Awaitable[TakenRows]]


class About(StrEnum):
    """What a file or a message of the registry is about."""

    PRACTITIONERS = "practitioners"
    INSTITUTIONS = "institutions"


@dataclass(frozen=True, slots=True)
class Kind:
    """How rows of one kind are read and taken in. Rows with the same text in column `key` are about the same thing."""

    about: About
    columns: Columns
    key: str
    take: Take


async def _take_practitioners(
    tx: Transaction, rows: Sequence[CsvRow], vault: Vault, import_id: UUID, dry_run: bool
) -> TakenRows:
    covered = await covered_professions(tx)
    read = await asyncio.to_thread(lambda: [read_row(row, vault.index_key, covered) for row in rows])
    return await take_rows(tx, read, vault, import_id=import_id, dry_run=dry_run)


async def _take_institutions(
    tx: Transaction, rows: Sequence[CsvRow], _vault: Vault, import_id: UUID, dry_run: bool
) -> TakenRows:
    return await take_institutions(tx, rows, import_id=import_id, dry_run=dry_run)


PRACTITIONERS: Final = Kind(About.PRACTITIONERS, COLUMNS, "national_id", _take_practitioners)
INSTITUTIONS: Final = Kind(About.INSTITUTIONS, INSTITUTION_COLUMNS, "institution_code", _take_institutions)
KINDS: Final = {kind.about: kind for kind in (PRACTITIONERS, INSTITUTIONS)}
