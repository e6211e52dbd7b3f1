"""The field's fixed words: attributes, roles, areas, grounds, and how an article is cited."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final, get_args

from cec_contracts.vocabulary import Area, Attribute, ParticipantRole
from cec_credits import texts
from cec_credits.rulesets.document import Period, Unit, Words

ATTRIBUTES: Final[Mapping[str, Words]] = texts.each("attribute", Attribute)
"""Course attribute 課程屬性."""
ROLES: Final[Mapping[str, Words]] = texts.each("role", ParticipantRole)
"""In what role somebody took part 角色."""
AREAS: Final[Mapping[str, Words]] = texts.each("area", Area)
"""Kind of practice area 執業地區."""
UNITS: Final[Mapping[str, Words]] = texts.each("unit", get_args(Unit))
"""What a rate is paid for."""
PERIODS: Final[Mapping[str, Words]] = texts.each("period", get_args(Period))
"""Over what a cap holds."""

GROUNDS: Final = {
    "WRONG_PROFESSION": "scope",
    "WRONG_PURPOSE": "scope",
    "ACTIVITY_NOT_APPROVED": "approval",
    "APPROVAL_WITHDRAWN": "approval",
    "RECOGNITION_VOID": "approval",
    "DISCIPLINARY_NOT_OFFSETTABLE": "approval",
    "BELOW_MIN_PRESENCE": "attendance",
    "IDENTITY_UNMATCHED": "attendance",
    "LATE_REGISTRATION_REJECTED": "attendance",
    "SUPERSEDED_BY_CORRECTION": "attendance",
    "ATTENDANCE_WITHDRAWN": "attendance",
    "NOT_YET_EFFECTIVE": "attendance",
    "DUPLICATE_COURSE": "duplicate",
}
"""Grounds for not counting that are no number of the rules, each with the step of the pipeline that looks for it."""

_CITED = re.compile(r"^(\d+)((?:\(\d+\)){0,3})$")
_APPENDIX = re.compile(r"^appendix(?: (\d+|note))?$")


def cited(article: str) -> Words:
    """How a provision written ``13(2)(1)`` or ``appendix 4`` is cited in either language; other text is left as it is."""
    if match := _CITED.match(article):
        levels = re.findall(r"\d+", match[2])
        parts = "".join(f"第{number}{level}" for number, level in zip(levels, ("項", "款", "目"), strict=False))
        return Words(zh=f"第{match[1]}條{parts}", en=f"Art. {article}")
    if match := _APPENDIX.match(article):
        if match[1] == "note":
            return Words(zh="第14條附表備註", en="appendix to Art. 14, note")
        row = match[1]
        return Words(
            zh=f"第14條附表第{row}項" if row else "第14條附表",
            en=f"appendix to Art. 14, row {row}" if row else "appendix to Art. 14",
        )
    return Words(zh=article, en=article)
