"""What a batch asks and what it answers."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Final
from uuid import UUID

import msgspec

from cec_credits.rulesets.document import Words
from cec_credits.statements.access import Purpose
from cec_credits.statements.answer import Anomaly, NotJudged
from cec_credits.statements.asked import RENEWAL
from cec_credits.statements.domain import Period

MOST_ROWS: Final = 100_000
"""Of one file."""
AT_ONCE: Final = 1_000
"""A file of so many rows is answered while the sender waits; a longer one becomes a job."""


class By(StrEnum):
    """How points are broken down 統計方式."""

    ATTRIBUTE = "attribute"
    """by course attribute 課程屬性"""
    METHOD = "method"
    """by implementation method 實施方式"""


class Question(msgspec.Struct, frozen=True, kw_only=True):
    """What is asked about everybody in the file. `day` is fixed when the batch comes in, also for a job over midnight."""

    day: date
    purpose: Purpose
    by: By = By.ATTRIBUTE
    profession: str | None = None
    known_by: datetime | None = None
    period: Period | None = None
    profile: str = RENEWAL

    @property
    def plain(self) -> bool:
        """Whether stored standings may answer it."""
        return self.known_by is None and self.period is None and self.profile == RENEWAL


class RowProblem(msgspec.Struct, frozen=True):
    """Why there are no points for a row. The slug is for programs, the message for people."""

    slug: str
    message: str


class AskedRow(msgspec.Struct, frozen=True, omit_defaults=True):
    """One row of the file by its line. `shown` repeats what was asked, a national ID only masked; the ID itself is
    not kept, neither here nor in a job."""

    line: int
    shown: str = ""
    national_id_index: str | None = None
    number: str | None = None
    certificate_number: str | None = None
    profession: str | None = None
    problem: RowProblem | None = None


class Sums(msgspec.Struct, frozen=True):
    """Points of one attribute or one method."""

    key: str
    records: int
    valid: Decimal
    invalid: Decimal
    pending: Decimal
    counted: Decimal


class Figures(msgspec.Struct, frozen=True, kw_only=True):
    """What a statement comes to."""

    rule_set: str
    since: date
    until: date
    valid: Decimal
    invalid: Decimal
    pending: Decimal
    professional: Decimal
    quality_ethics_regulations: Decimal
    counted: Decimal
    infection_control_courses: int
    gender_courses: int
    met: bool
    groups: list[Sums]
    judged: NotJudged = msgspec.UNSET


class Line(msgspec.Struct, frozen=True, kw_only=True):
    """One answer: a row of the file, in one profession. Either `figures` or `problem` is null.

    What the statement warns of stands here as well: `anomalies` of the licence, and in `licence_remark` that there is none
    or that it has run out. The end by an extension is kept apart from the nominal one.
    """

    row: int
    asked: str
    practitioner_id: UUID | None = None
    number: str = ""
    name: str = ""
    profession: str = ""
    certificate_number: str = ""
    licence_valid_until: date | None = None
    licence_extended_until: date | None = None
    licence_remark: Words | None = None
    anomalies: tuple[Anomaly, ...] = ()
    figures: Figures | None = None
    problem: RowProblem | None = None


class BatchAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """The answer to a whole file."""

    batch_id: UUID
    question: Question
    rows: int
    lines: list[Line]
