"""Who looked at a case that names lecturers is written down, and those lecturers can read it."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from tests.component.review.conftest import OTHER, REVIEWING, Review, a_course, an_activity, submitted
from tests.support.one_service import News
from tests.support.tokens import an_actor

from cec_chassis.ids import new_id
from cec_contracts import activities, identity

LIN, CHEN = new_id(), new_id()


def a_lecturer(name: str, practitioner_id: UUID | None) -> activities.Lecturer:
    course = a_course()
    return activities.Lecturer(
        lecturer_id=new_id(),
        name=name,
        practitioner_id=practitioner_id,
        starts_at=course.starts_at,
        ends_at=course.ends_at,
    )


def named(unit: UUID, name: str, sequence: int = 1) -> News:
    """News of an organisation."""
    body = identity.Organisation(
        organisation_id=unit, code="R01", name=name, kind="公會", offers_courses=False, reviews_courses=True
    )
    return News(event=identity.ORGANISATION_CHANGED, subject=unit, sequence=sequence, body=body)


def merged(person: UUID, into: UUID | None, sequence: int) -> News:
    """News of a record that was merged into another one, or stands for itself."""
    event = identity.PRACTITIONER_CHANGED if sequence > 1 else identity.PRACTITIONER_REGISTERED
    body = identity.Practitioner(
        practitioner_id=person,
        number="P0001",
        name="林技師",
        national_id_index="0" * 64,
        national_id_masked="A12****789",
        certificates=[],
        licences=[],
        practice_areas=[],
        merged_into=into,
    )
    return News(event=event, subject=person, sequence=sequence, body=body)


async def a_case(review: Review) -> str:
    """The case of an activity at which Lin lectures twice, and somebody who is no practitioner."""
    courses = [
        a_course(lecturers=[a_lecturer("林技師", LIN), a_lecturer("王教授", None)]),
        a_course(lecturers=[a_lecturer("林技師", LIN)]),
    ]
    activity = an_activity(courses=courses)
    await review.hear(submitted(activity))
    return await review.case_of(activity)


async def looks(review: Review, person: UUID) -> list[dict[str, Any]]:
    answer = await review.ask(an_actor("practitioner", practitioner_id=person), "GET", "/looks")
    assert answer.status_code == 200, answer.text
    found: list[dict[str, Any]] = answer.json()["items"]
    return found


async def test_a_lecturer_reads_who_looked_at_the_case(review: Review) -> None:
    await review.hear(named(REVIEWING, "乙審查公會", 2), named(REVIEWING, "舊名", 1))
    case_id = await a_case(review)
    for actor in (review.unit, review.administrator):
        assert (await review.ask(actor, "GET", f"/cases/{case_id}")).status_code == 200

    newest, oldest = await looks(review, LIN)

    assert (newest["role"], newest["organisation"], newest["name"]) == ("system_administrator", None, "測試帳號")
    assert (oldest["role"], oldest["organisation"], oldest["action"]) == ("review_unit", "乙審查公會", "case.read")
    assert (newest["purpose"], oldest["purpose"]) == ("review", "review")
    assert oldest["what"] == {"case_id": case_id, "activity_code": "S202603020001"}
    assert await looks(review, CHEN) == []


async def test_the_list_and_a_case_without_practitioners_leave_no_look(review: Review) -> None:
    case_id = await a_case(review)
    plain = an_activity(courses=[a_course(lecturers=[a_lecturer("王教授", None)])])
    await review.hear(submitted(plain))
    await review.ask(review.unit, "GET", "/cases")
    await review.ask(review.unit, "GET", f"/cases/{await review.case_of(plain)}")
    assert (await review.decide(case_id)).status_code == 200
    assert await looks(review, LIN) == []
    assert "case.read" not in await review.audited()


async def test_ones_own_look_and_a_refused_one_are_nobodys_business(review: Review) -> None:
    case_id = await a_case(review)
    lin = an_actor("committee_member", organisation_id=REVIEWING, practitioner_id=LIN)
    assert (await review.ask(lin, "GET", f"/cases/{case_id}")).status_code == 200
    stranger = an_actor("review_unit", organisation_id=OTHER)
    assert (await review.ask(stranger, "GET", f"/cases/{case_id}")).status_code == 403
    assert await looks(review, LIN) == []


async def test_who_asks_the_audit_log_about_a_person_looks_at_that_person(review: Review) -> None:
    path = f"/audit?reason=申訴&subject_type=practitioner&subject_id={LIN}"
    assert (await review.ask(review.administrator, "GET", path)).status_code == 200
    assert [(each["action"], each["purpose"]) for each in await looks(review, LIN)] == [("audit_log.read", "申訴")]


async def test_a_look_at_a_record_that_was_merged_into_ones_own_counts(review: Review) -> None:
    """Along a chain of merges, in whatever order the news comes, until a merge is taken back."""
    case_id, between, survivor = await a_case(review), new_id(), new_id()
    assert (await review.ask(review.unit, "GET", f"/cases/{case_id}")).status_code == 200
    assert await looks(review, survivor) == []
    await review.hear(merged(between, survivor, 2), merged(LIN, None, 1))
    assert await looks(review, survivor) == []
    await review.hear(merged(LIN, between, 2))
    assert [look["what"]["case_id"] for look in await looks(review, survivor)] == [case_id]
    assert len(await looks(review, between)) == 1
    assert await looks(review, CHEN) == []
    await review.hear(merged(LIN, None, 3))
    await review.hear(merged(LIN, between, 2))  # old news, once more
    assert await looks(review, survivor) == []
    assert len(await looks(review, LIN)) == 1


async def test_only_practitioners_ask(review: Review) -> None:
    assert (await review.ask(review.unit, "GET", "/looks")).status_code == 403
