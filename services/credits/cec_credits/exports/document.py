"""What stands in a document: texts and tables, made from a statement; how it looks is the template's business."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import date, datetime
from decimal import Decimal

import msgspec

from cec_chassis.clock import TAIPEI
from cec_credits.rulesets.document import Words
from cec_credits.rulesets.words import ATTRIBUTES, ROLES
from cec_credits.statements import reasons
from cec_credits.statements.answer import line_of
from cec_credits.statements.course_records import CourseRecords
from cec_credits.statements.domain import Statement, Tally
from cec_credits.statements.queries import Explained
from cec_credits.statements.roc import roc
from cec_credits.statements.views import EntryView, entry_view

STATEMENT = Words(zh="醫事人員繼續教育積分統計", en="Statement of continuing education credits")
COURSE_RECORDS = Words(zh="醫事人員繼續教育上課紀錄", en="Course records of continuing education")
ALL_RECORDS = Words(zh="各筆紀錄", en="Every record")


class Row(msgspec.Struct, frozen=True):
    """One record as it is printed."""

    day: str
    course: str
    source: str
    kind: str
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

    name: str
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
    """Everything a template prints."""

    title: Words
    facts: list[Fact]
    verdict: Words
    met: bool
    requirements: list[Words]
    totals: list[Fact]
    by_attribute: list[Sum]
    by_method: list[Sum]
    sections: list[Section]
    anomalies: list[Words]
    issued: str
    token: str
    address: str
    qr: str
    test: bool
    signer: str


class Seal(msgspec.Struct, frozen=True, kw_only=True):
    """How the document can be checked: its token, where it is looked up, that address as a picture, and who signs."""

    token: str
    address: str
    qr: str
    test: bool
    signer: str
    issued_at: datetime


def statement_document(explained: Explained, seal: Seal) -> Document:
    """The statement with its requirement lines, its totals, and every record with what became of it."""
    statement = explained.statement
    entries = [entry_view(entry, explained.courses.get(entry.record.course or "")) for entry in statement.entries]
    return _document(STATEMENT, explained, seal, [Section(ALL_RECORDS, "", _rows(entries))])


def course_records_document(explained: Explained, records: CourseRecords, seal: Seal) -> Document:
    """The same head, and the records in the groups of the course-records page; empty groups are left out."""
    sections = [
        Section(
            group.title,
            f"有效 Valid {group.valid}　無效 Invalid {group.invalid}",
            _rows(group.entries),
        )
        for group in records.groups
        if group.entries
    ]
    return _document(COURSE_RECORDS, explained, seal, sections)


def _document(title: Words, explained: Explained, seal: Seal, sections: list[Section]) -> Document:
    statement = explained.statement
    methods = _methods(statement)
    return Document(
        title=title,
        facts=list(_facts(explained)),
        verdict=reasons.VERDICTS[statement.met],
        met=statement.met,
        requirements=[line_of(statement, line).detail for line in statement.requirements],
        totals=list(_totals(statement)),
        by_attribute=list(_sums(statement.by_attribute(), {key: words.zh for key, words in ATTRIBUTES.items()})),
        by_method=list(_sums(statement.by_method(), methods)),
        sections=sections,
        anomalies=[reasons.ANOMALIES[code] for code in statement.anomalies],
        issued=_moment(seal.issued_at),
        token=seal.token,
        address=seal.address,
        qr=seal.qr,
        test=seal.test,
        signer=seal.signer,
    )


def _facts(explained: Explained) -> Iterator[Fact]:
    person, statement, head = explained.person, explained.statement, explained.head
    profession = statement.rules.profession
    yield Fact(Words(zh="姓名", en="Name"), person.name)
    yield Fact(Words(zh="身分證或統一證號", en="National ID"), explained.national_id_masked or "－")
    yield Fact(Words(zh="人員代碼", en="Number"), person.number)
    yield Fact(Words(zh="證書類別", en="Profession"), f"{profession.code} {profession.zh}　{profession.en}")
    yield Fact(Words(zh="證書字號", en="Certificate"), person.certificate_number(head.profession) or "－")
    licence = statement.case.licence
    yield Fact(
        Words(zh="執業執照效期", en="Licence"), _between(licence.valid_from, licence.valid_until) if licence else "－"
    )
    if licence is not None and licence.extended_until is not None:
        yield Fact(Words(zh="執業執照展延至", en="Extended until"), _day(licence.extended_until))
    yield Fact(Words(zh="積分計算期間", en="Window"), _between(statement.window.since, statement.window.until))
    yield Fact(Words(zh="計算基準日", en="As of"), _day(statement.case.as_of))
    if head.known_by is not None:
        yield Fact(Words(zh="以當時所知計算", en="As known at"), _moment(head.known_by))
    yield Fact(Words(zh="計算時間", en="Computed at"), _moment(head.computed_at))
    yield Fact(Words(zh="適用規定", en="Rule set"), statement.rule_set)


def _totals(statement: Statement) -> Iterator[Fact]:
    for zh, en, value in (
        ("有效積分", "Valid", statement.valid),
        ("無效積分", "Invalid", statement.invalid),
        ("未生效積分", "Pending", statement.pending),
        ("計入換照標準", "Counted", statement.counted),
    ):
        yield Fact(Words(zh=zh, en=en), _points(value))


def _sums(groups: Mapping[str, Tally], names: Mapping[str, str]) -> Iterator[Sum]:
    for key, tally in groups.items():
        points = (tally.valid, tally.invalid, tally.pending, tally.counted)
        yield Sum(names.get(key, key), str(tally.records), *(_points(each) for each in points))


def _rows(entries: Iterable[EntryView]) -> list[Row]:
    return [
        Row(
            day=f"{entry.effective_on}\n{entry.effective_on_roc}",
            course=entry.course.course_title if entry.course else "（課程資料未到 / course not known yet）",
            source=f"{entry.course.course_code}　{entry.course.offering_unit_name}" if entry.course else entry.id,
            kind=f"{ATTRIBUTES[entry.attribute].zh}・{ROLES[entry.role].zh}\n{entry.method}",
            points=_points(entry.points),
            valid=_points(entry.valid),
            counted=_points(entry.counted),
            reasons=[loss.detail for loss in entry.losses]
            + ([] if entry.losses else [reasons.COUNTED])
            + [note.detail for note in entry.notes],
        )
        for entry in entries
    ]


def _methods(statement: Statement) -> dict[str, str]:
    return {method.code: f"{method.code}　{method.zh}" for method in statement.rules.document.methods}


def _points(value: Decimal) -> str:
    return f"{value:.2f}"


def _day(day: date) -> str:
    return f"{day}（{roc(day)}）"


def _between(since: date | None, until: date) -> str:
    return f"{since or '－'} 至 {until}（{roc(since) if since else '－'} 至 {roc(until)}）"


def _moment(at: datetime) -> str:
    return f"{at.astimezone(TAIPEI):%Y-%m-%d %H:%M:%S}（臺北時間 Taipei）"
