"""The body of a request as asked rows: CSV or XLSX, whichever it says it is."""

from __future__ import annotations

import asyncio
import re
from functools import partial

from cec_chassis.csv_upload import rows_of, text_of
from cec_chassis.http import HttpRequest, expect_media_type
from cec_contracts import national_id
from cec_credits.batch.domain import MOST_ROWS, AskedRow
from cec_credits.batch.rows import COLUMNS, read_row
from cec_credits.batch.spreadsheet import MEDIA_TYPE, rows_of_spreadsheet

_ACCEPTED = re.compile(rf"text/csv|{re.escape(MEDIA_TYPE)}")


async def read_file(request: HttpRequest, index_key: bytes) -> list[AskedRow]:
    """Reading happens in a thread: a hundred thousand rows take seconds, and others wait for answers meanwhile.

    Raises:
        UnsupportedMediaType, FileEncodingUnknown, CsvHeaderInvalid, CsvMalformed, SpreadsheetUnreadable, TooManyRows:
            the file is refused as a whole.
    """
    expect_media_type(request, _ACCEPTED)
    kind, parameters = request.content_type
    content = await request.body()
    charset = parameters.get("charset")
    return await asyncio.to_thread(_read, content, kind.lower() == MEDIA_TYPE, charset, index_key)


def _read(content: bytes, spreadsheet: bool, charset: str | None, index_key: bytes) -> list[AskedRow]:
    if spreadsheet:
        rows = rows_of_spreadsheet(content, COLUMNS, MOST_ROWS)
    else:
        rows = rows_of(text_of(content, charset), COLUMNS, MOST_ROWS)
    index_of = partial(national_id.index, index_key)
    return [read_row(row, index_of) for row in rows]
