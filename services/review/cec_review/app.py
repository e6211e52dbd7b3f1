"""The API of this service: every route, listed."""

from __future__ import annotations

from litestar import Litestar

from cec_chassis.audit.http import audit_controller, looks_controller
from cec_chassis.http import create_service_app, needs
from cec_chassis.service import Runtime
from cec_contracts.access import permissions_of
from cec_review.approvals.http import ApprovalController
from cec_review.cases.http import CaseController
from cec_review.organisations.store import organisation_names
from cec_review.policies.http import PolicyController
from cec_review.practitioners.looks import EVERY_RECORD

ROUTES = (
    CaseController,
    ApprovalController,
    PolicyController,
    audit_controller(needs("review.audit.read")),
    looks_controller(organisation_names, needs("review.looks.own"), subjects=[EVERY_RECORD]),
)


def create_app(runtime: Runtime) -> Litestar:
    """Connects to nothing yet."""
    return create_service_app(
        runtime.settings,
        ROUTES,
        title="CEC review",
        description="審查：案件、審定、核給積分、撤銷核定 / Cases, decisions, approved points, withdrawals",
        database=runtime.database("api"),
        access=permissions_of("review"),
        clock=runtime.clock,
    )
