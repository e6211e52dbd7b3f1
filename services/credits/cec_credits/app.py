"""Every route of credits."""

from __future__ import annotations

from litestar import Litestar

from cec_chassis.http import create_service_app
from cec_chassis.service import Runtime
from cec_credits.recalculation.http import ReconciliationController
from cec_credits.rulesets.edition import PublishedRules
from cec_credits.rulesets.http import DraftsController, RuleSetsController
from cec_credits.statements.http import StatementsController


def create_app(runtime: Runtime) -> Litestar:
    return create_service_app(
        runtime.settings,
        [StatementsController, RuleSetsController, DraftsController, ReconciliationController],
        title="積分 Credits",
        description="積分統計與規則 / Statements, rule sets and the points behind them",
        database=runtime.database("api"),
        clock=runtime.clock,
        dependencies={"rules": PublishedRules()},
    )
