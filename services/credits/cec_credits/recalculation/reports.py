"""What reconciliation found: a report for every run in which something differed, and how far it has come."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

import msgspec
from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    DateTime,
    Index,
    Integer,
    Table,
    Text,
    Uuid,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB

from cec_chassis.database import Transaction
from cec_credits.tables import metadata

reconciliation_progress = Table(
    "reconciliation_progress",
    metadata,
    Column("the_only_one", Boolean, primary_key=True, server_default=text("true")),
    Column("through_practitioner", Uuid, nullable=False, server_default=text("'00000000-0000-0000-0000-000000000000'")),
    Column("through_profession", Text, nullable=False, server_default=text("''")),
    Column("round", BigInteger, nullable=False, server_default=text("1")),
    Column("checked", BigInteger, nullable=False, server_default=text("0")),
    Column("differing", BigInteger, nullable=False, server_default=text("0")),
    Column("last_run_at", DateTime(timezone=True)),
    Column("last_round_ended_at", DateTime(timezone=True)),
    CheckConstraint("the_only_one", name="reconciliation_one_row"),
)
reconciliation_reports = Table(
    "reconciliation_reports",
    metadata,
    Column("report_id", Uuid, primary_key=True),
    Column("at", DateTime(timezone=True), nullable=False),
    Column("checked", Integer, nullable=False),
    Column("differing", Integer, nullable=False),
    Column("differences", JSONB, nullable=False),
)
Index("reconciliation_reports_by_time", reconciliation_reports.c.at)

ADD = """
INSERT INTO reconciliation_reports (report_id, at, checked, differing, differences)
VALUES (:report_id, :at, :checked, :differing, CAST(:differences AS jsonb))
"""
REPORTS = """
SELECT report_id, at, checked, differing, CAST(differences AS text) AS differences
FROM reconciliation_reports ORDER BY at DESC, report_id LIMIT :limit OFFSET :offset
"""
PROGRESS = "SELECT round, checked, differing, last_run_at, last_round_ended_at FROM reconciliation_progress"


class Difference(msgspec.Struct, frozen=True):
    """A stored standing that was not what the facts say; `fields` are the parts of the statement that differed."""

    practitioner_id: UUID
    profession: str
    stored_digest: str
    computed_digest: str
    fields: list[str]


class Report(msgspec.Struct, frozen=True):
    """One run in which something differed."""

    report_id: UUID
    at: datetime
    checked: int
    differing: int
    differences: list[Difference]


class Progress(msgspec.Struct, frozen=True):
    """How often every standing has come round, and how many were compared and differed since ever."""

    round: int
    checked: int
    differing: int
    last_run_at: datetime | None
    last_round_ended_at: datetime | None


async def add_report(tx: Transaction, report_id: UUID, checked: int, differences: Sequence[Difference]) -> None:
    """Keeps a run that found something."""
    await tx.execute(
        ADD,
        report_id=report_id,
        at=tx.now,
        checked=checked,
        differing=len(differences),
        differences=msgspec.json.encode(differences).decode(),
    )


async def reports(tx: Transaction, limit: int, offset: int) -> tuple[int, list[Report]]:
    """How many there are, and some of them, newest first."""
    rows = await tx.all(REPORTS, limit=limit, offset=offset)
    total = int(await tx.scalar("SELECT count(*) FROM reconciliation_reports"))
    decode = msgspec.json.Decoder(list[Difference]).decode
    return total, [Report(r.report_id, r.at, r.checked, r.differing, decode(r.differences)) for r in rows]


async def progress(tx: Transaction) -> Progress:
    """How far it has come."""
    row = await tx.one(PROGRESS)
    return Progress(row.round, row.checked, row.differing, row.last_run_at, row.last_round_ended_at)
