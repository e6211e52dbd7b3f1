"""The implementation methods 實施方式 of a rule set, for whoever asks what an activity or a paper would give."""

from __future__ import annotations

from decimal import Decimal

import msgspec

from cec_chassis.database import Transaction
from cec_credits.rulesets.document import Method, Rate, Words
from cec_credits.rulesets.views import published_version
from cec_credits.rulesets.words import ROLES, UNITS, cited


class RateView(msgspec.Struct, frozen=True, kw_only=True):
    """Points for each unit in a role; no professions: for all. `at_most`: the longest for which a daily rate holds."""

    role: str
    role_text: Words
    per: str
    per_text: Words
    points: Decimal
    professions: list[str]
    at_most: int | None


class MethodView(msgspec.Struct, frozen=True, kw_only=True):
    """One method: who may apply for it, `unit` or `person`; no professions: for all. `verified`: its text was read."""

    code: str
    text: Words
    applicants: list[str]
    professions: list[str]
    rates: list[RateView]
    article: str
    citation: Words
    verified: bool
    note: str


class MethodsView(msgspec.Struct, frozen=True, kw_only=True):
    """All methods of the published version."""

    rule_set: str
    version: int
    methods: list[MethodView]


async def methods_of(tx: Transaction, name: str) -> MethodsView:
    """Raises NoSuchRuleSet."""
    version = await published_version(tx, name)
    return MethodsView(
        rule_set=name,
        version=version.version,
        methods=[_method(each) for each in version.parsed().document.methods],
    )


def _method(method: Method) -> MethodView:
    return MethodView(
        code=method.code,
        text=Words(zh=method.zh, en=method.en),
        applicants=list(method.applicants),
        professions=list(method.professions),
        rates=[_rate(each) for each in method.rates],
        article=method.article,
        citation=cited(method.article),
        verified=method.verified,
        note=method.note,
    )


def _rate(rate: Rate) -> RateView:
    return RateView(
        role=rate.role,
        role_text=ROLES[rate.role],
        per=rate.per,
        per_text=UNITS[rate.per],
        points=rate.points,
        professions=list(rate.professions),
        at_most=rate.at_most,
    )
