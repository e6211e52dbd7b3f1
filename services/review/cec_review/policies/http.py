"""Policies over HTTP."""

from __future__ import annotations

from uuid import UUID

from litestar import Controller, Response, get, put
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody

from cec_chassis.database import Database
from cec_chassis.http import HttpRequest, Request, needs, run_command
from cec_review.access import require_readable
from cec_review.policies.settle_policy import settle_policy
from cec_review.policies.store import CreditHour, MinuteStep, Policy, RosterDays, policy_of


class SettlePolicy(Request):
    """All that a review unit settles; what is left out is as the rule set says."""

    roster_days: RosterDays
    minutes_per_credit_hour: CreditHour | None = None
    minute_step: MinuteStep | None = None


class PolicyController(Controller):
    """Policies of review units 審查單位設定."""

    path = "/policies"
    tags = ["policies"]  # noqa: RUF012 - Litestar's own declaration

    @get(
        "/{review_unit_id:uuid}",
        guards=[needs("review.policies.read")],
    )
    async def read_policy(
        self, request: HttpRequest, database: NamedDependency[Database], review_unit_id: FromPath[UUID]
    ) -> Policy:
        """What the unit has settled, or the defaults."""
        require_readable(request.user, review_unit_id)
        async with database.reading() as tx:
            return await policy_of(tx, review_unit_id)

    @put("/{review_unit_id:uuid}", guards=[needs("review.policies.change")])
    async def settle(
        self,
        request: HttpRequest,
        database: NamedDependency[Database],
        review_unit_id: FromPath[UUID],
        data: JSONBody[SettlePolicy],
    ) -> Response[Policy]:
        """Settle the policy for decisions from now on."""
        policy = Policy(
            roster_days=data.roster_days,
            minutes_per_credit_hour=data.minutes_per_credit_hour,
            minute_step=data.minute_step,
        )
        return await run_command(request, database, lambda tx: settle_policy(tx, review_unit_id, policy))
