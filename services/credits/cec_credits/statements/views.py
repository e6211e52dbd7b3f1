"""Statements as they are answered over HTTP."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from uuid import UUID

import msgspec

from cec_credits.rulesets.document import Words
from cec_credits.statements.answer import EntryAnswer, entry_of
from cec_credits.statements.basis import Approval, Occasion
from cec_credits.statements.domain import ZERO, Entry, State
from cec_credits.statements.head import Advice, Freshness, StatementHead, Window
from cec_credits.statements.names import CODES, Names
from cec_credits.statements.roc import roc
from cec_credits.statements.sources import SourceCourse
from cec_credits.statements.summary import Summary


class StatementView(Summary, frozen=True, kw_only=True):
    """A statement 積分統計(單筆): head and totals together.

    Each line of `by_attribute`, `by_method` and `by_method_and_attribute` opens to its records at `…/entries` with its
    `attribute` and `method` as query parameters.
    """

    practitioner_id: UUID
    profession: str
    as_of: date
    as_of_roc: str
    known_by: datetime | None
    window: Window
    version: int | None
    computed_at: str
    freshness: Freshness
    freshness_text: Words
    merged_into: UUID | None
    merged_from: list[UUID]
    merged_text: Words | None
    advice: tuple[Advice, ...]


class StatementsView(msgspec.Struct, frozen=True):
    """Every profession of one person, each reckoned apart."""

    practitioner_id: UUID
    statements: list[StatementView]


class EntryView(EntryAnswer, frozen=True, kw_only=True):
    """One record with the course it comes from; `course` is null only while the course's approval is not known.

    `recorded_under` is the former record under which it was recorded, where two records of one person were merged.
    """

    effective_on_roc: str
    course: SourceCourse | None
    recorded_under: UUID | None


class Sums(msgspec.Struct, frozen=True):
    """Sums over some entries; every point of theirs is in one of the first five."""

    records: int
    valid: Decimal
    invalid: Decimal
    pending: Decimal
    out_of_window: Decimal
    excluded: Decimal
    counted: Decimal


class EntriesView(msgspec.Struct, frozen=True):
    """Records of a statement with what became of each, step by step: one page of those that the filters let through.

    `total` and `sums` are of all that the filters let through.
    """

    statement: StatementHead
    occasion: Occasion
    entries: list[EntryView]
    sums: Sums
    total: int
    page: int
    page_size: int


def entry_view(
    entry: Entry, course: SourceCourse | None, approval: Approval | None = None, names: Names = CODES
) -> EntryView:
    """One record explained, where it comes from, and the decision it rests on."""
    answer = entry_of(entry, approval, names)
    told = {field: getattr(answer, field) for field in answer.__struct_fields__}
    under = entry.record.under
    return EntryView(
        **told,
        effective_on_roc=roc(entry.record.ends_on),
        course=course,
        recorded_under=None if under is None else UUID(under),
    )


def sums_of(entries: list[Entry]) -> Sums:
    """What these entries come to; as the statement's own totals are made."""
    invalid = {State.INVALID, State.PARTLY_VALID}
    return Sums(
        records=len(entries),
        valid=sum((e.valid for e in entries), ZERO),
        invalid=sum((e.raw - e.valid for e in entries if e.state in invalid), ZERO),
        pending=_worth(entries, State.PENDING),
        out_of_window=_worth(entries, State.OUT_OF_WINDOW),
        excluded=_worth(entries, State.EXCLUDED),
        counted=sum((e.counted for e in entries), ZERO),
    )


def _worth(entries: list[Entry], state: State) -> Decimal:
    return sum((e.raw for e in entries if e.state is state), ZERO)
