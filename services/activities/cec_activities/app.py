"""The API of this service: every route, listed."""

from __future__ import annotations

from litestar import Litestar

from cec_activities.activities.http import ActivityController
from cec_activities.activities.looks import EVERY_RECORD
from cec_activities.calendar.http import CalendarController
from cec_activities.organisations.store import organisation_names
from cec_activities.settings import ActivitiesSettings
from cec_chassis.audit.http import audit_controller, looks_controller
from cec_chassis.http import create_service_app, needs
from cec_chassis.service import Runtime
from cec_contracts.access import permissions_of

ROUTES = (
    ActivityController,
    CalendarController,
    audit_controller(needs("activities.audit.read")),
    looks_controller(organisation_names, needs("activities.looks.own"), subjects=[EVERY_RECORD]),
)


def create_app(runtime: Runtime) -> Litestar:
    """Connects to nothing yet."""
    assert isinstance(runtime.settings, ActivitiesSettings)
    return create_service_app(
        runtime.settings,
        ROUTES,
        title="CEC activities",
        description="團體類活動：新案申請、課程、講師、送審 / Group activities with courses and lecturers",
        database=runtime.database("api"),
        access=permissions_of("activities"),
        clock=runtime.clock,
        dependencies={"public_address": runtime.settings.public_address.rstrip("/")},
    )
