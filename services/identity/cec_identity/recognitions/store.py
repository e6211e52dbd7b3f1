"""Tables of recognitions and of what was found in breach. Whoever writes holds the organisation's row."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from sqlalchemy import ARRAY, BigInteger, Column, Date, DateTime, ForeignKey, Index, Row, Table, Text, Uuid

from cec_chassis.database import Transaction
from cec_identity.recognitions.domain import Breach, Ground, Recognition
from cec_identity.tables import metadata

recognitions = Table(
    "recognitions",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("organisation_id", Uuid, ForeignKey("organisations.id"), nullable=False),
    Column("professions", ARRAY(Text), nullable=False),
    Column("applied_on", Date, nullable=False),
    Column("valid_from", Date, nullable=False),
    Column("valid_until", Date),
    Column("document", Text, nullable=False),
    Column("revoked_at", DateTime(timezone=True)),
    Column("ground", Text),
    Column("reason", Text, nullable=False),
    Column("version", BigInteger, nullable=False),
    Column("recognised_at", DateTime(timezone=True), nullable=False),
    Column("changed_at", DateTime(timezone=True), nullable=False),
    Index("recognitions_by_organisation", "organisation_id"),
)
breaches = Table(
    "recognition_breaches",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("recognition_id", Uuid, ForeignKey("recognitions.id"), nullable=False),
    Column("course_ids", ARRAY(Uuid), nullable=False),
    Column("decided_from", Date),
    Column("decided_until", Date),
    Column("reason", Text, nullable=False),
    Column("found_at", DateTime(timezone=True), nullable=False),
    Index("recognition_breaches_by_recognition", "recognition_id"),
)

COLUMNS = """id, organisation_id, professions, applied_on, valid_from, valid_until, document, revoked_at, ground, reason,
version"""
INSERT = f"""
INSERT INTO recognitions ({COLUMNS}, recognised_at, changed_at)
VALUES (:id, :organisation_id, CAST(:professions AS text[]), :applied_on, :valid_from, :valid_until, :document,
        :revoked_at, :ground, :reason, :version, :now, :now)
"""
UPDATE = """
UPDATE recognitions SET valid_until = :valid_until, revoked_at = :revoked_at, ground = :ground, reason = :reason,
                        version = :version, changed_at = :now
WHERE id = :id AND version = :version - 1 RETURNING id
"""
INSERT_BREACH = """
INSERT INTO recognition_breaches (id, recognition_id, course_ids, decided_from, decided_until, reason, found_at)
VALUES (:id, :recognition_id, CAST(:course_ids AS uuid[]), :decided_from, :decided_until, :reason, :found_at)
"""
SELECT_BREACHES = """
SELECT id, recognition_id, course_ids, decided_from, decided_until, reason, found_at FROM recognition_breaches
WHERE recognition_id = ANY(CAST(:ids AS uuid[])) ORDER BY found_at, id
"""


async def insert_recognition(tx: Transaction, recognition: Recognition) -> None:
    """A new one; there is no breach in it yet."""
    await tx.execute(
        INSERT,
        **_changing(recognition),
        organisation_id=recognition.organisation_id,
        professions=list(recognition.professions),
        applied_on=recognition.applied_on,
        valid_from=recognition.valid_from,
        document=recognition.document,
        now=tx.now,
    )


async def update_recognition(tx: Transaction, recognition: Recognition, found: tuple[Breach, ...] = ()) -> None:
    """The next version, with the breaches that were found with it."""
    await tx.one(UPDATE, **_changing(recognition), now=tx.now)
    await tx.execute_many(
        INSERT_BREACH,
        [
            {
                "id": breach.breach_id,
                "recognition_id": recognition.recognition_id,
                "course_ids": list(breach.course_ids),
                "decided_from": breach.decided_from,
                "decided_until": breach.decided_until,
                "reason": breach.reason,
                "found_at": breach.found_at,
            }
            for breach in found
        ],
    )


async def recognitions_of(tx: Transaction, organisation_id: UUID) -> tuple[Recognition, ...]:
    """All that the organisation ever had, the first one first."""
    rows = await tx.all(
        f"SELECT {COLUMNS} FROM recognitions WHERE organisation_id = :id ORDER BY valid_from, id", id=organisation_id
    )
    return await with_breaches(tx, rows)


async def organisation_of_recognition(tx: Transaction, recognition_id: UUID) -> UUID | None:
    """Whose it is, which never changes; None when there is none."""
    found: UUID | None = await tx.scalar("SELECT organisation_id FROM recognitions WHERE id = :id", id=recognition_id)
    return found


async def with_breaches(tx: Transaction, rows: list[Row[Any]]) -> tuple[Recognition, ...]:
    """Recognitions from their rows, in the same order."""
    found: dict[UUID, list[Breach]] = {row.id: [] for row in rows}
    for row in await tx.all(SELECT_BREACHES, ids=list(found)) if rows else ():
        found[row.recognition_id].append(
            Breach(
                breach_id=row.id,
                course_ids=tuple(row.course_ids),
                decided_from=row.decided_from,
                decided_until=row.decided_until,
                reason=row.reason,
                found_at=row.found_at,
            )
        )
    return tuple(_recognition(row, tuple(found[row.id])) for row in rows)


def _recognition(row: Row[Any], breaches: tuple[Breach, ...]) -> Recognition:
    return Recognition(
        recognition_id=row.id,
        organisation_id=row.organisation_id,
        professions=tuple(row.professions),
        applied_on=row.applied_on,
        valid_from=row.valid_from,
        valid_until=row.valid_until,
        document=row.document,
        revoked_at=row.revoked_at,
        ground=Ground(row.ground) if row.ground else None,
        reason=row.reason,
        breaches=breaches,
        version=row.version,
    )


def _changing(recognition: Recognition) -> dict[str, Any]:
    return {
        "id": recognition.recognition_id,
        "valid_until": recognition.valid_until,
        "revoked_at": recognition.revoked_at,
        "ground": recognition.ground.value if recognition.ground else None,
        "reason": recognition.reason,
        "version": recognition.version,
    }
