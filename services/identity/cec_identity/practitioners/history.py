"""What a record was called before, and with which records it was merged or separated."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec

from cec_chassis.database import Transaction

FORMER = """
SELECT number, name, national_id_masked, until, reason FROM former_identities
WHERE practitioner_id = ANY(CAST(:ids AS uuid[])) ORDER BY until DESC
"""
MERGES = """
SELECT former_id, survivor_id, reason, merged_at, separated_at, separation_reason FROM practitioner_merges
WHERE former_id = ANY(CAST(:ids AS uuid[])) OR survivor_id = ANY(CAST(:ids AS uuid[])) ORDER BY merged_at DESC
"""


class FormerIdentity(msgspec.Struct, kw_only=True):
    """Number, name and masked national ID as they were until then."""

    number: str
    name: str
    national_id_masked: str
    until: datetime
    reason: str


class MergeView(msgspec.Struct, kw_only=True):
    """That one record was merged into another; and, if that was an error, since when no longer."""

    former_id: UUID
    survivor_id: UUID
    reason: str
    merged_at: datetime
    separated_at: datetime | None
    separation_reason: str | None


class RecordHistory(msgspec.Struct, kw_only=True):
    """Newest first."""

    former_identities: list[FormerIdentity]
    merges: list[MergeView]


async def history_of(tx: Transaction, records: Sequence[UUID]) -> RecordHistory:
    """Of these records together. Empty for somebody who always was who they are, and for somebody unknown."""
    known = {"ids": list(records)}
    return RecordHistory(
        former_identities=[_of(row, FormerIdentity) for row in await tx.all(FORMER, **known)],
        merges=[_of(row, MergeView) for row in await tx.all(MERGES, **known)],
    )


def _of(row: Any, kind: Any) -> Any:
    return msgspec.convert(row._mapping, kind)
