"""Spreadsheets as a program for tables writes them."""

from __future__ import annotations

import io
from collections.abc import Callable, Sequence
from typing import Any

import xlsxwriter

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def spreadsheet_of(
    rows: Sequence[Sequence[str]], edit: Callable[[Any, Any], None] = lambda _book, _sheet: None
) -> bytes:
    """One sheet with these rows as text cells; then `edit` does what it likes with book and sheet."""
    written = io.BytesIO()
    book = xlsxwriter.Workbook(written)
    sheet = book.add_worksheet()
    for at, cells in enumerate(rows):
        for column, cell in enumerate(cells):
            sheet.write_string(at, column, cell)
    edit(book, sheet)
    book.close()
    return written.getvalue()
