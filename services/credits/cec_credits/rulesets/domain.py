"""Rule sets as the engine uses them: for one profession, everything looked up in advance.

A :class:`ProfessionRules` answers each question of the pipeline with one dictionary look-up. The numbers and the
provisions are those of the document; nothing is decided here.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal
from functools import partial
from typing import Final

import msgspec

from cec_credits.rulesets import document as doc
from cec_credits.rulesets.unsaid import GROUNDS_UNSAID, UNSAID

ONE: Final = Decimal(1)
ORDINARY: Final = "ordinary"
_CENT: Final = Decimal("0.01")


class Provision(msgspec.Struct, frozen=True, gc=False):
    """Where a rule stands: rule set, article, and whether that text was read; which version of the rule set it is, and
    the regulation's code in the law database."""

    rule_set: str
    article: str
    verified: bool = True
    note: str = ""
    version: int = 1
    law: str = ""


class Rate(msgspec.Struct, frozen=True, gc=False):
    """Points per unit for one method and role. ``days`` and ``weekly``: above so many days whole weeks are paid."""

    per: doc.Unit
    points: Decimal
    provision: Provision
    days: int | None = None
    weekly: Decimal | None = None


class Limit(msgspec.Struct, frozen=True, gc=False, eq=False):
    """A cap on what some methods bring together within a period. Two limits are the same only if they are one object."""

    methods: tuple[str, ...]
    points: Decimal | None
    share: Decimal | None
    per: doc.Period
    provision: Provision

    def room(self, total: Decimal) -> Decimal:
        """How many points it lets through where the occasion needs so many in all, with two decimals."""
        return amount_of(self, total).quantize(_CENT)


class Terms(msgspec.Struct, gc=False, eq=False):
    """What a record of one method and role earns for somebody who practises in one kind of area.

    ``obstacle`` names the reason code when the combination earns nothing; ``rate`` is then None or of no effect.
    ``hourly`` says that minutes are the measure. ``by_minutes`` remembers what so many minutes are worth, ``by_points``
    what so many approved points are: before the multiplier, and after it.
    """

    rate: Rate | None
    minutes_per_hour: int
    factor: Decimal
    area: str
    provision: Provision
    area_provision: Provision | None
    hourly: bool = False
    obstacle: str | None = None
    non_original_factor: Decimal = ONE
    international_factor: Decimal = ONE
    by_minutes: dict[int, tuple[Decimal, Decimal]] = {}
    by_points: dict[Decimal, tuple[Decimal, Decimal]] = {}

    @property
    def plain(self) -> bool:
        """Whether the measure alone decides the worth, and neither originality nor an international setting."""
        return self.non_original_factor == ONE and self.international_factor == ONE


class _TermsOfArea(dict[tuple[str, str], Terms]):
    """By method and role; what is missing is worked out and kept."""

    def __init__(self, work_out: Callable[[str, str], Terms]) -> None:
        super().__init__()
        self._work_out = work_out

    def __missing__(self, key: tuple[str, str]) -> Terms:
        terms = self[key] = self._work_out(*key)
        return terms


class ProfessionRules:
    """One rule set as it applies to one profession."""

    __slots__ = (
        "_methods",
        "_provisions",
        "_standards",
        "_terms",
        "document",
        "named_lines",
        "overlap",
        "period_limits",
        "profession",
        "rule_set",
        "version",
        "window_limits",
    )

    def __init__(self, document: doc.RuleDocument, profession: doc.Profession, version: int = 1) -> None:
        self.document = document
        self.version = version
        self.profession = profession
        self.rule_set = document.id
        self.overlap = document.overlap
        self.named_lines = frozenset(line for profile in document.profiles.values() for line in profile.requires)
        """The lines that some occasion of the rule set requires."""
        self._methods = {method.code: method for method in document.methods}
        self._terms: dict[str, _TermsOfArea] = {}
        self._provisions: dict[int, tuple[doc.Sourced, Provision]] = {}
        self._standards = [
            (transition.until, document.standards[transition.standard])
            for transition in sorted(document.transitions, key=lambda each: each.until)
            if profession.code in transition.professions
        ]
        limits = [
            Limit(cap.methods, cap.points, cap.share, cap.per, self.provision(cap))
            for cap in document.caps
            if _applies(cap.professions, cap.except_professions, profession.code)
        ]
        self.window_limits = self._by_method([limit for limit in limits if limit.per == "window"])
        self.period_limits = self._by_method([limit for limit in limits if limit.per != "window"])

    def provision(self, value: doc.Sourced) -> Provision:
        """Where a value of this rule set stands."""
        known = self._provisions.get(id(value))
        if known is None:
            law = self.document.instrument.code
            provision = Provision(self.rule_set, value.article, value.verified, value.note, self.version, law)
            # the value is kept with it: while it lives, its id is nobody else's
            known = self._provisions[id(value)] = value, provision
        return known[1]

    def ground(self, reason: str) -> Provision:
        """Where a ground stands that is no number. The rule set need not say; then it is said that it does not, and why
        the ground holds all the same."""
        return self.provision(self.document.grounds.get(reason) or GROUNDS_UNSAID.get(reason, UNSAID))

    def standard_on(self, on: date) -> doc.Standard:
        """The standard the profession is held to on a day of evaluation, transition clauses considered."""
        for until, standard in self._standards:
            if on <= until:
                return standard
        return self.document.standards[self.profession.standard]

    def transitions_end(self) -> list[date]:
        """The days from which another standard holds because a transition clause has run out."""
        return [until + timedelta(days=1) for until, _ in self._standards]

    def profile(self, name: str) -> doc.Profile | None:
        """The named occasion, if it exists and is open to this profession."""
        profile = self.document.profiles.get(name)
        if profile is None or not _applies(profile.professions, (), self.profession.code):
            return None
        return profile

    def occasions(self) -> list[str]:
        """The names of every occasion that is open to this profession, as they stand in the document."""
        return [name for name in self.document.profiles if self.profile(name) is not None]

    def terms(self, method: str, role: str, area: str) -> Terms:
        """What a record earns."""
        return self.terms_in(area)[method, role]

    def terms_in(self, area: str) -> Mapping[tuple[str, str], Terms]:
        """What records of each method and role earn for somebody who practises there; worked out when first asked for."""
        found = self._terms.get(area)
        if found is None:
            found = self._terms[area] = _TermsOfArea(partial(self.work_out, area))
        return found

    def work_out(self, area: str, code: str, role: str) -> Terms:
        """What a record earns, from the document."""
        method = self._methods.get(code)
        factor, area_provision = self._factor(code, area)
        terms = Terms(
            rate=None,
            minutes_per_hour=self.document.credit_hour.minutes,
            factor=factor,
            area=area,
            provision=self.provision(method or UNSAID),
            area_provision=area_provision,
            by_minutes={},
            by_points={},
        )
        if method is None:
            terms.obstacle = "METHOD_UNKNOWN"
            return terms
        terms.rate = self._rate(method, role)
        terms.non_original_factor = method.non_original_factor or ONE
        terms.international_factor = method.international_factor or ONE
        if terms.rate is not None:
            terms.provision = terms.rate.provision
            terms.hourly = terms.rate.per == "hour"
        if not _applies(method.professions, (), self.profession.code):
            terms.obstacle = "METHOD_NOT_FOR_PROFESSION"
        elif terms.rate is None:
            terms.obstacle = "ROLE_NOT_CREDITED"
        return terms

    def _rate(self, method: doc.Method, role: str) -> Rate | None:
        of_role = [rate for rate in method.rates if rate.role == role]
        own = [rate for rate in of_role if self.profession.code in rate.professions]
        lines = own or [rate for rate in of_role if not rate.professions]
        if not lines:
            return None
        first = lines[0]
        weekly = next((rate.points for rate in lines[1:] if rate.per == "week"), None)
        source = doc.Sourced(
            article=first.article or method.article,
            verified=first.verified and method.verified,
            note=first.note or method.note,
        )
        return Rate(first.per, first.points, self.provision(source), first.at_most, weekly)

    def _factor(self, method: str, area: str) -> tuple[Decimal, Provision | None]:
        found = self.document.areas.get(area)
        if found is None or method in found.except_methods or (found.only_methods and method not in found.only_methods):
            return ONE, None
        return found.factor, self.provision(found)

    def _by_method(self, limits: list[Limit]) -> dict[str, tuple[Limit, ...]]:
        methods = {method for limit in limits for method in limit.methods}
        return {method: tuple(limit for limit in limits if method in limit.methods) for method in methods}


class RuleSet:
    """A checked document together with what it means for each profession it covers.

    ``version`` is the number under which the document was published; a file that comes with the service is the first.
    """

    __slots__ = ("document", "professions", "version")

    def __init__(self, document: doc.RuleDocument, version: int = 1) -> None:
        self.document = document
        self.version = version
        self.professions = {each.code: ProfessionRules(document, each, version) for each in document.professions}

    @property
    def id(self) -> str:
        """The name by which answers cite it."""
        return self.document.id

    @property
    def effective_from(self) -> date:
        """The first day on which it is in force."""
        return self.document.effective_from

    @property
    def regulation(self) -> str:
        """The line of succession it belongs to."""
        return self.document.regulation


def amount_of(value: doc.Cap | doc.Minimum | Limit, total: Decimal) -> Decimal:
    """Points as they are written, or a share of the total, to 0.01."""
    if value.share is None:
        return value.points or Decimal(0)
    return (value.share * total).quantize(_CENT, ROUND_HALF_UP)


def share_of(points: Decimal, divisor: int) -> Decimal:
    """What an occasion asks for of these points, to 0.01."""
    share = points / divisor
    cents = share.quantize(_CENT, ROUND_HALF_UP)
    return share if share == cents else cents


def _applies(professions: tuple[str, ...], excepted: tuple[str, ...], code: str) -> bool:
    return (not professions or code in professions) and code not in excepted
