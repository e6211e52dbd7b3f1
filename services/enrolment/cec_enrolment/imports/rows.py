"""One row of a roster file: what it says, or what is wrong with it. Pure: no database, no clock.

The national ID leaves this module only as its keyed index.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable

import msgspec

from cec_chassis.csv_upload import CsvRow
from cec_chassis.problems import FieldError
from cec_contracts.codes import canonical
from cec_contracts.national_id import InvalidNationalId
from cec_contracts.vocabulary import PROFESSION_PATTERN, ParticipantRole
from cec_enrolment.imports.columns import ROLES, Column

LONGEST_CELL = 200
_WHOLE_NUMBER = re.compile(r"[+-]?[0-9]+")
MOST_MINUTES = 100_000
"""As many as a request may say."""
_PROFESSION = re.compile(PROFESSION_PATTERN)

IndexOf = Callable[[str], str]
"""From a national ID to its keyed index; raises InvalidNationalId."""


class RosterRow(msgspec.Struct, frozen=True, kw_only=True):
    """One line of the file. With `errors`, the other fields hold only what could be understood.

    `minutes` and `profession` are null where the file does not say.
    """

    line: int
    course_code: str = ""
    national_id_index: str | None = None
    number: str | None = None
    role: ParticipantRole = ParticipantRole.LEARNER
    minutes: int | None = None
    profession: str | None = None
    errors: tuple[FieldError, ...] = ()

    @property
    def at(self) -> str:
        """Where in the request this row is, as the beginning of a field path."""
        return f"rows[{self.line}]."


def read_row(row: CsvRow, index_of: IndexOf) -> RosterRow:
    """What the row says, with every fault of it. A bad cell spoils its own row only."""
    if row.errors:
        return RosterRow(line=row.line, errors=row.errors)
    reading = _Reading(row)
    said = {column: reading.text(column, cell) for column, cell in row.cells.items()}
    index = reading.index(said.get(Column.NATIONAL_ID, ""), index_of)
    number = said.get(Column.NUMBER) or None
    if not said.get(Column.NATIONAL_ID) and number is None:
        missing = Column.NATIONAL_ID if Column.NATIONAL_ID in said else Column.NUMBER
        reading.wrong(missing, "missing-value", "未指明醫事人員 / Nobody is named")
    if said.get(Column.COURSE_CODE) == "":
        reading.wrong(Column.COURSE_CODE, "missing-value", "缺少課程代碼 / The course code is missing")
    role = reading.role(said.get(Column.ROLE, ""))
    minutes = reading.minutes(said.get(Column.MINUTES, ""))
    profession = reading.profession(said.get(Column.PROFESSION, ""))
    return RosterRow(
        line=row.line,
        course_code=canonical(said.get(Column.COURSE_CODE, "")),
        national_id_index=index,
        number=number,
        role=role,
        minutes=minutes,
        profession=profession,
        errors=tuple(reading.errors),
    )


class _Reading:
    """Reads the cells of one row and collects what is wrong with them."""

    def __init__(self, row: CsvRow) -> None:
        self._row = row
        self.errors: list[FieldError] = []

    def wrong(self, column: str, slug: str, message: str) -> None:
        self.errors.append(self._row.error(column, slug, message))

    def text(self, column: str, cell: str) -> str:
        """The cell without the blanks around it; full-width letters and digits become half-width."""
        value = unicodedata.normalize("NFKC", cell).strip()
        if len(value) > LONGEST_CELL:
            self.wrong(column, "too-long", f"超過 {LONGEST_CELL} 字 / Longer than {LONGEST_CELL} characters")
            return value[:LONGEST_CELL].replace("\0", "")
        if not value.isprintable():
            self.wrong(column, "bad-character", "含有無法使用的字元 / Contains characters that cannot be used")
            return "".join(filter(str.isprintable, value))
        return value

    def index(self, cell: str, index_of: IndexOf) -> str | None:
        if not cell:
            return None
        try:
            return index_of(cell)
        except InvalidNationalId as error:
            self.wrong(Column.NATIONAL_ID, error.slug, str(error))
            return None

    def role(self, cell: str) -> ParticipantRole:
        """An empty cell means learner 學員."""
        if cell.lower() not in ROLES:
            self.wrong(Column.ROLE, "unknown-role", "不認得的角色 / Not a role")
        return ROLES.get(cell.lower(), ParticipantRole.LEARNER)

    def minutes(self, cell: str) -> int | None:
        if not cell:
            return None
        if not _WHOLE_NUMBER.fullmatch(cell):
            self.wrong(Column.MINUTES, "not-a-number", "分鐘數須為整數 / The minutes must be a whole number")
            return None
        # Its length first: what is far too long is not reckoned with.
        if cell.startswith("-") or len(cell.lstrip("+0")) > len(str(MOST_MINUTES)) or int(cell) > MOST_MINUTES:
            message = "須介於 1 與課程分鐘數 / Between 1 and the minutes of the course"
            self.wrong(Column.MINUTES, "out-of-range", message)
            return None
        return int(cell)

    def profession(self, cell: str) -> str | None:
        if not cell:
            return None
        if not _PROFESSION.fullmatch(cell.upper()):
            self.wrong(Column.PROFESSION, "unknown-profession", "不認得的人員類別代碼 / Not the code of a profession")
            return None
        return cell.upper()
