"""The table as XLSX that opens clean: numbers are numbers, days are days, text is text whatever it begins with."""

from __future__ import annotations

import io
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import date
from decimal import Decimal
from typing import Any, Final

import xlsxwriter

from cec_credits.batch.table import Cell, Column

FONT: Final = "Noto Sans CJK TC"
_OPTIONS: Final = {
    "constant_memory": True,  # rows go to a temporary file as they come; a hundred thousand of them need no memory
    "strings_to_formulas": False,
    "strings_to_urls": False,
    "strings_to_numbers": False,
    "nan_inf_to_errors": False,
}


class Sheets:
    """A workbook that is being written."""

    def __init__(self, written: io.BytesIO) -> None:
        self._book = xlsxwriter.Workbook(written, _OPTIONS)
        self._heading = self._book.add_format(
            {"bold": True, "text_wrap": True, "valign": "vcenter", "bg_color": "#DCE9F2", "border": 1}
        )
        self._points = self._book.add_format({"num_format": "0.00"})
        self._whole = self._book.add_format({"num_format": "0"})
        self._day = self._book.add_format({"num_format": "yyyy-mm-dd"})
        self._text = self._book.add_format({"num_format": "@"})

    def properties(self, title: str) -> None:
        """What the file says about itself."""
        self._book.set_properties({"title": title, "author": "CEC", "comments": ""})

    def table(
        self, name: str, columns: Sequence[Column], rows: Iterable[Sequence[Cell]], *, as_text: bool = False
    ) -> None:
        """A sheet with a header that stays in sight and can be filtered by. `as_text`: typed digits keep their zeros."""
        sheet = self._book.add_worksheet(name)
        sheet.freeze_panes(1, 0)
        sheet.set_row(0, 48)
        for at, column in enumerate(columns):
            sheet.set_column(at, at, column.width, self._text if as_text else None)
            sheet.write_string(0, at, column.heading, self._heading)
        last = 0
        for last, cells in enumerate(rows, start=1):
            self._row(sheet, last, cells)
        if last and not as_text:
            sheet.autofilter(0, 0, last, len(columns) - 1)
        sheet.repeat_rows(0)
        sheet.set_landscape()
        sheet.set_paper(9)
        sheet.fit_to_pages(1, 0)

    def notes(self, name: str, lines: Sequence[tuple[str, str]]) -> None:
        """A sheet of names and what they stand for."""
        sheet = self._book.add_worksheet(name)
        sheet.set_column(0, 0, 28)
        sheet.set_column(1, 1, 80)
        for at, (key, value) in enumerate(lines):
            sheet.write_string(at, 0, key, self._heading)
            sheet.write_string(at, 1, value)

    def close(self) -> None:
        self._book.close()

    def _row(self, sheet: Any, at: int, cells: Sequence[Cell]) -> None:
        for column, cell in enumerate(cells):
            if cell is None or cell == "":
                continue
            if isinstance(cell, str):
                sheet.write_string(at, column, cell)
            elif isinstance(cell, Decimal):
                sheet.write_number(at, column, cell, self._points)
            elif isinstance(cell, date):
                sheet.write_datetime(at, column, cell, self._day)
            else:
                sheet.write_number(at, column, cell, self._whole)


@contextmanager
def workbook(title: str) -> Iterator[tuple[Sheets, io.BytesIO]]:
    """The sheets, and where the file is when the block has ended."""
    written = io.BytesIO()
    sheets = Sheets(written)
    sheets.properties(title)
    yield sheets, written
    sheets.close()
