"""The columns of a roster file and their names in both languages."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from enum import StrEnum

from cec_chassis.problems import FieldError, Refusal
from cec_contracts.vocabulary import ParticipantRole


class Column(StrEnum):
    """The English name of a column is also the name of its field in error paths."""

    COURSE_CODE = "course_code"
    NATIONAL_ID = "national_id"
    NUMBER = "number"
    ROLE = "role"
    MINUTES = "minutes"
    PROFESSION = "profession"


CHINESE = {
    "課程代碼": Column.COURSE_CODE,
    "身分證或統一證號": Column.NATIONAL_ID,
    "身分證字號": Column.NATIONAL_ID,
    "人員代碼": Column.NUMBER,
    "角色": Column.ROLE,
    "分鐘數": Column.MINUTES,
    "人員類別": Column.PROFESSION,
}
NAMES = {column.value: column for column in Column} | CHINESE

ROLES = {
    "": ParticipantRole.LEARNER,
    "學員": ParticipantRole.LEARNER,
    "授課者": ParticipantRole.LECTURER,
    "講師": ParticipantRole.LECTURER,
    "主要報告或演講者": ParticipantRole.PRESENTER,
    "特別演講": ParticipantRole.SPECIAL_LECTURER,
    "第一作者": ParticipantRole.FIRST_AUTHOR,
    "通訊作者": ParticipantRole.CORRESPONDING_AUTHOR,
    "第二作者": ParticipantRole.SECOND_AUTHOR,
    "其他作者": ParticipantRole.OTHER_AUTHOR,
} | {role.value: role for role in ParticipantRole}
"""What a cell may say about the role, in lower case."""


class CsvHeaderInvalid(Refusal):
    """The first line does not name the columns we need, or names others; `errors` says which."""

    slug = "csv-header-invalid"
    status = 422
    title = "CSV 標題列不符 / The header line of the file is not right"


def column_order(header: Sequence[str], *, with_course: bool) -> tuple[Column, ...]:
    """The columns in the order of the file. A column nobody knows is refused: it may hold what the sender relies on.

    Raises:
        CsvHeaderInvalid: with one error for each column at fault, as `rows[1].<column>`.
    """
    names = [unicodedata.normalize("NFKC", cell).strip() for cell in header]
    while names and not names[-1]:
        names.pop()  # spreadsheets write empty columns at the end
    errors: list[FieldError] = []
    order: list[Column] = []
    for place, name in enumerate(names, start=1):
        column = NAMES.get(name.lower())
        if column is None or (column is Column.COURSE_CODE and not with_course):
            # the name itself is not repeated: without a header line it would be somebody's national ID
            errors.append(_error(f"column_{place}", "unknown-column", f"第 {place} 欄 / Column {place}"))
        elif column in order:
            errors.append(_error(column, "repeated-column", "欄位重複 / The column appears twice"))
        else:
            order.append(column)
    if Column.NATIONAL_ID not in order and Column.NUMBER not in order:
        errors.append(
            _error(Column.NATIONAL_ID, "missing-column", "須有 national_id 或 number 欄 / One of them is needed")
        )
    if with_course and Column.COURSE_CODE not in order:
        errors.append(_error(Column.COURSE_CODE, "missing-column", "須有 course_code 欄 / It is needed"))
    if errors:
        raise CsvHeaderInvalid(errors=errors)
    return tuple(order)


def _error(column: str, slug: str, message: str) -> FieldError:
    return FieldError(f"rows[1].{column}", slug, message)
