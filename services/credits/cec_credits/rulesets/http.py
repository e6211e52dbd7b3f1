"""Rule sets over HTTP: which there are, and from when they hold. Public: a practitioner may know the rules."""

from __future__ import annotations

from datetime import date

import msgspec
from litestar import Controller, get
from litestar.di import NamedDependency

from cec_chassis.database import Database
from cec_chassis.http import public
from cec_credits.rulesets.edition import PublishedRules


class RuleSetView(msgspec.Struct, frozen=True):
    """One version of the rules 規則版本."""

    rule_set: str
    regulation: str
    effective_from: date
    professions: list[str]


class RuleSetsController(Controller):
    path = "/rule-sets"
    tags = ("rule sets",)

    @get("/", **public)
    async def rule_sets(
        self, database: NamedDependency[Database], rules: NamedDependency[PublishedRules]
    ) -> list[RuleSetView]:
        """Every published rule set, oldest first."""
        async with database.reading() as tx:
            book = (await rules.edition(tx)).book
        return [RuleSetView(r.id, r.regulation, r.effective_from, sorted(r.professions)) for r in book]
