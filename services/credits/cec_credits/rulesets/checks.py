"""What a rule-set document must satisfy beyond its shape; every fault is named, not only the first."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Final

import msgspec

from cec_contracts.vocabulary import PROFESSION_PATTERN
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
from cec_credits.rulesets.quantities import unfit_values
from cec_credits.rulesets.words import AREAS, ATTRIBUTES, GROUNDS, ROLES

FAULT: Final = "rule-set-fault"
_ID = re.compile(r"[A-Z][A-Za-z0-9_-]{1,39}")
_PROFESSION = re.compile(PROFESSION_PATTERN)
_IN_BOTH = re.compile(r"(?=[^/]*[\u4e00-\u9fff]).+? / .*[A-Za-z]", re.DOTALL)
"""A text in Chinese, and after it in English."""


class Problem(msgspec.Struct, frozen=True):
    """One fault: the key it sits at, and what is wrong, in Chinese and English."""

    key: str
    message: str
    slug: str = FAULT

    def __str__(self) -> str:
        return f"{self.key}: {self.message}"


def problems_of(document: RuleDocument) -> list[Problem]:
    """Every fault of a document: what no value may be at all, then how they go together; empty if it may be used."""
    return [
        *(Problem(unfit.key, unfit.message) for unfit in unfit_values(document)),
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
    if not _ID.fullmatch(document.id):
        yield Problem(
            "id",
            "須以大寫字母開頭,後接字母、數字、- 或 _,共 2 至 40 字"
            " / starts with a capital letter; letters, digits, - and _ follow, 2 to 40 in all",
        )
    if not document.regulation:
        yield Problem("regulation", "不得空白 / is empty")
    if document.id in document.supersedes:
        yield Problem("supersedes", "不得取代自己 / a rule set cannot supersede itself")


def _professions(document: RuleDocument) -> Iterator[Problem]:
    if not document.professions:
        yield Problem("professions", "未涵蓋任何人員類別 / covers no profession")
    yield from _repeated("professions", "code", [each.code for each in document.professions])
    for at, profession in enumerate(document.professions):
        if not _PROFESSION.fullmatch(profession.code):
            yield Problem(
                f"professions[{at}].code",
                "須為一個大寫字母或 1 至 9,或大寫字母開頭之 2 至 4 字"
                " / is a capital letter or 1 to 9, or a capital letter and one to three capital letters or digits",
            )
        if profession.standard not in document.standards:
            yield Problem(f"professions[{at}].standard", _no_standard(profession.standard, document))


def _standards(document: RuleDocument) -> Iterator[Problem]:
    for name, standard in document.standards.items():
        key = f"standards.{name}"
        limited = standard.limited
        yield from _known(f"{key}.limited.attributes", limited.attributes, ATTRIBUTES, "attribute")
        if "professional" in limited.attributes:
            yield Problem(
                f"{key}.limited.attributes",
                "專業課程不得列入設限之課程屬性 / professional courses cannot belong to the limited group",
            )
        numbers = [limited.minimum, standard.total.points, *([] if limited.cap is None else [limited.cap])]
        finite = all(number.is_finite() for number in numbers)
        if finite and limited.cap is not None and not limited.minimum <= limited.cap <= standard.total.points:
            yield Problem(f"{key}.limited.cap", "須介於下限與總積分之間 / must lie between the minimum and the total")
        yield from _course_lines(key, standard)
        for at, further in enumerate(standard.further):
            yield from _points_or_share(f"{key}.further[{at}]", further)
            yield from _known(f"{key}.further[{at}].attributes", further.attributes, ATTRIBUTES, "attribute")
            yield from _known(f"{key}.further[{at}].methods", further.methods, _codes(document), "method")


def _course_lines(key: str, standard: Standard) -> Iterator[Problem]:
    for flag, line in (("infection_control", standard.infection_control), ("gender", standard.gender)):
        yield from _known(f"{key}.{flag}.attributes", line.attributes or (), ATTRIBUTES, "attribute")


def _occasions(document: RuleDocument) -> Iterator[Problem]:
    covered = {each.code for each in document.professions}
    for at, transition in enumerate(document.transitions):
        key = f"transitions[{at}]"
        yield from _known(f"{key}.professions", transition.professions, covered, "profession")
        if transition.standard not in document.standards:
            yield Problem(f"{key}.standard", _no_standard(transition.standard, document))
        if transition.until < document.effective_from:
            yield Problem(f"{key}.until", "早於規則生效日 / ends before the rule set comes into force")
    if "renewal" not in document.profiles:
        yield Problem("profiles", "缺少 renewal(執業執照更新)之情形 / the profile 'renewal' is missing")
    for name, profile in document.profiles.items():
        key = f"profiles.{name}"
        yield from _known(f"{key}.professions", profile.professions, covered, "profession")


def _methods(document: RuleDocument) -> Iterator[Problem]:
    covered = {each.code for each in document.professions}
    yield from _repeated("methods", "code", [method.code for method in document.methods])
    for at, method in enumerate(document.methods):
        key = f"methods[{at}]"
        yield from _known(f"{key}.professions", method.professions, covered, "profession")
        if not method.rates:
            yield Problem(f"{key}.rates", "未定積分標準,請至少列一項 / pays nobody; name at least one rate")
        lines: list[tuple[str, str, str]] = []
        for index, rate in enumerate(method.rates):
            inside = f"{key}.rates[{index}]"
            yield from _known(f"{inside}.role", (rate.role,), ROLES, "role")
            yield from _known(f"{inside}.professions", rate.professions, covered, "profession")
            if rate.at_most is not None and rate.per != "day":
                yield Problem(f"{inside}.at_most", "僅適用於按日計分 / bounds a daily rate only")
            if rate.per == "week" and not any(
                other.role == rate.role and other.at_most and other.professions == rate.professions
                for other in method.rates[:index]
            ):
                yield Problem(
                    f"{inside}.per",
                    "按週計分須接在同一角色載明 at_most 之按日計分之後"
                    " / a weekly rate follows the daily one of its role, which says at_most",
                )
            lines += [(rate.role, rate.per, code) for code in rate.professions or ("",)]
        yield from _repeated(key, "rates (role, per, profession)", [" ".join(line).strip() for line in lines])


def _caps(document: RuleDocument) -> Iterator[Problem]:
    covered = {each.code for each in document.professions}
    for at, cap in enumerate(document.caps):
        key = f"caps[{at}]"
        if not cap.methods:
            yield Problem(f"{key}.methods", "未列實施方式 / caps nothing")
        yield from _known(f"{key}.methods", cap.methods, _codes(document), "method")
        yield from _known(f"{key}.professions", cap.professions, covered, "profession")
        yield from _known(f"{key}.except_professions", cap.except_professions, covered, "profession")
        yield from _points_or_share(key, cap)
    limits = [
        f"{'+'.join(sorted(cap.methods))} {cap.per} {profession}"
        for cap in document.caps
        for profession in sorted((set(cap.professions) or covered) - set(cap.except_professions))
    ]
    yield from _repeated("caps", "the limit (methods, per, profession)", limits)


def _areas(document: RuleDocument) -> Iterator[Problem]:
    yield from _known("areas", document.areas, AREAS, "area")
    yield from _known("grounds", document.grounds, GROUNDS, "ground")
    for name, area in document.areas.items():
        yield from _known(f"areas.{name}.only_methods", area.only_methods, _codes(document), "method")
        yield from _known(f"areas.{name}.except_methods", area.except_methods, _codes(document), "method")


def _sources(key: str, value: object) -> Iterator[Problem]:
    """A value says where it stands; one whose text was not read says why it is believed."""
    if isinstance(value, Total | Limited | Cap | Area | Method | Transition) and not value.article:
        yield Problem(key, "須註明條文(article) / must say in which article it stands")
    if isinstance(value, Sourced) and not value.verified and not value.note:
        yield Problem(key, "未經查證,請以 note 說明依據 / is not verified, so a note must say why it is believed")
    if isinstance(value, Sourced) and value.note and not _IN_BOTH.match(value.note):
        yield Problem(
            f"{key}.note".lstrip("."),
            "醫事人員會讀到,請以「中文 / English」兩種語文說明 / practitioners read it: say it in both languages, 中文 / English",
        )
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
        yield Problem(
            f"{key}.points", "積分與所占比例須擇一 / says either points or a share of the total, and not both"
        )


def _codes(document: RuleDocument) -> set[str]:
    return {method.code for method in document.methods}


def _no_standard(name: str, document: RuleDocument) -> str:
    return f"沒有名為 {name} 的標準 / no standard is called {name!r}; there are: {', '.join(document.standards)}"


_KINDS: Final = {
    "attribute": "課程屬性",
    "method": "實施方式",
    "profession": "人員類別",
    "role": "角色",
    "area": "執業地區",
    "ground": "不計原因",
}


def _known(key: str, given: Iterable[str], known: Iterable[str], what: str) -> Iterator[Problem]:
    names = sorted(set(known))
    for each in given:
        if each not in names:
            yield Problem(
                key,
                f"沒有名為 {each} 的{_KINDS[what]},可用:{'、'.join(names)}"
                f" / no {what} is called {each!r}; there are: {', '.join(names)}",
            )


def _repeated(key: str, field: str, values: list[str]) -> Iterator[Problem]:
    for value in sorted({each for each in values if values.count(each) > 1}):
        yield Problem(key, f"{value} 重複 / {field} {value!r} stands twice")
