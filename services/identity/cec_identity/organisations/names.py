"""Names of organisations by id, for lists that show who somebody belonged to."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from uuid import UUID

from cec_chassis.database import Transaction


async def organisation_names(tx: Transaction, ids: Collection[UUID]) -> Mapping[UUID, str]:
    """The names of those that exist."""
    rows = await tx.all("SELECT id, name FROM organisations WHERE id = ANY(CAST(:ids AS uuid[]))", ids=list(ids))
    return {row.id: row.name for row in rows}
