"""A CSV file as the body of a request."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable, Iterator
from typing import TypeVar

from cec_chassis.csv_upload.columns import Columns
from cec_chassis.csv_upload.encoding import text_of
from cec_chassis.csv_upload.operation import MEDIA_TYPE
from cec_chassis.csv_upload.rows import MOST_ROWS, CsvRow, rows_of
from cec_chassis.csv_upload.spreadsheet import MOST_UNPACKED, SPREADSHEET, rows_of_spreadsheet
from cec_chassis.http.requests import HttpRequest, expect_media_type

Row = TypeVar("Row")


_EITHER = re.compile(rf"{re.escape(MEDIA_TYPE)}|{re.escape(SPREADSHEET)}")


async def read_upload(
    request: HttpRequest,
    columns: Columns,
    read_row: Callable[[CsvRow], Row],
    *,
    most_rows: int = MOST_ROWS,
    spreadsheets: bool = False,
    most_unpacked: int = MOST_UNPACKED,
) -> list[Row]:
    """What `read_row` makes of each row of the file in the body.

    Reading ten thousand rows takes a good part of a second, so it happens in a thread beside the event loop:
    `read_row` must be pure, and it is done before a transaction begins. With `spreadsheets`, the file may be XLSX as well.

    Raises:
        UnsupportedMediaType: the body is not `text/csv` (nor XLSX).
        FileEncodingUnknown, CsvHeaderInvalid, CsvMalformed, SpreadsheetUnreadable, SpreadsheetNotPlain, TooManyRows:
            the file is refused as a whole.
    """
    if spreadsheets:
        expect_media_type(request, _EITHER, "CSV (text/csv), XLSX")
    else:
        expect_media_type(request, MEDIA_TYPE)
    content = await request.body()
    kind, parameters = request.content_type
    charset = parameters.get("charset")

    def rows() -> Iterator[CsvRow]:
        if kind.lower() == SPREADSHEET:
            return rows_of_spreadsheet(content, columns, most_rows, most_unpacked)
        return rows_of(text_of(content, charset), columns, most_rows)

    def read() -> list[Row]:
        return [read_row(row) for row in rows()]

    return await asyncio.to_thread(read)
