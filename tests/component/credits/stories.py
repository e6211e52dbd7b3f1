"""Stories about a few people: everything that identity, review and enrolment may say of them, and where it ends.

A story is versions of practitioners, approvals and attendances. `told` are its events in the order in which they
happened; `ends` is what the pure engine makes of the newest version of everything, without a database.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from typing import Any
from uuid import UUID, uuid5

import msgspec
from hypothesis import strategies as st
from tests.support.facts import News, approval_of, attendance_of, practitioner_of

from cec_chassis.clock import TAIPEI
from cec_contracts import identity, review
from cec_contracts.vocabulary import Area, Attribute, Method, ParticipantRole
from cec_credits.rulesets.load import bundled
from cec_credits.statements.domain import Case, Licence, OpenChange, PracticeArea, Record, Statement
from cec_credits.statements.evaluate import evaluate

PROFESSIONS = ("2", "4")
ROLES = (ParticipantRole.LEARNER, ParticipantRole.LECTURER)
FIRST, TODAY, LAST = date(2009, 1, 1), date(2016, 7, 7), date(2017, 6, 30)
CENT = Decimal("0.01")
Key = tuple[UUID, str]

days = st.dates(FIRST, LAST)
amounts = st.integers(1, 3000).map(lambda cents: Decimal(cents).scaleb(-2))


@dataclass(frozen=True)
class Story:
    """Each list holds the versions of one aggregate, first to last."""

    practitioners: Sequence[Sequence[News]]
    approvals: Sequence[Sequence[News]]
    attendances: Sequence[Sequence[News]]

    def told(self) -> list[News]:
        """Every version of everything."""
        return [
            news for group in (self.practitioners, self.approvals, self.attendances) for one in group for news in one
        ]

    def keys(self) -> set[Key]:
        """Who certainly has a standing: by the newest certificates, and by every attendance there ever was."""
        certified = {
            (versions[-1].subject, certificate.profession)
            for versions in self.practitioners
            for certificate in versions[-1].body.certificates
        }
        attended = {
            (news.body.practitioner_id, news.body.profession) for versions in self.attendances for news in versions
        }
        return certified | attended

    def ends(self, key: Key) -> Statement:
        """The standing of one person in one profession."""
        (person,) = (versions[-1].body for versions in self.practitioners if versions[-1].subject == key[0])
        return evaluate(
            Case(
                profession=key[1],
                as_of=TODAY,
                licence=_licence_in_force(person, key[1]),
                records=list(self._records(key)),
                practice_areas=tuple(PracticeArea(area.since, area.area.value) for area in person.practice_areas),
            ),
            bundled(),
        )

    def _records(self, key: Key) -> Iterator[Record]:
        approvals = {versions[-1].subject: versions[-1].body for versions in self.approvals}
        for versions in self.attendances:
            line = versions[-1].body
            if (line.practitioner_id, line.profession) == key:
                yield _record(line, approvals[line.course_id])


def _licence_in_force(person: identity.Practitioner, profession: str) -> Licence | None:
    own = sorted((x for x in person.licences if x.profession == profession), key=lambda x: x.valid_from)
    if not own:
        return None
    begun = [licence for licence in own if licence.valid_from <= TODAY]
    found = begun[-1] if begun else own[0]
    return Licence(found.valid_from, found.valid_until, found.extended_until)


def _record(line: Any, course: review.CourseApproval) -> Record:
    given = [award.points for award in course.awards if (award.profession, award.role) == (line.profession, line.role)]
    points = given[0] if given else Decimal(0)
    if line.minutes is not None:
        points = (points * line.minutes / course.minutes).quantize(CENT, ROUND_HALF_UP)
    change = course.under_change
    void = None if given else "ROLE_NOT_CREDITED"
    if line.status == "withdrawn":
        void = "ATTENDANCE_WITHDRAWN"
    if course.status == "withdrawn":
        void = "APPROVAL_WITHDRAWN"
    return Record(
        id=str(line.attendance_id),
        method=course.method.value,
        role=line.role.value,
        attribute=course.attribute.value,
        starts_at=course.starts_at,
        ends_at=course.ends_at,
        ends_on=course.ends_at.astimezone(TAIPEI).date(),
        points=points,
        infection_control=course.infection_control,
        gender=course.gender,
        course=str(course.course_id),
        void=void,
        under_change=None if change is None else OpenChange(change.opened_at.astimezone(TAIPEI).date(), change.reason),
    )


@st.composite
def stories(draw: st.DrawFn, seed: UUID) -> Story:
    """`seed` makes the ids of this story its own."""
    people = [uuid5(seed, f"person {number}") for number in range(draw(st.integers(1, 3)))]
    courses = [uuid5(seed, f"course {number}") for number in range(draw(st.integers(1, 5)))]
    approvals = [draw(_approval(course)) for course in courses]
    lengths = {versions[0].subject: versions[0].body.minutes for versions in approvals}
    attended = draw(
        st.lists(st.tuples(st.sampled_from(people), st.sampled_from(courses)), unique=True, min_size=1, max_size=8)
    )
    return Story(
        practitioners=[draw(_practitioner(person)) for person in people],
        approvals=approvals,
        attendances=[draw(_attendance(person, course, lengths[course])) for person, course in attended],
    )


@st.composite
def _practitioner(draw: st.DrawFn, person: UUID) -> list[News]:
    """One to three versions. Certificates are for life; a licence, and where somebody practises, may change or end."""
    versions = []
    first = practitioner_of(
        {
            "profession": PROFESSIONS[0],
            "licence": {"valid_from": "2011-01-01", "valid_until": "2016-12-31", "extended_until": None},
            "practice_areas": [],
        },
        person,
    ).body
    certified = draw(st.sampled_from([PROFESSIONS, PROFESSIONS[:1]]))
    for sequence in range(1, draw(st.integers(1, 3)) + 1):
        licensed = draw(st.lists(st.sampled_from(certified), unique=True))
        body = msgspec.structs.replace(
            first,
            certificates=[
                identity.Certificate(profession=code, number="000001", issued_on=FIRST) for code in certified
            ],
            licences=[draw(_licence(person, profession)) for profession in licensed],
            practice_areas=draw(_areas()),
        )
        event = identity.PRACTITIONER_REGISTERED if sequence == 1 else identity.PRACTITIONER_CHANGED
        versions.append(News(event, person, sequence, body))
    return versions


@st.composite
def _licence(draw: st.DrawFn, person: UUID, profession: str) -> identity.Licence:
    begins = draw(days)
    ends = begins + timedelta(days=draw(st.integers(1000, 2400)))
    return identity.Licence(
        licence_id=uuid5(person, profession),
        profession=profession,
        valid_from=begins,
        valid_until=ends,
        extended_until=draw(st.none() | st.just(ends + timedelta(days=200))),
        county="臺北市",
    )


@st.composite
def _areas(draw: st.DrawFn) -> list[identity.PracticeArea]:
    begun = draw(st.lists(days, unique=True, max_size=2).map(sorted))
    return [identity.PracticeArea(since=since, area=draw(st.sampled_from(list(Area)))) for since in begun]


@st.composite
def _approval(draw: st.DrawFn, course: UUID) -> list[News]:
    """Granted, perhaps changed, perhaps under examination, perhaps withdrawn in the end."""
    begins = datetime.combine(draw(days), datetime.min.time(), TAIPEI) + timedelta(hours=draw(st.integers(7, 20)))
    minutes = draw(st.integers(30, 240))
    record = {
        "method": draw(st.sampled_from([Method.M01, Method.M02, Method.M04])),
        "attribute": draw(st.sampled_from(list(Attribute))),
        "infection_control": draw(st.booleans()),
        "gender": draw(st.booleans()),
        "role": ROLES[0],
        "starts_at": begins.isoformat(),
        "ends_at": (begins + timedelta(minutes=minutes)).isoformat(),
        "minutes": minutes,
    }
    versions = [
        approval_of(
            course,
            record,
            PROFESSIONS[0],
            CENT,
            sequence,
            awards=draw(_awards()),
            under_change=draw(st.none() | st.just(review.OpenChange(reason="查核中", opened_at=begins))),
        )
        for sequence in range(1, draw(st.integers(1, 3)) + 1)
    ]
    if draw(st.booleans()) and len(versions) > 1:
        last = versions.pop()
        versions.append(approval_of(course, record, PROFESSIONS[0], CENT, last.sequence, status="withdrawn"))
    return versions


@st.composite
def _awards(draw: st.DrawFn) -> list[review.Award]:
    credited = draw(st.lists(st.tuples(st.sampled_from(PROFESSIONS), st.sampled_from(ROLES)), unique=True, min_size=1))
    return [review.Award(profession=code, role=role, points=draw(amounts)) for code, role in sorted(credited)]


@st.composite
def _attendance(draw: st.DrawFn, person: UUID, course: UUID, length: int) -> list[News]:
    """Recorded, corrected in anything but the person, withdrawn and perhaps put back."""
    return [
        attendance_of(
            person,
            course,
            draw(st.sampled_from(PROFESSIONS)),
            draw(st.sampled_from(ROLES)),
            sequence,
            minutes=draw(st.none() | st.integers(1, length)),
            status=draw(st.sampled_from(["recorded", "recorded", "withdrawn"])) if sequence > 1 else "recorded",
        )
        for sequence in range(1, draw(st.integers(1, 4)) + 1)
    ]
