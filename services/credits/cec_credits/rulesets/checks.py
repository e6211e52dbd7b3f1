"""What a rule-set document must satisfy beyond its shape; every fault is named, not only the first."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from decimal import Decimal

import msgspec

from cec_credits.rulesets.document import (
    Area,
    Cap,
    Limited,
    Method,
    Minimum,
    RuleDocument,
    Sourced,
    Standard,
    Total,
    Transition,
)
from cec_credits.rulesets.words import AREAS, ATTRIBUTES, GROUNDS, ROLES

_ID = re.compile(r"^[A-Z][A-Za-z0-9_-]{1,39}$")


class Problem(msgspec.Struct, frozen=True):
    """One fault: the key it sits at, and what is wrong."""

    key: str
    message: str

    def __str__(self) -> str:
        return f"{self.key}: {self.message}"


def problems_of(document: RuleDocument) -> list[Problem]:
    """Every fault of a document, in the order of its keys; empty if it may be used."""
    return [
        *_identity(document),
        *_professions(document),
        *_standards(document),
        *_occasions(document),
        *_methods(document),
        *_caps(document),
        *_areas(document),
        *_sources("", document),
    ]


def _identity(document: RuleDocument) -> Iterator[Problem]:
    if not _ID.match(document.id):
        yield Problem("id", "starts with a capital letter; letters, digits, - and _ follow, at most 40 in all")
    if not document.regulation:
        yield Problem("regulation", "is empty")
    if document.id in document.supersedes:
        yield Problem("supersedes", "a rule set cannot supersede itself")
    if document.credit_hour.minutes <= 0:
        yield Problem("credit_hour.minutes", "must be more than 0")
    if document.window.years <= 0:
        yield Problem("window.years", "must be more than 0")
    if document.overlap.tolerance_minutes < 0:
        yield Problem("overlap.tolerance_minutes", "must not be negative")


def _professions(document: RuleDocument) -> Iterator[Problem]:
    if not document.professions:
        yield Problem("professions", "covers no profession")
    yield from _repeated("professions", "code", [each.code for each in document.professions])
    for at, profession in enumerate(document.professions):
        if profession.standard not in document.standards:
            yield Problem(f"professions[{at}].standard", f"no standard is called {profession.standard!r}")


def _standards(document: RuleDocument) -> Iterator[Problem]:
    for name, standard in document.standards.items():
        key = f"standards.{name}"
        limited = standard.limited
        yield from _known(f"{key}.limited.attributes", limited.attributes, ATTRIBUTES, "attribute")
        if "professional" in limited.attributes:
            yield Problem(f"{key}.limited.attributes", "professional courses cannot belong to the limited group")
        yield from _positive(f"{key}.total.points", standard.total.points)
        if limited.minimum < 0:
            yield Problem(f"{key}.limited.minimum", "must not be negative")
        if limited.cap is not None and not limited.minimum <= limited.cap <= standard.total.points:
            yield Problem(f"{key}.limited.cap", "must lie between the minimum and the total")
        yield from _course_lines(key, standard)
        for at, further in enumerate(standard.further):
            yield from _points_or_share(f"{key}.further[{at}]", further)
            yield from _known(f"{key}.further[{at}].attributes", further.attributes, ATTRIBUTES, "attribute")
            yield from _known(f"{key}.further[{at}].methods", further.methods, _codes(document), "method")


def _course_lines(key: str, standard: Standard) -> Iterator[Problem]:
    for flag, line in (("infection_control", standard.infection_control), ("gender", standard.gender)):
        if line.courses < 0:
            yield Problem(f"{key}.{flag}.courses", "must not be negative")
        yield from _known(f"{key}.{flag}.attributes", line.attributes or (), ATTRIBUTES, "attribute")


def _occasions(document: RuleDocument) -> Iterator[Problem]:
    covered = {each.code for each in document.professions}
    for at, transition in enumerate(document.transitions):
        key = f"transitions[{at}]"
        yield from _known(f"{key}.professions", transition.professions, covered, "profession")
        if transition.standard not in document.standards:
            yield Problem(f"{key}.standard", f"no standard is called {transition.standard!r}")
        if transition.until < document.effective_from:
            yield Problem(f"{key}.until", "ends before the rule set comes into force")
    if "renewal" not in document.profiles:
        yield Problem("profiles", "the profile 'renewal' is missing")
    for name, profile in document.profiles.items():
        key = f"profiles.{name}"
        yield from _known(f"{key}.professions", profile.professions, covered, "profession")
        if profile.total_share < 1:
            yield Problem(f"{key}.total_share", "must be 1 or more")
        if profile.years is not None and profile.years <= 0:
            yield Problem(f"{key}.years", "must be more than 0")


def _methods(document: RuleDocument) -> Iterator[Problem]:
    covered = {each.code for each in document.professions}
    yield from _repeated("methods", "code", [method.code for method in document.methods])
    for at, method in enumerate(document.methods):
        key = f"methods[{at}]"
        yield from _known(f"{key}.professions", method.professions, covered, "profession")
        if not method.rates:
            yield Problem(f"{key}.rates", "pays nobody")
        for factor in ("non_original_factor", "international_factor"):
            if (value := getattr(method, factor)) is not None:
                yield from _positive(f"{key}.{factor}", value)
        lines: list[tuple[str, str, str]] = []
        for index, rate in enumerate(method.rates):
            inside = f"{key}.rates[{index}]"
            yield from _known(f"{inside}.role", (rate.role,), ROLES, "role")
            yield from _known(f"{inside}.professions", rate.professions, covered, "profession")
            yield from _positive(f"{inside}.points", rate.points)
            if rate.at_most is not None and rate.per != "day":
                yield Problem(f"{inside}.at_most", "bounds a daily rate only")
            if rate.per == "week" and not any(
                other.role == rate.role and other.at_most and other.professions == rate.professions
                for other in method.rates[:index]
            ):
                yield Problem(f"{inside}.per", "a weekly rate follows the daily one of its role, which says at_most")
            lines += [(rate.role, rate.per, code) for code in rate.professions or ("",)]
        yield from _repeated(key, "rates (role, per, profession)", [" ".join(line).strip() for line in lines])


def _caps(document: RuleDocument) -> Iterator[Problem]:
    covered = {each.code for each in document.professions}
    for at, cap in enumerate(document.caps):
        key = f"caps[{at}]"
        if not cap.methods:
            yield Problem(f"{key}.methods", "caps nothing")
        yield from _known(f"{key}.methods", cap.methods, _codes(document), "method")
        yield from _known(f"{key}.professions", cap.professions, covered, "profession")
        yield from _known(f"{key}.except_professions", cap.except_professions, covered, "profession")
        yield from _points_or_share(key, cap)
        if cap.points is not None and cap.points != cap.points.quantize(Decimal("0.01")):
            yield Problem(f"{key}.points", "has more than two decimals")


def _areas(document: RuleDocument) -> Iterator[Problem]:
    yield from _known("areas", document.areas, AREAS, "area")
    yield from _known("grounds", document.grounds, GROUNDS, "ground")
    for name, area in document.areas.items():
        yield from _positive(f"areas.{name}.factor", area.factor)
        yield from _known(f"areas.{name}.only_methods", area.only_methods, _codes(document), "method")
        yield from _known(f"areas.{name}.except_methods", area.except_methods, _codes(document), "method")


def _sources(key: str, value: object) -> Iterator[Problem]:
    """A value says where it stands; one whose text was not read says why it is believed."""
    if isinstance(value, Total | Limited | Cap | Area | Method | Transition) and not value.article:
        yield Problem(key, "must say in which article it stands")
    if isinstance(value, Sourced) and not value.verified and not value.note:
        yield Problem(key, "is not verified, so a note must say why it is believed")
    if isinstance(value, msgspec.Struct):
        for field in value.__struct_fields__:
            yield from _sources(f"{key}.{field}".lstrip("."), getattr(value, field))
    elif isinstance(value, dict):
        for name, each in value.items():
            yield from _sources(f"{key}.{name}", each)
    elif isinstance(value, tuple):
        for at, each in enumerate(value):
            yield from _sources(f"{key}[{at}]", each)


def _points_or_share(key: str, value: Cap | Minimum) -> Iterator[Problem]:
    if (value.points is None) == (value.share is None):
        yield Problem(f"{key}.points", "says either points or a share of the total, and not both")
    if value.points is not None:
        yield from _positive(f"{key}.points", value.points)
    if value.share is not None and not (value.share.is_finite() and 0 < value.share <= 1):
        yield Problem(f"{key}.share", "must be more than 0 and at most 1, which is the whole total")


def _codes(document: RuleDocument) -> set[str]:
    return {method.code for method in document.methods}


def _known(key: str, given: Iterable[str], known: Iterable[str], what: str) -> Iterator[Problem]:
    names = set(known)
    for each in given:
        if each not in names:
            yield Problem(key, f"no {what} is called {each!r}")


def _repeated(key: str, field: str, values: list[str]) -> Iterator[Problem]:
    for value in sorted({each for each in values if values.count(each) > 1}):
        yield Problem(key, f"{field} {value!r} stands twice")


def _positive(key: str, value: Decimal) -> Iterator[Problem]:
    if not value.is_finite() or value <= 0:
        yield Problem(key, "must be more than 0")
