"""Rows of a large file on their way to the worker: small, sealed at rest, all rows of one person together.

A file is divided by whom its rows are about and not by their order, so that what two rows say of one person is weighed in
one piece, and a piece is whole by itself.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterable, Sequence
from typing import Final

import msgspec

from cec_chassis.csv_upload import Columns, CsvRow
from cec_chassis.problems import FieldError
from cec_contracts import national_id

PIECE: Final = 2_000
"""Rows that the worker takes in one transaction."""


class StagedRow(msgspec.Struct, array_like=True, gc=False):
    """A row with the cells that are not empty."""

    line: int
    cells: dict[str, str]
    errors: tuple[tuple[str, str, str], ...] = ()


_encode = msgspec.msgpack.Encoder().encode
_row = msgspec.msgpack.Decoder(StagedRow)
_rows = msgspec.msgpack.Decoder(list[StagedRow])


def stage(row: CsvRow) -> bytes:
    """The row as a few bytes."""
    cells = {column: cell for column, cell in row.cells.items() if cell}
    errors = tuple((error.path, error.slug, error.message) for error in row.errors)
    return _encode(StagedRow(row.line, cells, errors))


def unstage(staged: Iterable[bytes], columns: Columns) -> list[CsvRow]:
    """The rows as they were."""
    return [_unstaged(_row.decode(each), columns) for each in staged]


def pieces_of(staged: Sequence[bytes], key: str) -> Iterable[tuple[int, bytes]]:
    """The rows in pieces of about `PIECE`, each with its number of rows; rows with the same text in column `key` are in
    the same one. None is empty."""
    count = max(1, round(len(staged) / PIECE))
    pieces: list[list[msgspec.Raw]] = [[] for _ in range(count)]
    for each in staged:
        named = national_id.canonical(_row.decode(each).cells.get(key, ""))
        pieces[zlib.crc32(named.encode()) % count].append(msgspec.Raw(each))
    for piece in pieces:
        if piece:
            yield len(piece), _encode(piece)


def rows_of_piece(piece: bytes, columns: Columns) -> list[CsvRow]:
    """What `pieces_of` put into it."""
    return [_unstaged(row, columns) for row in _rows.decode(piece)]


def _unstaged(row: StagedRow, columns: Columns) -> CsvRow:
    if row.errors:
        return CsvRow(row.line, {}, tuple(FieldError(*error) for error in row.errors))
    cells = row.cells
    return CsvRow(row.line, {column: cells.get(column, "") for column in columns.headings})
