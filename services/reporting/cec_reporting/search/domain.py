"""What activities are searched by. Nothing is found by nothing: one criterion at least."""

from __future__ import annotations

import unicodedata
from datetime import date
from typing import Final
from uuid import UUID

import msgspec

from cec_chassis.problems import Refusal
from cec_contracts.codes import canonical
from cec_contracts.vocabulary import Attribute, Method


class CriterionRequired(Refusal):
    """A search without any criterion would be the whole register, for everybody."""

    slug = "criterion-required"
    status = 422
    title = "請至少輸入一項查詢條件 / Give at least one criterion"


WHAT_TO_DO: Final = (
    "未輸入任何查詢條件;請至少輸入一項,例如活動名稱(title)、課程名稱(course_title)、代碼(activity_code、course_code)、"
    "舉辦日期(from、to)、縣市別(county)、主辦單位(offering_unit)、人員類別(profession)或尚未舉辦(upcoming=true) / "
    "Nothing to search by was given. Give at least one, such as title, course_title, activity_code, course_code, "
    "from, to, county, offering_unit, profession or upcoming=true"
)


class Criteria(msgspec.Struct, frozen=True, kw_only=True):
    """An activity is found when it fulfils those of its own and one of its approved courses all those of courses.

    Texts are contained in what they are compared with; width, case and 台 or 臺 do not matter. Codes are whole. At least
    one day of the activity lies within the dates, both included. A flag that is false asks for nothing.
    """

    activity_code: str | None = None
    title: str | None = None
    held_from: date | None = None
    held_to: date | None = None
    offering_unit_id: UUID | None = None
    offering_unit: str | None = None
    county: str | None = None
    method: Method | None = None
    review_unit_id: UUID | None = None
    course_code: str | None = None
    course_title: str | None = None
    infection_control: bool = False
    gender: bool = False
    profession: str | None = None
    attribute: Attribute | None = None
    upcoming: bool = False

    def given(self) -> frozenset[str]:
        """The names of those that narrow the search.

        Raises:
            CriterionRequired: there are none.
        """
        names = frozenset(name for name, value in msgspec.structs.asdict(self).items() if value)
        if not names:
            raise CriterionRequired(WHAT_TO_DO)
        return names


def words_of(text: str | None) -> str | None:
    """Without blanks around it; None where nothing is left. What it is compared as is the database's to say."""
    return (text or "").strip() or None


def code_of(text: str | None) -> str | None:
    """As codes are written: S202602010001 for ｓ２０２６…; None where nothing is left."""
    return words_of(canonical(text or ""))


def has_pairs(words: str) -> bool:
    """Whether there are two letters side by side, so that an index of pairs can help."""
    return len(unicodedata.normalize("NFKC", words)) > 1
