"""Narrowing a statement's entries: by what the course is, who held it, who reviewed it, and what became of the record."""

from __future__ import annotations

import unicodedata
from typing import Annotated
from uuid import UUID

import msgspec
from litestar.params import QueryParameter

from cec_contracts.codes import canonical
from cec_contracts.vocabulary import Attribute, Method
from cec_credits.statements.domain import Entry, State
from cec_credits.statements.sources import SourceCourse

LONGEST = 200


class Filters(msgspec.Struct, frozen=True, kw_only=True):
    """Every one that is given must hold; those of the course never hold for a record whose course is not known.

    Width and case of a code do not matter."""

    method: Method | None = None
    attribute: Attribute | None = None
    state: State | None = None
    offering_unit: str | None = None
    activity_code: str | None = None
    course_code: str | None = None
    review_unit: UUID | None = None

    def said(self) -> str:
        """What is asked for, as it was asked; empty when nothing is."""
        given = {name: value for name, value in msgspec.structs.asdict(self).items() if value is not None}
        return ", ".join(f"{name}={value}" for name, value in given.items())

    def hold(self, entry: Entry, course: SourceCourse | None) -> bool:
        """Whether an entry is among those asked for."""
        record = entry.record
        own = (
            (self.method is None or record.method == self.method)
            and (self.attribute is None or record.attribute == self.attribute)
            and (self.state is None or entry.state == self.state)
        )
        return own and (self._of_course(course) if course is not None else not self._ask_for_courses())

    def _ask_for_courses(self) -> bool:
        asked = (self.offering_unit, self.activity_code, self.course_code, self.review_unit)
        return any(each is not None for each in asked)

    def _of_course(self, course: SourceCourse) -> bool:
        return (
            (
                self.offering_unit is None
                or self.offering_unit == str(course.offering_unit_id)
                or _folded(self.offering_unit) in _folded(course.offering_unit_name)
            )
            and (self.activity_code is None or canonical(course.activity_code) == canonical(self.activity_code))
            and (self.course_code is None or canonical(course.course_code) == canonical(self.course_code))
            and (self.review_unit is None or course.review_unit_id == self.review_unit)
        )


def _folded(name: str) -> str:
    """Width and case do not matter."""
    return unicodedata.normalize("NFKC", name).casefold().strip()


async def filters_of_query(
    method: Annotated[Method | None, QueryParameter(description="實施方式 / Implementation method")] = None,
    attribute: Annotated[Attribute | None, QueryParameter(description="課程屬性 / Course attribute")] = None,
    outcome: Annotated[
        State | None, QueryParameter(name="state", description="計算結果 / What became of the record")
    ] = None,
    offering_unit: Annotated[
        str | None,
        QueryParameter(
            max_length=LONGEST,
            description="主辦單位識別碼，或名稱之全部或一部分 / Offering unit, by its id, its name or a part of it",
        ),
    ] = None,
    activity_code: Annotated[
        str | None, QueryParameter(max_length=LONGEST, description="活動代碼 / Activity code")
    ] = None,
    course_code: Annotated[str | None, QueryParameter(max_length=LONGEST, description="課程代碼 / Course code")] = None,
    review_unit: Annotated[UUID | None, QueryParameter(description="審查單位識別碼 / Review unit, by its id")] = None,
) -> Filters:
    """Litestar dependency `filters`. The certificate type 證書類別 is part of the address."""
    return Filters(
        method=method,
        attribute=attribute,
        state=outcome,
        offering_unit=offering_unit,
        activity_code=activity_code,
        course_code=course_code,
        review_unit=review_unit,
    )
