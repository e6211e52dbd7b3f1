"""The API of this service: every route, listed."""

from __future__ import annotations

from litestar import Litestar

from cec_chassis.audit.http import audit_controller, looks_controller
from cec_chassis.http import create_service_app, needs
from cec_chassis.service import Runtime
from cec_contracts.access import permissions_of
from cec_enrolment.imports.http import ImportController
from cec_enrolment.rosters.http import AttendanceController, RosterController
from cec_enrolment.rosters.looks import ON_ROSTERS, offering_unit_names
from cec_enrolment.settings import EnrolmentSettings

ROUTES = (
    RosterController,
    AttendanceController,
    ImportController,
    audit_controller(needs("enrolment.audit.read")),
    looks_controller(offering_unit_names, needs("enrolment.looks.own"), subjects=[ON_ROSTERS]),
)


def create_app(runtime: Runtime) -> Litestar:
    """Connects to nothing yet. Handlers may ask for `index_key`, the key of the index of national IDs."""
    assert isinstance(runtime.settings, EnrolmentSettings)
    return create_service_app(
        runtime.settings,
        ROUTES,
        title="CEC enrolment",
        description="學員名單登錄與匯入 / Rosters of approved courses: who attended, in which role",
        database=runtime.database("api"),
        access=permissions_of("enrolment"),
        clock=runtime.clock,
        dependencies={"index_key": runtime.settings.index_key},
    )
