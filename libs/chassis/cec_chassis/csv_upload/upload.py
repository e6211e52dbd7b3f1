"""A CSV file as the body of a request."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import TypeVar

from cec_chassis.csv_upload.columns import Columns
from cec_chassis.csv_upload.encoding import text_of
from cec_chassis.csv_upload.operation import MEDIA_TYPE
from cec_chassis.csv_upload.rows import CsvRow, rows_of
from cec_chassis.http.requests import HttpRequest, expect_media_type

Row = TypeVar("Row")


async def read_upload(request: HttpRequest, columns: Columns, read_row: Callable[[CsvRow], Row]) -> list[Row]:
    """What `read_row` makes of each row of the file in the body.

    Reading ten thousand rows takes a good part of a second, so it happens in a thread beside the event loop:
    `read_row` must be pure, and it is done before a transaction begins.

    Raises:
        UnsupportedMediaType: the body is not `text/csv`.
        FileEncodingUnknown, CsvHeaderInvalid, CsvMalformed, TooManyRows: the file is refused as a whole.
    """
    expect_media_type(request, MEDIA_TYPE)
    content = await request.body()
    charset = request.content_type[1].get("charset")

    def read() -> list[Row]:
        return [read_row(row) for row in rows_of(text_of(content, charset), columns)]

    return await asyncio.to_thread(read)
