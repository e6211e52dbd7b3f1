"""The body of a request as asked rows: CSV or XLSX, whichever it says it is."""

from __future__ import annotations

from functools import partial

from cec_chassis.csv_upload import read_upload
from cec_chassis.http import HttpRequest
from cec_contracts import national_id
from cec_credits.batch.domain import MOST_ROWS, AskedRow
from cec_credits.batch.rows import COLUMNS, read_row


async def read_file(request: HttpRequest, index_key: bytes) -> list[AskedRow]:
    """Raises what `read_upload` raises: the file is refused as a whole."""
    index_of = partial(national_id.index, index_key)
    return await read_upload(
        request, COLUMNS, partial(read_row, index_of=index_of), most_rows=MOST_ROWS, spreadsheets=True
    )
