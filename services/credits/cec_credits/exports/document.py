"""What stands in a document: texts and tables, made from a statement; how it looks is the template's business."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Final, Literal, get_args

import msgspec

from cec_chassis.clock import TAIPEI
from cec_credits import texts
from cec_credits.rulesets.document import Words
from cec_credits.rulesets.words import ATTRIBUTES, ROLES
from cec_credits.statements import reasons
from cec_credits.statements.answer import line_of, occasion_of, verdict_of
from cec_credits.statements.course_records import CourseRecords
from cec_credits.statements.domain import Statement, Tally
from cec_credits.statements.filters import Filters
from cec_credits.statements.head import Advice, advice_under
from cec_credits.statements.queries import Explained
from cec_credits.statements.roc import roc
from cec_credits.statements.views import EntryView

STATEMENT: Final = texts.words("document.statement")
COURSE_RECORDS: Final = texts.words("document.course_records")
ALL_RECORDS: Final = texts.words("document.all_records")
_VALID: Final = texts.both("document.valid", " ")
_INVALID: Final = texts.both("document.invalid", " ")
_COURSE_UNKNOWN: Final = texts.both("document.course_unknown")
_TAIPEI_TIME: Final = texts.both("document.taipei_time", " ")
_FactCode = Literal[
    "name",
    "national_id",
    "number",
    "profession",
    "certificate",
    "licence",
    "extended_until",
    "window",
    "not_begun",
    "as_of",
    "known_by",
    "computed_at",
    "rule_set",
    "occasion",
    "filters",
    "valid",
    "invalid",
    "pending",
    "counted",
]
_FACTS: Final[Mapping[_FactCode, Words]] = texts.each("fact", get_args(_FactCode))


class Row(msgspec.Struct, frozen=True):
    """One record as it is printed."""

    day: str
    course: str
    source: str
    kind: Words
    method: str
    points: str
    valid: str
    counted: str
    reasons: list[Words]


class Section(msgspec.Struct, frozen=True):
    """Records under one heading, with what they come to."""

    title: Words
    sums: str
    rows: list[Row]


class Sum(msgspec.Struct, frozen=True):
    """One line of totals."""

    name: Words
    records: str
    valid: str
    invalid: str
    pending: str
    counted: str


class Fact(msgspec.Struct, frozen=True):
    """A name and what it is."""

    name: Words
    value: str


class Document(msgspec.Struct, frozen=True, kw_only=True):
    """Everything a template prints, but for its own words."""

    title: Words
    facts: list[Fact]
    verdict: Words
    met: bool
    judged: bool
    requirements: list[Words]
    totals: list[Fact]
    by_attribute: list[Sum]
    by_method: list[Sum]
    by_method_and_attribute: list[Sum]
    sections: list[Section]
    advice: list[Advice]
    warnings: list[Words]
    issued: str
    token: str
    address: str
    qr: str
    test: bool
    signer: str


class Seal(msgspec.Struct, frozen=True, kw_only=True):
    """How the document can be checked: its token, where it is looked up, that address as a picture, and who signs.

    `site` is the public address of this system, without a slash at its end.
    """

    token: str
    site: str
    address: str
    qr: str
    test: bool
    signer: str
    issued_at: datetime


def statement_document(explained: Explained, seal: Seal) -> Document:
    """The statement with its requirement lines, its totals, and every record with what became of it."""
    statement = explained.statement
    entries = [explained.view(entry) for entry in statement.entries]
    return _document(STATEMENT, explained, seal, [Section(ALL_RECORDS, "", _rows(entries))])


def course_records_document(explained: Explained, records: CourseRecords, filters: Filters, seal: Seal) -> Document:
    """The same head, and the records in the groups of the course-records page, by what they were narrowed to; empty groups
    are left out."""
    sections = [
        Section(
            group.title,
            f"{_VALID} {group.valid}　{_INVALID} {group.invalid}",
            _rows(group.entries),
        )
        for group in records.groups
        if group.entries
    ]
    return _document(COURSE_RECORDS, explained, seal, sections, filters.said())


def _document(
    title: Words, explained: Explained, seal: Seal, sections: list[Section], narrowed_to: str = ""
) -> Document:
    statement = explained.statement
    methods = _methods(statement)
    return Document(
        title=title,
        facts=[*_facts(explained), *([Fact(_FACTS["filters"], narrowed_to)] if narrowed_to else [])],
        verdict=verdict_of(statement),
        met=statement.fulfilled,
        judged=statement.judged,
        requirements=[line_of(statement, line).detail for line in statement.requirements],
        totals=list(_totals(statement)),
        by_attribute=list(_sums(statement.by_attribute(), ATTRIBUTES)),
        by_method=list(_sums(statement.by_method(), methods)),
        by_method_and_attribute=list(_cross(statement)),
        sections=sections,
        advice=list(_advice(statement, seal.site)),
        warnings=list(_warnings(statement)),
        issued=_moment(seal.issued_at),
        token=seal.token,
        address=seal.address,
        qr=seal.qr,
        test=seal.test,
        signer=seal.signer,
    )


def _warnings(statement: Statement) -> Iterator[Words]:
    """What is wrong with the licence, before anybody reads the numbers."""
    yield from (reasons.ANOMALIES[code] for code in statement.anomalies)
    remark = reasons.of_licence(statement.case)
    if remark is not None:
        yield remark


def _facts(explained: Explained) -> Iterator[Fact]:
    person, statement, head = explained.person, explained.statement, explained.head
    profession = statement.rules.profession
    yield Fact(_FACTS["name"], person.name)
    yield Fact(_FACTS["national_id"], explained.national_id_masked or "－")
    yield Fact(_FACTS["number"], person.number)
    yield Fact(_FACTS["profession"], f"{profession.code} {profession.zh}　{profession.en}")
    yield Fact(_FACTS["certificate"], person.certificate_number(head.profession) or "－")
    licence = statement.case.licence
    yield Fact(_FACTS["licence"], _between(licence.valid_from, licence.valid_until) if licence else "－")
    if licence is not None and licence.extended_until is not None:
        yield Fact(_FACTS["extended_until"], _day(licence.extended_until))
    yield Fact(_FACTS["window"], _between(statement.window.since, statement.window.until))
    if head.window.remark is not msgspec.UNSET:
        yield Fact(_FACTS["not_begun"], f"{head.window.remark.zh} {head.window.remark.en}")
    yield Fact(_FACTS["as_of"], _day(statement.case.as_of))
    if head.known_by is not None:
        yield Fact(_FACTS["known_by"], _moment(head.known_by))
    yield Fact(_FACTS["computed_at"], _moment(head.computed_at))
    yield Fact(_FACTS["rule_set"], statement.rule_set)
    occasion = occasion_of(statement)
    where = occasion.source.citation
    yield Fact(_FACTS["occasion"], f"{occasion.text.zh}（{where.zh}）{occasion.text.en} ({where.en})")


def _totals(statement: Statement) -> Iterator[Fact]:
    yield Fact(_FACTS["valid"], _points(statement.valid))
    yield Fact(_FACTS["invalid"], _points(statement.invalid))
    yield Fact(_FACTS["pending"], _points(statement.pending))
    yield Fact(_FACTS["counted"], _points(statement.counted))


def _advice(statement: Statement, site: str) -> Iterator[Advice]:
    """With whole addresses: paper is read without the answer it was made from."""
    for each in advice_under(statement.rule_set):
        yield Advice(each.about, each.text, each.address and site + each.address)


def _sums(groups: Mapping[str, Tally], names: Mapping[str, Words]) -> Iterator[Sum]:
    for key, tally in groups.items():
        points = (tally.valid, tally.invalid, tally.pending, tally.counted)
        yield Sum(names.get(key) or Words(zh=key, en=""), str(tally.records), *(_points(each) for each in points))


def _cross(statement: Statement) -> Iterator[Sum]:
    """Each method with the attributes of its courses; the method by its code, for its name stands in the table above."""
    for (method, attribute), tally in sorted(statement.cells.items()):
        named = ATTRIBUTES[attribute]
        name = {method: Words(zh=f"{method}　{named.zh}", en=named.en)}
        yield from _sums({method: tally}, name)


def _rows(entries: Iterable[EntryView]) -> list[Row]:
    return [
        Row(
            day=f"{entry.effective_on}\n{entry.effective_on_roc}",
            course=entry.course.course_title if entry.course else f"（{_COURSE_UNKNOWN}）",
            source=f"{entry.course.course_code}　{entry.course.offering_unit_name}" if entry.course else entry.id,
            kind=_kind(entry),
            method=entry.method,
            points=_points(entry.points),
            valid=_points(entry.valid),
            counted=_points(entry.counted),
            reasons=_in_part(entry)
            + [loss.detail for loss in entry.losses]
            + ([] if entry.losses else [reasons.COUNTED])
            + [note.detail for note in entry.notes],
        )
        for entry in entries
    ]


def _kind(entry: EntryView) -> Words:
    """Attribute and role in one line of each language."""
    attribute, role = ATTRIBUTES[entry.attribute], ROLES[entry.role]
    return Words(zh=f"{attribute.zh}・{role.zh}", en=f"{attribute.en}, {role.en}")


def _in_part(entry: EntryView) -> list[Words]:
    """Where only part of a course was attended: the points of the whole, so that the smaller number explains itself."""
    approval = entry.basis.approval
    return [] if approval is None or approval.attended_minutes is None else [approval.detail]


def _methods(statement: Statement) -> dict[str, Words]:
    methods = statement.rules.document.methods
    return {method.code: Words(zh=f"{method.code}　{method.zh}", en=method.en) for method in methods}


def _points(value: Decimal) -> str:
    return f"{value:.2f}"


def _day(day: date) -> str:
    return f"{day}（{roc(day)}）"


def _between(since: date | None, until: date) -> str:
    return f"{since or '－'} 至 {until}（{roc(since) if since else '－'} 至 {roc(until)}）"


def _moment(at: datetime) -> str:
    return f"{at.astimezone(TAIPEI):%Y-%m-%d %H:%M:%S}（{_TAIPEI_TIME}）"
