"""The answer as others read it: every number a string with two decimals, every loss with its reason in two languages."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from functools import cache, lru_cache
from typing import Final, Literal, NamedTuple

import msgspec
from msgspec.structs import replace

from cec_credits.rulesets.document import Words
from cec_credits.rulesets.domain import Rate
from cec_credits.rulesets.words import ATTRIBUTES
from cec_credits.statements import reasons
from cec_credits.statements.basis import Approval, Basis, Occasion, Source, basis_of, source_of
from cec_credits.statements.domain import ZERO, Entry, Licence, Loss, Note, Period, Requirement, State, Statement, Tally
from cec_credits.statements.names import CODES, Names, by_id

_CENT: Final = Decimal("0.01")


NotJudged = Literal[False] | msgspec.UnsetType
"""False over a period of one's own: its sums are held against no standard, so `met` is false there. Absent elsewhere."""


class Lost(msgspec.Struct, frozen=True):
    """Points that did not count. `other_record` is the id of the record that counts in its place, where one does."""

    step: str
    reason: str
    amount: Decimal
    source: Source
    detail: Words
    other_record: str | msgspec.UnsetType = msgspec.UNSET


class Remark(msgspec.Struct, frozen=True):
    """Something to know that takes no points. `other_record` is the id of the record it speaks of, where it does."""

    reason: str
    source: Source | None
    detail: Words
    other_record: str | msgspec.UnsetType = msgspec.UNSET


class Paid(msgspec.Struct, frozen=True):
    """The rate a record was paid by; null where approved points were given or nothing is paid."""

    per: str
    points: Decimal
    source: Source


class EntryAnswer(msgspec.Struct, frozen=True):
    """One record: ``points`` with the area multiplier, ``base`` without; ``points`` = ``counted`` + every loss."""

    id: str
    method: str
    role: str
    attribute: str
    effective_on: date
    state: State
    reason: str
    base: Decimal
    factor: Decimal
    points: Decimal
    valid: Decimal
    counted: Decimal
    rate: Paid | None
    losses: list[Lost]
    notes: list[Remark]
    basis: Basis


class Line(msgspec.Struct, frozen=True):
    """One requirement line."""

    key: str
    unit: str
    target: str
    current: str
    cap: str | None
    met: bool
    required: bool
    source: Source
    detail: Words


class Totals(msgspec.Struct, frozen=True):
    """Sums over some records. The keys are present where they apply."""

    method: str | None
    attribute: str | None
    records: int
    valid: Decimal
    invalid: Decimal
    pending: Decimal
    counted: Decimal


class Balance(msgspec.Struct, frozen=True):
    """``raw`` = ``counted`` + ``lost``; and ``raw`` = valid + invalid + pending + out of window + excluded."""

    raw: Decimal
    counted: Decimal
    lost: Decimal
    out_of_window: Decimal
    excluded: Decimal


class Anomaly(msgspec.Struct, frozen=True):
    """What looks wrong in the data."""

    code: str
    detail: Words


class Answer(msgspec.Struct, frozen=True):
    """The whole statement."""

    profession: str
    profile: str
    as_of: date
    rule_set: str
    licence: Licence | None
    window: Period
    valid: Decimal
    invalid: Decimal
    pending: Decimal
    professional: Decimal
    quality_ethics_regulations: Decimal
    counted: Decimal
    infection_control_courses: int
    gender_courses: int
    met: bool
    verdict: Words
    requirements: list[Line]
    by_attribute: list[Totals]
    by_method: list[Totals]
    by_method_and_attribute: list[Totals]
    balance: Balance
    anomalies: list[Anomaly]
    changes_on: date | None
    entries: list[EntryAnswer]
    occasion: Occasion
    judged: NotJudged = msgspec.UNSET


def answer_of(statement: Statement) -> Answer:
    """The statement with every text and citation written out."""
    raw = statement.raw
    names = Names(statement.rules, by_id)
    return Answer(
        profession=statement.case.profession,
        profile=statement.case.profile,
        as_of=statement.case.as_of,
        rule_set=statement.rule_set,
        licence=statement.case.licence,
        window=statement.window,
        valid=statement.valid,
        invalid=statement.invalid,
        pending=statement.pending,
        professional=statement.professional,
        quality_ethics_regulations=statement.quality_ethics_regulations,
        counted=statement.counted,
        infection_control_courses=statement.infection_control_courses,
        gender_courses=statement.gender_courses,
        met=statement.fulfilled,
        verdict=verdict_of(statement),
        requirements=[line_of(statement, line) for line in statement.requirements],
        by_attribute=[totals_of(None, key, sums) for key, sums in statement.by_attribute().items()],
        by_method=[totals_of(key, None, sums) for key, sums in statement.by_method().items()],
        by_method_and_attribute=[totals_of(*key, sums) for key, sums in sorted(statement.cells.items())],
        balance=Balance(
            raw=raw,
            counted=statement.counted,
            lost=raw - statement.counted,
            out_of_window=statement.out_of_window,
            excluded=statement.excluded,
        ),
        anomalies=[Anomaly(code, reasons.ANOMALIES[code]) for code in statement.anomalies],
        changes_on=statement.changes_on,
        entries=[entry_of(entry, names=names) for entry in statement.entries],
        occasion=occasion_of(statement),
        judged=judged(statement),
    )


def judged(statement: Statement) -> NotJudged:
    """As it is told: only where it is not."""
    return msgspec.UNSET if statement.judged else False


def occasion_of(statement: Statement) -> Occasion:
    """What the statement was asked for."""
    profile = statement.profile
    source = source_of(statement.rules.provision(profile))
    return Occasion(statement.case.profile, Words(zh=profile.zh, en=profile.en), source)


def verdict_of(statement: Statement) -> Words:
    """Whether what the occasion asks for is met, or that over this period nobody judges."""
    verdicts = reasons.VERDICTS if statement.case.profile == "renewal" else reasons.VERDICTS_OF_OCCASIONS
    return verdicts[statement.met if statement.judged else None]


def entry_of(entry: Entry, approval: Approval | None = None, names: Names = CODES) -> EntryAnswer:
    """One record explained; with the decision about its course, where that is known."""
    record, terms = entry.record, entry.terms
    rate = terms.rate if record.points is None else None
    return EntryAnswer(
        id=record.id,
        method=record.method,
        role=record.role,
        attribute=record.attribute,
        effective_on=record.ends_on,
        state=entry.state,
        reason=entry.reason,
        base=entry.base,
        factor=terms.factor,
        points=entry.raw,
        valid=entry.valid,
        counted=entry.counted,
        rate=None if rate is None else _paid(rate),
        losses=[_lost(loss, names) for loss in entry.losses],
        notes=[_remark(note, entry, names) for note in entry.notes],
        basis=basis_of(entry, approval),
    )


class Said(NamedTuple):
    """A requirement line in words, and its JSON: as it is told, and as far as it is news when it changes."""

    line: Line
    text: msgspec.Raw
    news: msgspec.Raw
    """Without the version of the rules and their address: another version of the same rules changes nothing for anybody."""


def line_of(statement: Statement, line: Requirement) -> Line:
    """One requirement line in words."""
    return said_of(statement, line).line


def said_of(statement: Statement, line: Requirement) -> Said:
    """The same with its JSON."""
    standard = statement.standard
    further = next((Words(zh=m.zh, en=m.en) for m in standard.further if m.key == line.key), None)
    return _said(line, standard.limited.attributes, further, line.required and statement.judged)


@lru_cache(maxsize=16_384)  # the same few lines for everybody: made once, not a million times in a recalculation
def _said(line: Requirement, attributes: tuple[str, ...], further: Words | None, asked: bool) -> Said:
    told = Line(
        key=line.key,
        unit=line.unit,
        target=_amount(line.target, line.unit),
        current=_amount(line.current, line.unit),
        cap=None if line.cap is None else _amount(line.cap, line.unit),
        met=line.met,
        required=asked,
        source=source_of(line.provision),
        detail=reasons.of_requirement(line, _names_of(attributes), further, asked=asked),
    )
    news = replace(told, source=replace(told.source, version=msgspec.UNSET, url=msgspec.UNSET))
    return Said(told, *(msgspec.Raw(msgspec.json.encode(each)) for each in (told, news)))


@cache
def _names_of(attributes: tuple[str, ...]) -> Words:
    named = [ATTRIBUTES[name] for name in attributes]
    return Words(zh="、".join(each.zh for each in named), en=", ".join(each.en.lower() for each in named))


def _amount(value: Decimal, unit: str) -> str:
    return str(value) if unit == "courses" else str(value.quantize(_CENT))


def totals_of(method: str | None, attribute: str | None, sums: Tally) -> Totals:
    """Sums with the method or the attribute they are of."""
    return Totals(method, attribute, sums.records, sums.valid, sums.invalid, sums.pending, sums.counted)


@cache
def _paid(rate: Rate) -> Paid:
    return Paid(rate.per, rate.points, source_of(rate.provision))


def _lost(loss: Loss, names: Names) -> Lost:
    source, told = source_of(loss.provision), reasons.of_loss(loss, names)
    return Lost(loss.step, loss.reason, loss.amount, source, told, _other(loss.detail))


def _remark(note: Note, entry: Entry, names: Names) -> Remark:
    source = None if note.provision is None else source_of(note.provision)
    return Remark(note.reason, source, reasons.of_note(note, entry, names), _other(note.detail))


def _other(detail: Mapping[str, object]) -> str | msgspec.UnsetType:
    other = detail.get("with")
    return msgspec.UNSET if other is None else str(other)


def total_lost(entry: Entry) -> Decimal:
    """Everything an entry lost, at whichever step."""
    return sum((loss.amount for loss in entry.losses), ZERO)
