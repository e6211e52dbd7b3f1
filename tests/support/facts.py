"""A credit case told as events: the practitioner, an approval and an attendance for each record."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID, uuid5

import msgspec

from cec_chassis.bus.subscription import Received
from cec_chassis.ids import new_id
from cec_contracts import enrolment, identity, review
from cec_contracts.envelope import EventType
from cec_contracts.vocabulary import Attribute, Method, ParticipantRole

NAMESPACE = UUID("7f0e2a52-6d6c-4b0e-9c2e-1f7d3a5b9c10")
UNIT = uuid5(NAMESPACE, "unit")
LONG_AGO = datetime(2010, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class News:
    """An event that somebody may publish: its type, aggregate, version and body."""

    event: EventType[Any]
    subject: UUID
    sequence: int
    body: Any

    def received(self) -> Received[Any]:
        """As a handler would get it; a new event id each time."""
        return Received(new_id(), self.event.name, str(self.subject), self.sequence, LONG_AGO, self.body)


def practitioner_of(case: dict[str, Any], practitioner_id: UUID, sequence: int = 1) -> News:
    licence = case["licence"]
    body = identity.Practitioner(
        practitioner_id=practitioner_id,
        number=f"P{practitioner_id.hex[:8]}",
        name="王測試",
        national_id_index=practitioner_id.hex * 2,
        national_id_masked="A12****789",
        certificates=[identity.Certificate(profession=case["profession"], number="000001", issued_on=date(2005, 1, 1))],
        licences=[
            identity.Licence(
                licence_id=uuid5(practitioner_id, "licence"),
                profession=case["profession"],
                valid_from=date.fromisoformat(licence["valid_from"]),
                valid_until=date.fromisoformat(licence["valid_until"]),
                extended_until=licence["extended_until"] and date.fromisoformat(licence["extended_until"]),
                county="臺北市",
            )
        ],
        practice_areas=msgspec.convert(case["practice_areas"], list[identity.PracticeArea]),
    )
    return News(identity.PRACTITIONER_REGISTERED, practitioner_id, sequence, body)


def approval_of(
    course_id: UUID, record: dict[str, Any], profession: str, points: Decimal, sequence: int = 1, **changes: Any
) -> News:
    minutes = record.get("minutes") or 60
    body = review.CourseApproval(
        course_id=course_id,
        course_code=f"C{course_id.hex[:10]}",
        course_title="課程",
        activity_id=uuid5(course_id, "activity"),
        activity_code=f"S{course_id.hex[:10]}",
        activity_title="活動",
        offering_unit_id=UNIT,
        offering_unit_name="某學會",
        review_unit_id=UNIT,
        method=Method(record["method"]),
        attribute=Attribute(record["attribute"]),
        infection_control=record["infection_control"],
        gender=record["gender"],
        starts_at=datetime.fromisoformat(record["starts_at"]),
        ends_at=datetime.fromisoformat(record["ends_at"]),
        minutes=minutes,
        county="臺北市",
        awards=[review.Award(profession=profession, role=ParticipantRole(record["role"]), points=points)],
        roster_deadline=date(2099, 12, 31),
        status="approved",
        decided_at=LONG_AGO,
    )
    event = (
        review.COURSE_APPROVAL_WITHDRAWN
        if changes.get("status") == "withdrawn"
        else review.COURSE_APPROVAL_CHANGE_OPENED
        if changes.get("under_change")
        else review.COURSE_APPROVAL_GRANTED
    )
    return News(event, course_id, sequence, msgspec.structs.replace(body, **changes))


def attendance_of(
    practitioner_id: UUID, course_id: UUID, profession: str, role: str, sequence: int = 1, **changes: Any
) -> News:
    attendance_id = uuid5(course_id, str(practitioner_id))
    body = enrolment.Attendance(
        attendance_id=attendance_id,
        course_id=course_id,
        activity_id=uuid5(course_id, "activity"),
        practitioner_id=practitioner_id,
        profession=profession,
        role=ParticipantRole(role),
        status="recorded",
        recorded_at=LONG_AGO,
    )
    event = (
        enrolment.ATTENDANCE_WITHDRAWN
        if changes.get("status") == "withdrawn"
        else enrolment.ATTENDANCE_RECORDED
        if sequence == 1
        else enrolment.ATTENDANCE_CORRECTED
    )
    return News(event, attendance_id, sequence, msgspec.structs.replace(body, **changes))


RATES = {
    "M01": {"learner": 1, "lecturer": 5},
    "M02": {"learner": 2},
    "M04": {"learner": 1},
    "M05": {"learner": 1},
    "M06": {"learner": 2},
}
PER_TIME = {"M05", "M06"}


def points_of(record: dict[str, Any]) -> Decimal:
    """What a review unit would approve for this record: by minutes / 50, or for each time."""
    if "points" in record:
        return Decimal(record["points"])
    rate = Decimal(RATES[record["method"]][record["role"]])
    if record["method"] in PER_TIME:
        return rate * int(record.get("quantity", 1))
    return (rate * int(record["minutes"]) / 50).quantize(Decimal("0.01"))


def events_of(case: dict[str, Any], practitioner_id: UUID) -> Iterator[News]:
    """The whole case as first versions, practitioner first."""
    yield practitioner_of(case, practitioner_id)
    for record in case["records"]:
        course_id = uuid5(practitioner_id, record["id"])
        yield approval_of(course_id, record, case["profession"], points_of(record))
        yield attendance_of(practitioner_id, course_id, case["profession"], record["role"])
