"""The field's fixed words with their Chinese terms: attributes, roles, areas, and how an article is cited."""

from __future__ import annotations

import re
from typing import Final

from cec_credits.rulesets.document import Words

ATTRIBUTES: Final = {
    "professional": Words(zh="專業課程", en="Professional courses"),
    "quality": Words(zh="專業品質", en="Professional quality"),
    "ethics": Words(zh="專業倫理", en="Professional ethics"),
    "regulations": Words(zh="專業相關法規", en="Professional regulatory requirements"),
}
"""Course attribute 課程屬性."""

ROLES: Final = {
    "learner": Words(zh="學員", en="learner"),
    "lecturer": Words(zh="授課者", en="lecturer"),
    "presenter": Words(zh="主要報告或演講者", en="main presenter or speaker"),
    "special_lecturer": Words(zh="特別演講者", en="special lecturer"),
    "first_author": Words(zh="第一作者", en="first author"),
    "corresponding_author": Words(zh="通訊作者", en="corresponding author"),
    "second_author": Words(zh="第二作者", en="second author"),
    "other_author": Words(zh="其他作者", en="other author"),
}
"""In what role somebody took part 角色."""

AREAS: Final = {
    "ordinary": Words(zh="一般地區", en="ordinary area"),
    "remote": Words(zh="偏遠地區", en="remote area"),
    "offshore": Words(zh="離島地區", en="offshore island"),
}
"""Kind of practice area 執業地區."""

UNITS: Final = {
    "hour": Words(zh="每小時", en="per credit hour"),
    "time": Words(zh="每次", en="per session"),
    "item": Words(zh="每篇", en="per paper"),
    "academic_credit": Words(zh="每學分", en="per academic credit"),
    "day": Words(zh="每日", en="per day"),
    "week": Words(zh="每星期", en="per week"),
    "year": Words(zh="每年", en="per year"),
}
"""What a rate is paid for."""

PERIODS: Final = {
    "window": Words(zh="每一更新週期", en="renewal window"),
    "semester": Words(zh="每學期", en="semester"),
    "academic_year": Words(zh="每學年", en="academic year"),
    "year": Words(zh="每年", en="calendar year"),
}
"""Over what a cap holds."""

GROUNDS: Final = {
    "WRONG_PROFESSION": "scope",
    "WRONG_PURPOSE": "scope",
    "ACTIVITY_NOT_APPROVED": "approval",
    "APPROVAL_WITHDRAWN": "approval",
    "RECOGNITION_VOID": "approval",
    "PENDING_CHANGE": "approval",
    "DISCIPLINARY_NOT_OFFSETTABLE": "approval",
    "BELOW_MIN_PRESENCE": "attendance",
    "IDENTITY_UNMATCHED": "attendance",
    "LATE_REGISTRATION_REJECTED": "attendance",
    "SUPERSEDED_BY_CORRECTION": "attendance",
    "ATTENDANCE_WITHDRAWN": "attendance",
    "NOT_YET_EFFECTIVE": "attendance",
    "DUPLICATE_COURSE": "duplicate",
}
"""Grounds that are no number of the rules, each with the step of the pipeline that looks for it. All are grounds for not
counting, except PENDING_CHANGE, which is said and takes nothing."""

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
