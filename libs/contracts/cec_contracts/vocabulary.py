"""The words of the field that more than one service uses. Chinese terms stand in the glossary as well."""

from __future__ import annotations

from decimal import Decimal
from enum import StrEnum
from typing import Annotated

from msgspec import Meta

PROFESSION_PATTERN = "^([A-Z1-9]|[A-Z][A-Z0-9]{1,3})$"
PROFESSION_FORM = {
    "form": "須為醫事人員類別代碼,大寫,例如 F 護理師"
    " / the code of a profession in capitals, such as F for registered professional nurses"
}
"""The pattern in words, for whoever is refused: `Meta(extra=…)`."""
ProfessionCode = Annotated[
    str,
    Meta(
        pattern=PROFESSION_PATTERN,
        description="醫事人員類別代碼: one character, the Ministry's person category code; two to four for a category of "
        "another regulation, such as SW 社會工作師",
        extra=PROFESSION_FORM,
    ),
]
"""Which categories there are, rule sets say; a new one needs no new contract."""
MINISTRY_CATEGORIES = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZ123456")
"""The Ministry's person category codes 醫事司人員類別. L 鑲牙生, M 中藥員, N 齒模員, O 非醫事人員 and P 接骨員 have no licence
cycle, so no rule set covers them; 7, 8 and 9 are nobody's."""
NationalIdIndex = Annotated[
    str,
    Meta(
        pattern="^[0-9a-f]{64}$", description="keyed HMAC-SHA256 of the 身分證或統一證號; finds a person, tells nothing"
    ),
]
Points = Annotated[Decimal, Meta(description="積分, two decimals, travels as a string")]
Minutes = Annotated[int, Meta(ge=0, le=100_000)]


class Attribute(StrEnum):
    """Course attribute 課程屬性, Art. 13(1)."""

    PROFESSIONAL = "professional"  # 專業課程
    QUALITY = "quality"  # 專業品質
    ETHICS = "ethics"  # 專業倫理
    REGULATIONS = "regulations"  # 專業相關法規


class Method(StrEnum):
    """Implementation method 實施方式, appendix of Art. 14; the codes are ours."""

    M01 = "M01"
    M02 = "M02"
    M03 = "M03"
    M04 = "M04"
    M05 = "M05"
    M06 = "M06"
    M07 = "M07"
    M08 = "M08"
    M09 = "M09"
    M10 = "M10"
    M11 = "M11"
    M12 = "M12"
    M13 = "M13"


class ParticipantRole(StrEnum):
    """In what role somebody took part 角色; points differ by role."""

    LEARNER = "learner"  # 學員
    LECTURER = "lecturer"  # 授課者
    PRESENTER = "presenter"  # 主要報告或演講者
    SPECIAL_LECTURER = "special_lecturer"  # 特別演講
    FIRST_AUTHOR = "first_author"  # 第一作者
    CORRESPONDING_AUTHOR = "corresponding_author"  # 通訊作者
    SECOND_AUTHOR = "second_author"  # 第二作者
    OTHER_AUTHOR = "other_author"  # 其他作者


class Purpose(StrEnum):
    """What the credits of an activity are for 積分用途. An activity may serve several."""

    PRACTICE_LICENCE = "practice_licence"  # 執業執照
    SPECIALIST = "specialist"  # 專科醫師、專科牙醫師
    NURSE_PRACTITIONER = "nurse_practitioner"  # 專科護理師
    LONG_TERM_CARE = "long_term_care"  # 長照人員
    PUBLIC_HEALTH = "public_health"  # 公共衛生師


def licence_only() -> list[Purpose]:
    """What is meant where nothing is said of purposes."""
    return [Purpose.PRACTICE_LICENCE]


class Area(StrEnum):
    """Kind of practice area 執業地區, decides the area multiplier."""

    ORDINARY = "ordinary"  # 一般地區
    REMOTE = "remote"  # 偏遠地區
    OFFSHORE = "offshore"  # 離島地區


class AccountRole(StrEnum):
    """Role of an account 身分."""

    PRACTITIONER = "practitioner"  # 醫事人員
    OFFERING_UNIT = "offering_unit"  # 開課單位
    REVIEW_UNIT = "review_unit"  # 審查單位
    COMMITTEE_MEMBER = "committee_member"  # 審查委員
    SYSTEM_ADMINISTRATOR = "system_administrator"  # 系統管理者
    OTHER_SYSTEM = "other_system"  # 其他系統


class AccountState(StrEnum):
    """State of an account 帳號狀態. Only `active` signs in. Pending and rejected ones are applications still."""

    PENDING = "pending"  # 待審核
    ACTIVE = "active"  # 啟用
    DISABLED = "disabled"  # 停用
    SUSPENDED = "suspended"  # 停權
    REJECTED = "rejected"  # 未核准
