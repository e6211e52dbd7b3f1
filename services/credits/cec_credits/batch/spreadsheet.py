"""An uploaded XLSX file as rows of text. Such a file is an archive: a small one may unpack to something enormous, and two
cells at far corners make a reader that fills the gap ask for terabytes. Both are looked for before the file is read.
"""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Iterator
from typing import Final

from python_calamine import CalamineError, CalamineWorkbook

from cec_chassis.csv_upload import Columns, CsvRow, TooManyRows
from cec_chassis.problems import FieldError
from cec_credits.batch.refusals import SpreadsheetUnreadable

MEDIA_TYPE: Final = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
MOST_UNPACKED: Final = 100_000_000
"""Bytes; a hundred thousand rows of four columns unpack to a fifth of it."""
_PART: Final = 1 << 20
_PLACES: Final = re.compile(rb"""[\s"']r\s*=\s*["']([^"']*)["']""")
_PLACE: Final = re.compile(rb"[A-Z]?([0-9]{1,7})")
"""Of a row, or of a cell in the first 26 columns."""


def rows_of_spreadsheet(content: bytes, columns: Columns, most_rows: int) -> Iterator[CsvRow]:
    """The rows below the header of the first sheet, as from a CSV file; empty ones are passed over.

    Raises:
        SpreadsheetUnreadable, CsvHeaderInvalid, TooManyRows: the file is refused as a whole.
    """
    _look_inside(content, most_rows)
    try:
        rows = CalamineWorkbook.from_filelike(io.BytesIO(content)).get_sheet_by_index(0).iter_rows()
        lines = ([_text(cell) for cell in row] for row in rows)
        yield from _rows(lines, columns, most_rows)
    except (CalamineError, IndexError, OSError) as error:
        raise SpreadsheetUnreadable from error


def _rows(lines: Iterator[list[str]], columns: Columns, most_rows: int) -> Iterator[CsvRow]:
    order = columns.order_in(_trimmed(next(lines, [])))
    taken = 0
    for line, whole in enumerate(lines, start=2):
        cells = _trimmed(whole)
        if not cells:
            continue
        taken += 1
        if taken > most_rows:
            raise _too_many(most_rows)
        if len(cells) > len(order):
            message = "欄位數多於標題列 / More cells than the header names"
            yield CsvRow(line, {}, (FieldError(f"rows[{line}].cells", "too-many-cells", message),))
            continue
        yield CsvRow(line, dict(zip(order, cells + [""] * (len(order) - len(cells)), strict=True)))


def _look_inside(content: bytes, most_rows: int) -> None:
    """Unpacks the whole archive once, in small parts that are thrown away, and reads where its cells stand."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            entries = archive.infolist()
            if sum(entry.file_size for entry in entries) > MOST_UNPACKED:
                raise SpreadsheetUnreadable("解壓縮後過大 / It unpacks to too much")
            for entry in entries:
                in_sheet = entry.filename.lower().startswith("xl/worksheets/")
                with archive.open(entry) as opened:  # ends at the declared size, and checks that it is the true one
                    rest = b""
                    while part := opened.read(_PART):
                        if in_sheet:
                            rest = _check_places(rest + part, most_rows)
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, EOFError, OSError, ValueError) as error:
        raise SpreadsheetUnreadable from error


def _check_places(text: bytes, most_rows: int) -> bytes:
    """Every cell and row says where it stands in plain letters and digits, within bounds. Returns what may be cut off."""
    for found in _PLACES.finditer(text):
        place = _PLACE.fullmatch(found[1])
        if place is None:
            raise SpreadsheetUnreadable("欄位超出範圍 / A cell stands too far to the right")
        if int(place[1]) > 2 * most_rows:
            raise _too_many(most_rows)
    return text[-40:]


def _too_many(most_rows: int) -> TooManyRows:
    return TooManyRows(f"一個檔案最多 {most_rows:,} 列 / A file has at most {most_rows:,} rows")


def _text(cell: object) -> str:
    """A number that a spreadsheet made of an identifier loses its `.0`; anything else is its text."""
    text = str(cell).strip()
    return text if isinstance(cell, str) else text.removesuffix(".0")


def _trimmed(cells: list[str]) -> list[str]:
    while cells and not cells[-1]:
        cells = cells[:-1]
    return cells
