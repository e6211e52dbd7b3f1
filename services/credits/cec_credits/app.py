"""Every route of credits."""

from __future__ import annotations

from litestar import Litestar

from cec_chassis.audit.http import audit_controller, looks_controller
from cec_chassis.http import create_service_app, needs
from cec_chassis.service import Runtime
from cec_contracts.access import permissions_of
from cec_credits.batch.http import BatchController
from cec_credits.exports.http import ExportsController, VerificationController
from cec_credits.exports.issue import Issuer
from cec_credits.organisations.store import organisation_names
from cec_credits.practitioners.looks import EVERY_RECORD
from cec_credits.recalculation.http import ReconciliationController
from cec_credits.rulesets.edition import PublishedRules
from cec_credits.rulesets.http import DraftsController, RuleSetsController
from cec_credits.settings import CreditsSettings
from cec_credits.statements.http import StatementsController
from cec_credits.statements.pipeline_http import PipelineController

ROUTES = (
    StatementsController,
    RuleSetsController,
    PipelineController,
    DraftsController,
    ReconciliationController,
    BatchController,
    ExportsController,
    VerificationController,
    audit_controller(needs("credits.audit.read")),
    looks_controller(organisation_names, needs("credits.looks.own"), subjects=[EVERY_RECORD]),
)


def create_app(runtime: Runtime) -> Litestar:
    assert isinstance(runtime.settings, CreditsSettings)
    return create_service_app(
        runtime.settings,
        ROUTES,
        title="積分 Credits",
        description="積分統計與規則 / Statements, rule sets and the points behind them",
        database=runtime.database("api"),
        access=permissions_of("credits"),
        clock=runtime.clock,
        dependencies={
            "rules": PublishedRules(),
            "issuer": Issuer(runtime.settings),
            "index_key": runtime.settings.index_key,
            "batch_hours": runtime.settings.batch_hours,
        },
    )
