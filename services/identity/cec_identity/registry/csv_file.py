"""From the bytes of a CSV file to its rows: encoding, header, number of rows. A fault here refuses the whole file."""

from __future__ import annotations

import codecs
import csv
import io
import unicodedata
from collections.abc import Iterator, Sequence

from charset_normalizer import from_bytes

from cec_chassis.problems import FieldError, Refusal

BIG5 = "cp950"
"""Big5 as Windows in Taiwan writes it."""
DECLARED = {"utf-8": "utf-8-sig", "utf8": "utf-8-sig", "big5": BIG5, "cp950": BIG5, "ms950": BIG5}
SAMPLE_BYTES = 64 * 1024


class FileEncodingUnknown(Refusal):
    """Neither UTF-8 nor Big5. The person saves the file anew as UTF-8; guessing further would corrupt names."""

    slug = "file-encoding-unknown"
    status = 422
    title = "檔案編碼須為 UTF-8 或 Big5 / The file must be UTF-8 or Big5"


class CsvMalformed(Refusal):
    """A quotation mark that never closes, a NUL, a cell without end."""

    slug = "csv-malformed"
    status = 422
    title = "CSV 檔案格式錯誤 / The file is not well-formed CSV"


class CsvHeaderInvalid(Refusal):
    """Columns are missing, unknown or named twice. Nothing of the file is read."""

    slug = "csv-header-invalid"
    status = 422
    title = "CSV 標題列不符 / The header line of the file is not right"


class TooManyRows(Refusal):
    """More rows than one request takes; the file is sent in parts."""

    slug = "too-many-rows"
    status = 422
    title = "資料列數超過上限 / The file has too many rows"


def text_of(content: bytes, charset: str | None = None) -> str:
    """The text of a file: as declared, or else UTF-8 with or without byte order mark, or else Big5.

    Raises:
        FileEncodingUnknown: it is neither, or not what it was declared as. No byte is replaced or dropped.
    """
    encoding = _likely(content) if charset is None else DECLARED.get(charset.lower())
    if encoding is None:
        raise FileEncodingUnknown
    try:
        return content.decode(encoding)
    except UnicodeDecodeError:
        raise FileEncodingUnknown from None


def _likely(content: bytes) -> str | None:
    try:
        content.decode("utf-8")
    except UnicodeDecodeError:
        if content.startswith(codecs.BOM_UTF8):
            return None
        # A short GB18030 file often decodes as Big5 as well, into wrong names: the text tells which of them it is.
        guess = from_bytes(content[:SAMPLE_BYTES], cp_isolation=[BIG5, "gb18030"]).best()
        return BIG5 if guess is not None and guess.encoding == BIG5 else None
    return "utf-8-sig"


def rows_of(text: str, columns: Sequence[str], limit: int) -> Iterator[tuple[int, dict[str, str] | None]]:
    """Each row with the number of the line it begins on; the header is line 1, empty lines are passed over.

    Cells are trimmed; cells that are missing at the end are empty. A row with more cells than the header is None.

    Raises:
        CsvHeaderInvalid, CsvMalformed, TooManyRows.
    """
    lines = _lines(text)
    header = _checked_header(next(lines, (1, []))[1], columns)
    taken = 0
    for line, cells in lines:
        if not cells:
            continue
        taken += 1
        if taken > limit:
            raise TooManyRows(f"一個檔案最多 {limit:,} 列 / A file has at most {limit:,} rows")
        missing = [""] * (len(header) - len(cells))
        yield line, dict(zip(header, cells + missing, strict=True)) if len(cells) <= len(header) else None


def _lines(text: str) -> Iterator[tuple[int, list[str]]]:
    """Each record without the empty cells that spreadsheets write at the end."""
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    while True:
        begins = reader.line_num + 1
        try:
            cells = [cell.strip() for cell in next(reader)]
        except StopIteration:
            return
        except csv.Error as error:
            raise CsvMalformed(f"第 {begins} 行 / Line {begins}: {error}") from None
        while cells and not cells[-1]:
            cells.pop()
        yield begins, cells


def _checked_header(cells: Sequence[str], columns: Sequence[str]) -> list[str]:
    header = [unicodedata.normalize("NFKC", cell).strip().lower() for cell in cells]
    errors = []
    for place, name in enumerate(header, start=1):
        if name not in columns:
            # The name itself is not repeated: without a header line it would be somebody's national ID.
            errors.append(FieldError(f"rows[1].column_{place}", "unknown-column", f"第 {place} 欄 / Column {place}"))
        elif name in header[: place - 1]:
            errors.append(FieldError(f"rows[1].{name}", "repeated-column", "欄位重複 / The column appears twice"))
    errors += [
        FieldError(f"rows[1].{name}", "missing-column", "缺少此欄 / The column is missing")
        for name in columns
        if name not in header
    ]
    if errors:
        raise CsvHeaderInvalid(errors=errors)
    return header
