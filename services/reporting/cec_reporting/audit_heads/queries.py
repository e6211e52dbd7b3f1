"""What is told about heads."""

from __future__ import annotations

from datetime import datetime

import msgspec

from cec_chassis.database import Transaction
from cec_chassis.http import Page, Paging


class AuditHeadView(msgspec.Struct, frozen=True, kw_only=True):
    """A head as it was heard. Two of one service and position with different hashes: the chain was made anew."""

    service: str
    position: int
    hash: str
    sealed_at: datetime
    received_at: datetime


WHERE = "WHERE (CAST(:service AS text) IS NULL OR service = :service)"


async def heads_page(tx: Transaction, paging: Paging, service: str | None) -> Page[AuditHeadView]:
    """Of one service or of all, the newest first."""
    total = await tx.scalar(f"SELECT count(*) FROM audit_heads {WHERE}", service=service)
    rows = await tx.all(
        f"SELECT * FROM audit_heads {WHERE} ORDER BY received_at DESC, service, position DESC, hash LIMIT :limit OFFSET :offset",
        service=service,
        limit=paging.limit,
        offset=paging.offset,
    )
    return paging.of([msgspec.convert(row._mapping, AuditHeadView) for row in rows], total)


async def all_heads(tx: Transaction, service: str | None) -> list[AuditHeadView]:
    """Of one service or of all, in the order of their positions."""
    rows = await tx.all(f"SELECT * FROM audit_heads {WHERE} ORDER BY service, position, hash", service=service)
    return [msgspec.convert(row._mapping, AuditHeadView) for row in rows]
