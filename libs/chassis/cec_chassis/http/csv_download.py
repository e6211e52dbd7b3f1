"""CSV that a spreadsheet opens well and that cannot run anything in it.

UTF-8 with a byte order mark, so that Excel reads Chinese; CRLF line ends (RFC 4180); a cell that a spreadsheet would
take for a formula is defused by an apostrophe in front (CWE-1236).
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from urllib.parse import quote

from litestar import Response

_BEGINS_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")
_BOM = "\ufeff"


def csv_text(header: Sequence[str], rows: Iterable[Sequence[Any]]) -> str:
    """The table as CSV text, without the byte order mark."""
    written = io.StringIO(newline="")
    writer = csv.writer(written, lineterminator="\r\n")
    writer.writerow([_cell(name) for name in header])
    writer.writerows([_cell(value) for value in row] for row in rows)
    return written.getvalue()


def csv_download(filename: str, header: Sequence[str], rows: Iterable[Sequence[Any]]) -> Response[bytes]:
    """The table as a file to save. `filename` may be Chinese; browsers too old for that save `download.csv`."""
    return Response(
        (_BOM + csv_text(header, rows)).encode(),
        media_type="text/csv",  # the framework adds the charset to text
        headers={
            "Content-Disposition": f"attachment; filename=\"download.csv\"; filename*=UTF-8''{quote(filename, safe='')}",
            "Cache-Control": "no-store",
        },
    )


def _cell(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (int, float, Decimal)):
        return f"{value:f}" if isinstance(value, Decimal) else str(value)  # a number is no formula, not even -1
    if isinstance(value, (date, datetime)):
        return value.isoformat()
    text = str(value)
    return f"'{text}" if text.startswith(_BEGINS_FORMULA) else text
