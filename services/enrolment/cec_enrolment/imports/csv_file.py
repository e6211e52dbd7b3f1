"""A roster file as rows: what each line says, or what is wrong with it. Pure: no database, no clock.

A cell is text and nothing else: one that looks like a formula is compared like any other text, never computed. The
national ID leaves this module only as its keyed index.
"""

from __future__ import annotations

import csv
import io
import re
import unicodedata
from collections.abc import Callable, Iterator

import msgspec

from cec_chassis.problems import FieldError, Refusal
from cec_contracts.national_id import InvalidNationalId
from cec_contracts.vocabulary import ParticipantRole
from cec_enrolment.imports.columns import ROLES, Column, column_order

MOST_ROWS = 10_000
LONGEST_CELL = 200
_MINUTES = re.compile(r"[0-9]{1,6}")
_PROFESSION = re.compile(r"[A-Z1-9]")

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


class CsvMalformed(Refusal):
    """Quotes or line ends are broken, so that nobody can say where a row ends."""

    slug = "csv-malformed"
    status = 422
    title = "CSV 檔案格式錯誤 / The file is not well-formed CSV"


class TooManyRows(Refusal):
    """More rows than one transaction should hold."""

    slug = "too-many-rows"
    status = 422
    title = f"一個檔案最多 {MOST_ROWS} 列 / A file has at most {MOST_ROWS} rows"


def read_rows(text: str, index_of: IndexOf, *, with_course: bool) -> list[RosterRow]:
    """The rows below the header, empty ones left out. A bad cell spoils its own row only.

    Raises:
        CsvHeaderInvalid: the first line does not name the columns.
        CsvMalformed, TooManyRows
    """
    lines = _lines(text)
    _, header = next(lines, (1, []))
    columns = column_order(header, with_course=with_course)
    rows: list[RosterRow] = []
    for line, cells in lines:
        if not any(cell.strip() for cell in cells):
            continue
        if len(rows) == MOST_ROWS:
            raise TooManyRows
        rows.append(_row(line, columns, cells, index_of))
    return rows


def _lines(text: str) -> Iterator[tuple[int, list[str]]]:
    """Each record with the number of the line on which it begins, the header being line 1."""
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    while True:
        begins = reader.line_num + 1
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            raise CsvMalformed(f"第 {begins} 行 / Line {begins}: {error}") from None
        yield begins, cells


def _row(line: int, columns: tuple[Column, ...], cells: list[str], index_of: IndexOf) -> RosterRow:
    reading = _Reading(line)
    if len(cells) > len(columns):
        reading.wrong("cells", "too-many-cells", "欄位數多於標題列 / More cells than the header names")
    said = {column: reading.text(column, cell) for column, cell in zip(columns, cells, strict=False)}
    index = reading.index(said.get(Column.NATIONAL_ID, ""), index_of)
    number = said.get(Column.NUMBER) or None
    if not said.get(Column.NATIONAL_ID) and number is None:
        missing = Column.NATIONAL_ID if Column.NATIONAL_ID in columns else Column.NUMBER
        reading.wrong(missing, "missing-value", "未指明醫事人員 / Nobody is named")
    if Column.COURSE_CODE in columns and not said.get(Column.COURSE_CODE):
        reading.wrong(Column.COURSE_CODE, "missing-value", "缺少課程代碼 / The course code is missing")
    role = reading.role(said.get(Column.ROLE, ""))
    minutes = reading.minutes(said.get(Column.MINUTES, ""))
    profession = reading.profession(said.get(Column.PROFESSION, ""))
    return RosterRow(
        line=line,
        course_code=said.get(Column.COURSE_CODE, ""),
        national_id_index=index,
        number=number,
        role=role,
        minutes=minutes,
        profession=profession,
        errors=tuple(reading.errors),
    )


class _Reading:
    """Reads the cells of one line and collects what is wrong with them."""

    def __init__(self, line: int) -> None:
        self._line = line
        self.errors: list[FieldError] = []

    def wrong(self, column: str, slug: str, message: str) -> None:
        self.errors.append(FieldError(f"rows[{self._line}].{column}", slug, message))

    def text(self, column: Column, cell: str) -> str:
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
        if not _MINUTES.fullmatch(cell):
            self.wrong(Column.MINUTES, "not-a-number", "分鐘數須為整數 / The minutes must be a whole number")
            return None
        return int(cell)

    def profession(self, cell: str) -> str | None:
        if not cell:
            return None
        if not _PROFESSION.fullmatch(cell.upper()):
            self.wrong(Column.PROFESSION, "unknown-profession", "不認得的人員類別代碼 / Not the code of a profession")
            return None
        return cell.upper()
