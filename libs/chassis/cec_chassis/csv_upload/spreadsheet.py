"""An uploaded XLSX file as rows of text, as if it were CSV.

Such a file is an archive: a small one may unpack to something enormous, and two cells at far corners make a reader that
fills the gap ask for terabytes. Both are looked for before the file is read, and so is what a reader would pass over in
silence: merged cells, of which all but one are empty, and formulas, whose value is what some program once reckoned.
"""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Iterator
from typing import Final

from python_calamine import CalamineError, CalamineWorkbook

from cec_chassis.csv_upload.columns import Columns
from cec_chassis.csv_upload.rows import CsvRow, TooManyRows, row_of
from cec_chassis.problems import FieldError, Refusal

SPREADSHEET: Final = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
MOST_UNPACKED: Final = 100_000_000
"""Bytes; a hundred thousand rows of four columns unpack to a fifth of it."""
MOST_TOLD: Final = 20
"""Cells named in one refusal."""
_PART: Final = 1 << 20
_OVERLAP: Final = 400
"""Bytes of one part looked at again with the next: no element that we look for is longer."""
_PLACES: Final = re.compile(rb"""[\s"']r\s*=\s*["']([^"']*)["']""")
_PLACE: Final = re.compile(rb"[A-Z]?([0-9]{1,7})")
"""Of a row, or of a cell in the first 26 columns."""
_MERGED: Final = re.compile(rb"""<(?:\w+:)?mergeCell\s[^>]*?ref\s*=\s*["']([A-Z]{1,3}[0-9]{1,7})(?::[A-Z0-9]+)?["']""")
_FORMULA: Final = re.compile(
    rb"""<(?:\w+:)?c\s(?:[^>]*?\s)?r\s*=\s*["']([A-Z]{1,3}[0-9]{1,7})["'][^>]*>\s*<(?:\w+:)?f[\s/>]"""
)


ANEW: Final = (
    "檔案不是完整的 .xlsx;請以試算表軟體開啟後另存為 .xlsx 再傳送,CSV 檔案則以 Content-Type text/csv 傳送"
    " / The file is no whole .xlsx; open it, save it anew as .xlsx and send that, or send a CSV file as text/csv"
)


class SpreadsheetUnreadable(Refusal):
    """The file says it is XLSX and is not, or it is one that would unpack to something unreasonable."""

    slug = "spreadsheet-unreadable"
    status = 422
    title = "無法讀取 Excel 檔案 / The spreadsheet cannot be read"


class SpreadsheetNotPlain(Refusal):
    """Cells are merged or reckoned; `errors` names them. What they would say is not what the sender sees."""

    slug = "spreadsheet-not-plain"
    status = 422
    title = (
        "Excel 檔案含合併儲存格或公式,請改為一般儲存格與數值 / Unmerge the cells and replace formulas by their values"
    )


def rows_of_spreadsheet(
    content: bytes, columns: Columns, most_rows: int, most_unpacked: int = MOST_UNPACKED
) -> Iterator[CsvRow]:
    """The rows below the header of the first sheet, as from a CSV file; empty ones are passed over.

    Raises:
        SpreadsheetUnreadable, SpreadsheetNotPlain, CsvHeaderInvalid, TooManyRows: the file is refused as a whole.
    """
    _look_inside(content, most_rows, most_unpacked)
    try:
        rows = CalamineWorkbook.from_filelike(io.BytesIO(content)).get_sheet_by_index(0).iter_rows()
        lines = ([_text(cell) for cell in row] for row in rows)
        yield from _rows(lines, columns, most_rows)
    except (CalamineError, IndexError, OSError) as error:
        raise SpreadsheetUnreadable(ANEW) from error


def _rows(lines: Iterator[list[str]], columns: Columns, most_rows: int) -> Iterator[CsvRow]:
    order = columns.order_in(_trimmed(next(lines, [])))
    taken = 0
    for line, whole in enumerate(lines, start=2):
        cells = _trimmed(whole)
        if not cells:
            continue
        taken += 1
        if taken > most_rows:
            raise TooManyRows.at(line, most_rows)
        yield row_of(line, order, cells)


def _look_inside(content: bytes, most_rows: int, most_unpacked: int) -> None:
    """Unpacks the whole archive once, in small parts that are thrown away, and reads where its cells stand."""
    not_plain: dict[str, FieldError] = {}
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            entries = archive.infolist()
            if sum(entry.file_size for entry in entries) > most_unpacked:
                raise SpreadsheetUnreadable(
                    "解壓縮後過大;請將名單分成數個檔案 / It unpacks to too much; send the rows in several files"
                )
            for entry in entries:
                in_sheet = entry.filename.lower().startswith("xl/worksheets/")
                with archive.open(entry) as opened:  # ends at the declared size, and checks that it is the true one
                    rest = b""
                    while part := opened.read(_PART):
                        if in_sheet:
                            rest = _check(rest + part, most_rows, not_plain)
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, EOFError, OSError, ValueError) as error:
        raise SpreadsheetUnreadable(ANEW) from error
    if not_plain:
        raise SpreadsheetNotPlain(errors=list(not_plain.values())[:MOST_TOLD])


def _check(text: bytes, most_rows: int, not_plain: dict[str, FieldError]) -> bytes:
    """Every cell and row says where it stands in plain letters and digits, within bounds. Returns what may be cut off."""
    for found in _PLACES.finditer(text):
        place = _PLACE.fullmatch(found[1])
        if place is None:
            raise SpreadsheetUnreadable(
                "有儲存格在 Z 欄之後;請清除範本欄位以外的內容 / A cell stands beyond column Z; clear what is outside the template"
            )
        if int(place[1]) > 2 * most_rows:
            raise TooManyRows.at(int(place[1]), most_rows)
    for slug, form, message in (
        ("merged-cells", _MERGED, "合併儲存格 / Merged cells"),
        ("formula", _FORMULA, "公式 / A formula"),
    ):
        for found in form.finditer(text):
            if len(not_plain) < MOST_TOLD:
                error = _error(found[1].decode(), slug, message)
                not_plain.setdefault(error.path + slug, error)
    return text[-_OVERLAP:]


def _error(place: str, slug: str, message: str) -> FieldError:
    letters = place.rstrip("0123456789")
    return FieldError(f"rows[{place.removeprefix(letters)}].{letters}", slug, message)


def _text(cell: object) -> str:
    """A number that a spreadsheet made of an identifier loses its `.0`; anything else is its text."""
    text = str(cell).strip()
    return text if isinstance(cell, str) else text.removesuffix(".0")


def _trimmed(cells: list[str]) -> list[str]:
    while cells and not cells[-1]:
        cells = cells[:-1]
    return cells
