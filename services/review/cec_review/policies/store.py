"""The policies of review units; one that has settled nothing has the defaults and no row."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

import msgspec
from msgspec import Meta
from sqlalchemy import Column, DateTime, Integer, Table, Uuid

from cec_chassis.database import Transaction
from cec_review.policies.domain import DEFAULT_ROSTER_DAYS
from cec_review.tables import metadata

policies = Table(
    "policies",
    metadata,
    Column("review_unit_id", Uuid, primary_key=True),
    Column("roster_days", Integer, nullable=False),
    Column("updated_at", DateTime(timezone=True), nullable=False),
)

RosterDays = Annotated[int, Meta(ge=1, le=366, description="審查單位設定天數")]


class Policy(msgspec.Struct, frozen=True, kw_only=True):
    """What a review unit has settled."""

    roster_days: RosterDays = DEFAULT_ROSTER_DAYS


async def policy_of(tx: Transaction, review_unit_id: UUID) -> Policy:
    """The unit's policy, or the default one."""
    days = await tx.scalar("SELECT roster_days FROM policies WHERE review_unit_id = :id", id=review_unit_id)
    return Policy() if days is None else Policy(roster_days=days)


async def save(tx: Transaction, review_unit_id: UUID, policy: Policy) -> None:
    """The unit's policy from now on; deadlines that were set stay."""
    await tx.execute(
        """
        INSERT INTO policies (review_unit_id, roster_days, updated_at) VALUES (:id, :roster_days, :now)
        ON CONFLICT (review_unit_id) DO UPDATE SET roster_days = excluded.roster_days, updated_at = excluded.updated_at
        """,
        id=review_unit_id,
        roster_days=policy.roster_days,
        now=tx.now,
    )
