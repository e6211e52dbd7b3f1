"""The policies of review units; one that has settled nothing has the defaults and no row."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

import msgspec
from msgspec import Meta
from sqlalchemy import Column, DateTime, Integer, Table, Uuid

from cec_chassis.database import Transaction
from cec_review.points.formula import Formula
from cec_review.policies.domain import DEFAULT_ROSTER_DAYS
from cec_review.tables import metadata

policies = Table(
    "policies",
    metadata,
    Column("review_unit_id", Uuid, primary_key=True),
    Column("roster_days", Integer, nullable=False),
    Column("updated_at", DateTime(timezone=True), nullable=False),
    Column("minutes_per_credit_hour", Integer),
    Column("minute_step", Integer),
)

RosterDays = Annotated[int, Meta(ge=1, le=366, description="審查單位設定天數")]
CreditHour = Annotated[
    int, Meta(ge=30, le=90, description="幾分鐘為一積分時數 / Minutes of a credit hour, such as 50 or 60")
]
MinuteStep = Annotated[
    int, Meta(ge=1, le=90, description="以幾分鐘為單位，未滿不計 / Minutes count in whole steps of this many")
]


class Policy(msgspec.Struct, frozen=True, kw_only=True):
    """What a review unit has settled. How minutes become points is the rule set's where it is null, and every minute counts."""

    roster_days: RosterDays = DEFAULT_ROSTER_DAYS
    minutes_per_credit_hour: CreditHour | None = None
    minute_step: MinuteStep | None = None

    @property
    def formula(self) -> Formula:
        """The part of it that makes points of minutes."""
        return Formula(minutes_per_credit_hour=self.minutes_per_credit_hour, minute_step=self.minute_step)


async def policy_of(tx: Transaction, review_unit_id: UUID) -> Policy:
    """The unit's policy, or the default one."""
    row = await tx.one_or_none(
        "SELECT roster_days, minutes_per_credit_hour, minute_step FROM policies WHERE review_unit_id = :id",
        id=review_unit_id,
    )
    return Policy() if row is None else Policy(**row._mapping)


async def save(tx: Transaction, review_unit_id: UUID, policy: Policy) -> None:
    """The unit's policy from now on; deadlines that were set and points that were given stay."""
    await tx.execute(
        """
        INSERT INTO policies (review_unit_id, roster_days, minutes_per_credit_hour, minute_step, updated_at)
        VALUES (:id, :roster_days, :minutes_per_credit_hour, :minute_step, :now)
        ON CONFLICT (review_unit_id) DO UPDATE SET
            roster_days = excluded.roster_days, minutes_per_credit_hour = excluded.minutes_per_credit_hour,
            minute_step = excluded.minute_step, updated_at = excluded.updated_at
        """,
        id=review_unit_id,
        roster_days=policy.roster_days,
        minutes_per_credit_hour=policy.minutes_per_credit_hour,
        minute_step=policy.minute_step,
        now=tx.now,
    )
