"""What a unit proposes: the content of an activity as it is sent in, before ids, codes and defaults are settled.

Lengths and shapes are held here, rules that compare one field with another in `checks.py`.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated
from uuid import UUID

import msgspec
from msgspec import Meta

from cec_contracts.counties import county_of
from cec_contracts.vocabulary import Attribute, Method, ProfessionCode, Purpose, licence_only

Title = Annotated[str, Meta(min_length=1, max_length=200, pattern=r"\S")]
Name = Annotated[str, Meta(min_length=1, max_length=100, pattern=r"\S")]
Place = Annotated[str, Meta(max_length=200)]
County = Annotated[str, Meta(min_length=1, max_length=20, pattern=r"\S", description="縣市別")]
Instant = Annotated[datetime, Meta(tz=True, description="with an offset, for example +08:00")]
PractitionerNumber = Annotated[str, Meta(min_length=1, max_length=40, description="人員代碼")]
Length = Annotated[int, Meta(ge=1, le=100_000, description="creditable minutes without breaks")]


class ProposedLecturer(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A lecturer 講師. Without a practitioner number nobody gets credit for the lecture.

    Times left out are the course's. `lecturer_id` keeps a lecturer who is there already.
    """

    lecturer_id: UUID | None = None
    name: Name
    practitioner_number: PractitionerNumber | None = None
    starts_at: Instant | None = None
    ends_at: Instant | None = None


class ProposedCourse(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A course 課程. Minutes left out are the whole duration. `course_id` keeps a course, and its code, that is there."""

    course_id: UUID | None = None
    title: Title
    attribute: Attribute
    infection_control: bool = False
    gender: bool = False
    starts_at: Instant
    ends_at: Instant
    minutes: Length | None = None
    place: Place = ""
    lecturers: Annotated[list[ProposedLecturer], Meta(max_length=50)] = []


class Proposal(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A group activity 團體類活動 as its offering unit fills it in; a draft may still be without courses."""

    title: Title
    review_unit_id: UUID
    method: Method
    professions: Annotated[list[ProfessionCode], Meta(min_length=1, max_length=60)]
    starts_on: date
    ends_on: date
    county: County
    place: Place = ""
    courses: Annotated[list[ProposedCourse], Meta(max_length=200)] = []
    purposes: Annotated[list[Purpose], Meta(min_length=1, max_length=len(Purpose), description="積分用途")] = (
        msgspec.field(default_factory=licence_only)
    )

    @property
    def county_of_today(self) -> str:
        """The county by its name of today; as it was written where it is none, which is refused."""
        return county_of(self.county) or self.county

    def practitioner_numbers(self) -> list[str]:
        """The practitioner numbers given for lecturers, each once."""
        numbers = (
            lecturer.practitioner_number
            for course in self.courses
            for lecturer in course.lecturers
            if lecturer.practitioner_number is not None
        )
        return sorted(set(numbers))


class Revision(Proposal, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A proposal that replaces an earlier one; `version` is that of the activity the unit was looking at."""

    version: Annotated[int, Meta(ge=1)]
