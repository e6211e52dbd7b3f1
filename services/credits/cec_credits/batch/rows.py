"""The file that is sent: its columns, and what one row of it asks."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Collection, Iterable
from typing import Final

import msgspec

from cec_chassis.csv_upload import Columns, CsvRow
from cec_contracts import national_id
from cec_contracts.national_id import InvalidNationalId
from cec_credits.batch.domain import AskedRow, RowProblem

NATIONAL_ID: Final = "national_id"
NUMBER: Final = "number"
CERTIFICATE: Final = "certificate_number"
PROFESSION: Final = "profession"

COLUMNS: Final = Columns(
    {
        NATIONAL_ID: ("身分證或統一證號", "身分證字號", "身分證號碼"),
        NUMBER: ("人員代碼",),
        CERTIFICATE: ("證書字號",),
        PROFESSION: ("證書類別", "人員類別"),
    },
    needed=[(NATIONAL_ID, NUMBER, CERTIFICATE)],
)
LONGEST_CELL: Final = 60
UNKNOWN_PROFESSION: Final = "unknown-profession"

IndexOf = Callable[[str], str]


class _Unusable(Exception):
    """What is wrong with the row."""

    def __init__(self, slug: str, message: str) -> None:
        super().__init__(message)
        self.problem = RowProblem(slug, message)


def read_row(row: CsvRow, index_of: IndexOf) -> AskedRow:
    """Whom a row names: by national ID, by number or by certificate, in one of these ways. Its fault stays its own."""
    if row.errors:
        return AskedRow(row.line, problem=RowProblem(row.errors[0].slug, row.errors[0].message))
    shown = ""
    try:
        cells = {column: _text(cell) for column, cell in row.cells.items()}
        shown = _shown(cells)
        return AskedRow(
            row.line,
            shown,
            national_id_index=_index(cells.get(NATIONAL_ID, ""), index_of),
            number=cells.get(NUMBER) or None,
            certificate_number=cells.get(CERTIFICATE) or None,
            profession=cells.get(PROFESSION, "").upper() or None,
            problem=None if shown else RowProblem("missing-value", "未指明醫事人員 / Nobody is named"),
        )
    except _Unusable as unusable:
        return AskedRow(row.line, shown, problem=unusable.problem)


def of_a_profession(row: AskedRow, known: Collection[str]) -> AskedRow:
    """The row, with a problem if it asks for a profession that no published rule set covers."""
    if row.problem is not None or row.profession is None or row.profession in known:
        return row
    problem = RowProblem(UNKNOWN_PROFESSION, no_such_profession(row.profession, known))
    return msgspec.structs.replace(row, problem=problem)


def no_such_profession(code: str, known: Iterable[str]) -> str:
    """That no rules cover it, and which professions there are."""
    codes = sorted(known)
    return (
        f"已發布之規則未涵蓋此人員類別,可用:{'、'.join(codes)}"
        f" / No published rule set covers {code}; there are: {', '.join(codes)}"
    )


def _text(cell: str) -> str:
    value = unicodedata.normalize("NFKC", cell).strip()
    if len(value) > LONGEST_CELL:
        raise _Unusable("too-long", f"超過 {LONGEST_CELL} 字 / Longer than {LONGEST_CELL} characters")
    if not value.isprintable():
        raise _Unusable("bad-character", "含有無法使用的字元 / Contains characters that cannot be used")
    return value


def _shown(cells: dict[str, str]) -> str:
    if sum(bool(cells.get(column)) for column in (NATIONAL_ID, NUMBER, CERTIFICATE)) > 1:
        raise _Unusable(
            "named-twice", "證號、人員代碼、證書字號擇一填寫 / Fill in one of national ID, number and certificate"
        )
    if cells.get(NATIONAL_ID):
        return national_id.mask(national_id.canonical(cells[NATIONAL_ID]))
    return cells.get(NUMBER) or cells.get(CERTIFICATE) or ""


def _index(cell: str, index_of: IndexOf) -> str | None:
    if not cell:
        return None
    try:
        return index_of(cell)
    except InvalidNationalId as error:
        raise _Unusable(error.slug, str(error)) from None
