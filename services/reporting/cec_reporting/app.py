"""The API of this service: every route, listed."""

from __future__ import annotations

from litestar import Litestar

from cec_chassis.audit.http import audit_controller
from cec_chassis.http import create_service_app, needs
from cec_chassis.service import Runtime
from cec_contracts.access import permissions_of
from cec_reporting.accounts.http import AccountCountController
from cec_reporting.activities.http import ActivityController
from cec_reporting.attendances.http import AttendanceCountController
from cec_reporting.audit_heads.http import AuditHeadController
from cec_reporting.search.http import ActivitySearchController
from cec_reporting.standings.http import ComplianceCountController

ROUTES = (
    ActivityController,
    ActivitySearchController,
    AttendanceCountController,
    ComplianceCountController,
    AccountCountController,
    AuditHeadController,
    audit_controller(needs("reporting.audit.read")),
)


def create_app(runtime: Runtime) -> Litestar:
    """Connects to nothing yet."""
    return create_service_app(
        runtime.settings,
        ROUTES,
        title="CEC reporting",
        description="開課清冊及出席、達標與帳號統計 / Registers and figures, fed by events only",
        database=runtime.database("api"),
        access=permissions_of("reporting"),
        clock=runtime.clock,
    )
