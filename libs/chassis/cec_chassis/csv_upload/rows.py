"""From the text of a CSV file to its rows. A fault here refuses the whole file, but for a row of too many cells."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from cec_chassis.csv_upload.columns import Columns
from cec_chassis.problems import FieldError, Refusal
from cec_chassis.usable import fault_of_text, is_plain

MOST_ROWS = 10_000
"""What one request and one transaction take in good time; a larger file is sent in parts."""


class CsvMalformed(Refusal):
    """Quotes are broken or a cell has no end, so that nobody can say where a row ends."""

    slug = "csv-malformed"
    status = 422
    title = "CSV 檔案格式錯誤 / The file is not well-formed CSV"


class TooManyRows(Refusal):
    """More rows than one request takes; the file is sent in parts."""

    slug = "too-many-rows"
    status = 422
    title = "資料列數超過上限 / The file has too many rows"

    @classmethod
    def at(cls, line: int, most_rows: int) -> TooManyRows:
        """Naming the first row that is too many by its line."""
        told = f"一個檔案最多 {most_rows:,} 列 / A file has at most {most_rows:,} rows"
        return cls(told, errors=[FieldError(f"rows[{line}]", cls.slug, told)])


_FAULTS: Final[Mapping[str, tuple[str, str]]] = {
    "unexpected end of data": ("有引號未關閉", "a quotation mark is never closed"),
    "',' expected after": (
        "關閉引號之後須為逗號或換行",
        "after a closing quotation mark stands something else than a comma",
    ),
    "field larger than": ("儲存格過長", "a cell is too long"),
}
"""What Python's reader says, by its beginning, and what the sender can do something with."""
_LINE = re.compile(r"[^\r\n]*(?:\r\n|\r|\n)|[^\r\n]+")
"""A line with its end. Found one after another: a copy of a large text, split up, would be four times as large."""


@dataclass(frozen=True, slots=True)
class CsvRow:
    """A row by the number of the line on which it begins; the header is line 1.

    `cells` has the trimmed text of every column that the file has, empty where the row ends early. A row with more
    cells than the header is in disorder, and so is one with characters that nobody can store or see: it has `errors` and
    no cells.
    """

    line: int
    cells: Mapping[str, str]
    errors: tuple[FieldError, ...] = ()

    def error(self, column: str, slug: str, message: str) -> FieldError:
        """What is wrong with a cell of this row."""
        return FieldError(f"rows[{self.line}].{column}", slug, message)


def rows_of(text: str, columns: Columns, most_rows: int = MOST_ROWS) -> Iterator[CsvRow]:
    """The rows below the header; empty ones are passed over, and so are empty cells that end a row.

    A cell is text and nothing else: one that looks like a formula is text like any other.

    Raises:
        CsvHeaderInvalid, CsvMalformed, TooManyRows: the file is refused as a whole.
    """
    lines = _lines(text)
    order = columns.order_in(next(lines, (1, []))[1])
    taken = 0
    for line, cells in lines:
        if not cells:
            continue
        taken += 1
        if taken > most_rows:
            raise TooManyRows.at(line, most_rows)
        yield row_of(line, order, cells)


def row_of(line: int, order: tuple[str, ...], cells: list[str]) -> CsvRow:
    """The row that these cells are, by the order of the header."""
    if len(cells) > len(order):
        message = "欄位數多於標題列 / More cells than the header names"
        return CsvRow(line, {}, (FieldError(f"rows[{line}].cells", "too-many-cells", message),))
    if not is_plain("".join(cells)) and (errors := tuple(_bad_characters(line, order, cells))):
        return CsvRow(line, {}, errors)
    missing = [""] * (len(order) - len(cells))
    return CsvRow(line, dict(zip(order, cells + missing, strict=True)))


def _bad_characters(line: int, order: tuple[str, ...], cells: list[str]) -> Iterator[FieldError]:
    for column, cell in zip(order, cells, strict=False):
        if fault := fault_of_text(cell, one_line=True):
            yield FieldError(f"rows[{line}].{column}", fault.slug, fault.message)


def _malformed(begins: int, read: int, said: str) -> str:
    zh, en = next((told for start, told in _FAULTS.items() if said.startswith(start)), (said, said))
    where = f"{begins}" if read <= begins else f"{begins}–{read}"
    return f"第 {where} 行：{zh} / Line {where}: {en}"


def _lines(text: str) -> Iterator[tuple[int, list[str]]]:
    """Each record with the number of its first line, without the empty cells that spreadsheets write at the end."""
    reader = csv.reader((found[0] for found in _LINE.finditer(text)), strict=True)
    while True:
        begins = reader.line_num + 1
        try:
            cells = [cell.strip() for cell in next(reader)]
        except StopIteration:
            return
        except csv.Error as error:
            raise CsvMalformed(_malformed(begins, reader.line_num, str(error))) from None
        while cells and not cells[-1]:
            cells.pop()
        yield begins, cells
