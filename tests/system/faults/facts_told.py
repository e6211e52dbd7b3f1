"""What a test has told the system, and what credits must answer to it: computed by the pure engine from the facts alone."""

from __future__ import annotations

import random
from collections.abc import Iterable, Iterator
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID, uuid5

import msgspec
from tests.support.facts import NAMESPACE, News, approval_of, attendance_of, practitioner_of

from cec_chassis.clock import TAIPEI, taipei_date
from cec_contracts.enrolment import Attendance
from cec_contracts.identity import Practitioner
from cec_contracts.review import CourseApproval
from cec_credits.rulesets.load import bundled
from cec_credits.statements.domain import Case, Licence, PracticeArea, Record
from cec_credits.statements.evaluate import evaluate
from cec_credits.statements.summary import summary_of

PROFESSION = "2"
ROLE = "learner"
PRACTITIONERS = tuple(uuid5(NAMESPACE, f"practitioner {n}") for n in range(5))
ATTRIBUTES = ("professional", "quality", "ethics", "regulations")


class FactsTold:
    """A growing, seeded story: courses are approved and changed, attendance is recorded, corrected and withdrawn."""

    def __init__(self, seed: int = 1) -> None:
        self._random = random.Random(seed)
        self._courses = 0
        self.told: dict[UUID, News] = {}
        """The newest version of each practitioner and approval."""
        self.attendances: dict[UUID, News] = {}
        """The newest version of each attendance we wanted to commit; the outbox says which of them were."""

    def beginnings(self, today: date) -> Iterator[News]:
        """The practitioners, each with a licence that is in force."""
        for practitioner_id in PRACTITIONERS:
            licence = {
                "valid_from": str(today - timedelta(days=1000)),
                "valid_until": str(today + timedelta(days=1000)),
                "extended_until": None,
            }
            areas = [{"since": str(today - timedelta(days=900)), "area": "remote"}]
            case = {"profession": PROFESSION, "licence": licence, "practice_areas": areas}
            yield self._tell(practitioner_of(case, practitioner_id))

    def next_wave(self, now: datetime) -> tuple[list[News], list[News]]:
        """What review says and what enrolment commits in one moment: two courses' approvals, a few attendances."""
        approvals = [self._approval(now) for _ in range(2)]
        attendances = [
            attendance_of(person, news.subject, PROFESSION, ROLE)
            for news in approvals
            for person in self._random.sample(PRACTITIONERS, 2)
        ]
        if self.attendances:
            attendances.append(self._changed(self._random.choice(list(self.attendances.values()))))
        old = self._random.choice([n for n in self.told.values() if isinstance(n.body, CourseApproval)])
        approvals.append(self._tell(News(old.event, old.subject, old.sequence + 1, self._other_points(old.body))))
        self.attendances |= {news.subject: news for news in attendances}
        return approvals, attendances

    def _approval(self, now: datetime) -> News:
        self._courses += 1
        ends_at = (now - timedelta(days=self._random.randint(2, 800))).astimezone(TAIPEI).replace(microsecond=0)
        record = {
            "method": "M01",
            "role": ROLE,
            "attribute": self._random.choice(ATTRIBUTES),
            "infection_control": self._random.random() < 0.1,
            "gender": self._random.random() < 0.1,
            "starts_at": (ends_at - timedelta(hours=1)).isoformat(),
            "ends_at": ends_at.isoformat(),
            "minutes": 60,
        }
        course_id = uuid5(NAMESPACE, f"course {self._courses}")
        return self._tell(approval_of(course_id, record, PROFESSION, self._points()))

    def _changed(self, old: News) -> News:
        body: Attendance = old.body
        changes: dict[str, Any] = (
            {"status": "withdrawn"} if self._random.random() < 0.4 else {"minutes": self._random.randint(10, 60)}
        )
        return attendance_of(body.practitioner_id, body.course_id, PROFESSION, ROLE, old.sequence + 1, **changes)

    def _other_points(self, approval: CourseApproval) -> CourseApproval:
        awards = [msgspec.structs.replace(award, points=self._points()) for award in approval.awards]
        return msgspec.structs.replace(approval, awards=awards)

    def _points(self) -> Decimal:
        return Decimal(self._random.randint(1, 400)) / 100

    def _tell(self, news: News) -> News:
        self.told[news.subject] = news
        return news


def expected_summaries(told: dict[UUID, News], committed: Iterable[Attendance], now: datetime) -> dict[UUID, str]:
    """The stored answer each practitioner must have, as its JSON text: from the facts, not from credits' tables."""
    records: dict[UUID, list[Record]] = {practitioner_id: [] for practitioner_id in PRACTITIONERS}
    for attendance in committed:
        if attendance.course_id in told:
            records[attendance.practitioner_id].append(_record(attendance, told[attendance.course_id].body))
    return {
        practitioner_id: _summary(told[practitioner_id].body, mine, taipei_date(now))
        for practitioner_id, mine in records.items()
    }


def _summary(person: Practitioner, records: list[Record], today: date) -> str:
    (licence,) = person.licences
    case = Case(
        profession=PROFESSION,
        as_of=today,
        licence=Licence(licence.valid_from, licence.valid_until, licence.extended_until),
        records=records,
        practice_areas=tuple(PracticeArea(a.since, a.area.value) for a in person.practice_areas),
    )
    return msgspec.json.encode(summary_of(evaluate(case, bundled()))).decode()


def _record(attendance: Attendance, approval: CourseApproval) -> Record:
    (award,) = approval.awards
    part = Decimal(attendance.minutes if attendance.minutes is not None else approval.minutes) / approval.minutes
    return Record(
        id=str(attendance.attendance_id),
        method=approval.method.value,
        role=attendance.role.value,
        attribute=approval.attribute.value,
        starts_at=approval.starts_at,
        ends_at=approval.ends_at,
        ends_on=taipei_date(approval.ends_at),
        points=(award.points * part).quantize(Decimal("0.01"), "ROUND_HALF_UP"),
        infection_control=approval.infection_control,
        gender=approval.gender,
        void="ATTENDANCE_WITHDRAWN" if attendance.status == "withdrawn" else None,
        course=str(approval.course_id),
    )
