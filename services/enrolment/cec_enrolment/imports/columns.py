"""The columns of a roster file, their names in both languages, and the words for a role."""

from __future__ import annotations

from enum import StrEnum

from cec_chassis.csv_upload import Columns
from cec_contracts.vocabulary import ParticipantRole


class Column(StrEnum):
    """The English name of a column is also the name of its field in error paths."""

    COURSE_CODE = "course_code"
    NATIONAL_ID = "national_id"
    NUMBER = "number"
    ROLE = "role"
    MINUTES = "minutes"
    PROFESSION = "profession"


_PERSON = (Column.NATIONAL_ID, Column.NUMBER)
_HEADINGS: dict[str, tuple[str, ...]] = {
    Column.NATIONAL_ID: ("身分證或統一證號", "身分證字號"),
    Column.NUMBER: ("人員代碼",),
    Column.ROLE: ("角色",),
    Column.MINUTES: ("分鐘數",),
    Column.PROFESSION: ("人員類別",),
}
OF_ONE_COURSE = Columns(_HEADINGS, needed=[_PERSON])
"""Of a file for the roster of one course, which the address names."""
OF_MANY_COURSES = Columns({Column.COURSE_CODE: ("課程代碼",), **_HEADINGS}, needed=[(Column.COURSE_CODE,), _PERSON])
"""Of a file whose rows name their courses."""

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
