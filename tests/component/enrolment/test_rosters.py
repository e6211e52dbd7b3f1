"""Putting people on rosters, and who may see them."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from typing import Any

import pytest
from tests.component.enrolment.conftest import (
    ACTIVITY,
    CHEN,
    CHEN_ID,
    COURSE,
    DENTAL_TECHNICIAN,
    DENTIST,
    FORMER_ID,
    LIN,
    LIN_ID,
    NOBODY_ID,
    NURSE,
    OTHER_COURSE,
    WANG,
    Enrolment,
    approval,
    award,
    good,
    practitioner,
    refusal,
)
from tests.support.tokens import an_actor

from cec_chassis.ids import new_id
from cec_contracts.enrolment import ATTENDANCE_RECORDED


async def test_a_person_added_is_told_and_audited_together(enrolment: Enrolment) -> None:
    line = await enrolment.added(practitioner_id=LIN)

    (told,) = await enrolment.told()
    assert (told.type, told.subject, told.sequence) == (ATTENDANCE_RECORDED.name, line["attendance_id"], 1)
    assert (told.body.course_id, told.body.activity_id, told.body.practitioner_id) == (COURSE, ACTIVITY, LIN)
    assert (told.body.profession, told.body.role, told.body.minutes) == (DENTAL_TECHNICIAN, "learner", None)
    assert told.body.recorded_at == enrolment.clock.now()
    assert await enrolment.audited() == ["attendance.recorded"]


@pytest.mark.parametrize(
    "named", [{"number": "P0001"}, {"national_id": LIN_ID}, {"national_id": " ａ１２３４５６７８９ "}]
)
async def test_a_person_is_found_by_number_and_by_national_id(enrolment: Enrolment, named: dict[str, str]) -> None:
    assert (await enrolment.added(**named))["practitioner_id"] == str(LIN)


async def test_a_person_is_found_by_the_number_they_had_before(enrolment: Enrolment) -> None:
    await enrolment.hear(approval(sequence=2, awards=[award(NURSE)]))

    assert (await enrolment.added(national_id=FORMER_ID))["practitioner_id"] == str(CHEN)


async def test_whoever_bears_a_number_now_comes_before_whoever_bore_it_once(enrolment: Enrolment) -> None:
    await enrolment.hear(approval(sequence=2, awards=[award(NURSE)]), practitioner(new_id(), "P0009", FORMER_ID, NURSE))

    assert (await enrolment.added(national_id=FORMER_ID))["practitioner_id"] != str(CHEN)


async def test_a_person_must_be_named_in_exactly_one_way(enrolment: Enrolment) -> None:
    both = await enrolment.add(practitioner_id=LIN, number="P0001")

    assert refusal(both) == (422, "practitioner-not-named", [("body.practitioner_id", "practitioner-not-named")])


async def test_a_wrong_checksum_is_refused_without_repeating_the_number(enrolment: Enrolment) -> None:
    refused = await enrolment.add(national_id="A123456788")

    assert refusal(refused) == (422, "national-id-invalid", [("body.national_id", "national-id-invalid")])
    assert "A123456788" not in refused.text


async def test_somebody_who_is_no_practitioner_is_refused(enrolment: Enrolment) -> None:
    refused = await enrolment.add(national_id=NOBODY_ID)

    assert refusal(refused) == (422, "practitioner-unknown", [("body.national_id", "practitioner-unknown")])
    assert await enrolment.lines() == []


async def test_a_closed_record_is_not_added(enrolment: Enrolment) -> None:
    await enrolment.hear(practitioner(LIN, "P0001", LIN_ID, DENTAL_TECHNICIAN, sequence=2, active=False))

    assert refusal(await enrolment.add())[1] == "practitioner-inactive"


async def test_two_records_with_the_same_national_id_are_told_apart_by_number_only(enrolment: Enrolment) -> None:
    await enrolment.hear(practitioner(new_id(), "P0009", LIN_ID, DENTAL_TECHNICIAN))

    assert refusal(await enrolment.add(national_id=LIN_ID))[1] == "practitioner-ambiguous"
    assert (await enrolment.added(number="p０００１ "))["practitioner_id"] == str(LIN), "however it is typed"


async def test_somebody_with_two_credited_professions_must_say_which(enrolment: Enrolment) -> None:
    refused = await enrolment.add(practitioner_id=WANG)

    assert refusal(refused) == (422, "profession-ambiguous", [("body.profession", "profession-ambiguous")])
    assert (await enrolment.added(practitioner_id=WANG, profession=DENTIST))["profession"] == DENTIST


@pytest.mark.parametrize(
    ("body", "slug", "path"),
    [
        ({"role": "presenter"}, "role-not-credited", "body.role"),
        ({"profession": DENTIST}, "profession-not-held", "body.profession"),
        ({"practitioner_id": CHEN}, "profession-not-credited", "body.profession"),
        ({"practitioner_id": CHEN, "profession": NURSE}, "profession-not-credited", "body.profession"),
        ({"minutes": 181}, "minutes-out-of-range", "body.minutes"),
        ({"minutes": 0}, "minutes-out-of-range", "body.minutes"),
    ],
)
async def test_what_the_approval_does_not_give_is_refused(
    enrolment: Enrolment, body: dict[str, Any], slug: str, path: str
) -> None:
    assert refusal(await enrolment.add(**body)) == (422, slug, [(path, slug)])
    assert await enrolment.lines() == []
    assert await enrolment.told() == []
    assert await enrolment.audited() == []


@pytest.mark.parametrize(
    ("body", "slug", "path"),
    [
        ({"role": "janitor"}, "unknown-value", "body.role"),
        ({"minutes": "180"}, "wrong-type", "body.minutes"),
        ({"points": 99}, "unknown-field", "body.points"),
        ({"profession": "dentist"}, "wrong-format", "body.profession"),
    ],
)
async def test_a_body_of_another_shape_is_refused_with_its_path(
    enrolment: Enrolment, body: dict[str, Any], slug: str, path: str
) -> None:
    assert refusal(await enrolment.add(**body)) == (422, "validation-failed", [(path, slug)])


async def test_the_whole_length_of_a_course_is_kept_as_no_minutes_at_all(enrolment: Enrolment) -> None:
    assert (await enrolment.added(minutes=180))["minutes"] is None
    assert (await enrolment.added(number="P0002", profession=DENTIST, minutes=60))["minutes"] == 60


async def test_the_same_person_stands_once_on_a_roster_in_each_role(enrolment: Enrolment) -> None:
    await enrolment.added()

    assert refusal(await enrolment.add())[:2] == (409, "already-on-roster")
    await enrolment.added(role="lecturer")
    assert [line.role for line in await enrolment.lines()] == ["learner", "lecturer"]


async def test_of_two_who_add_the_same_person_at_once_one_is_refused(enrolment: Enrolment) -> None:
    answers = await asyncio.gather(*(enrolment.add() for _ in range(4)))

    assert sorted(answer.status_code for answer in answers) == [201, 409, 409, 409]
    assert len(await enrolment.told()) == 1


async def test_a_request_sent_again_under_its_key_adds_once(enrolment: Enrolment) -> None:
    path, body, key = f"/rosters/{COURSE}/attendances", {"practitioner_id": LIN}, {"Idempotency-Key": "one"}
    first = good(await enrolment.ask(enrolment.unit, "POST", path, body, key), 201)

    assert good(await enrolment.ask(enrolment.unit, "POST", path, body, key), 201) == first
    assert len(await enrolment.told()) == 1


async def test_the_last_day_of_the_deadline_lasts_until_midnight_in_taipei(enrolment: Enrolment) -> None:
    enrolment.clock.set(datetime(2026, 3, 31, 15, 59, tzinfo=UTC))
    await enrolment.added()

    enrolment.clock.set(datetime(2026, 3, 31, 16, 0, tzinfo=UTC))
    assert refusal(await enrolment.add(role="lecturer"))[:2] == (409, "roster-closed")


async def test_nothing_is_added_once_the_approval_is_withdrawn(enrolment: Enrolment) -> None:
    await enrolment.hear(approval(sequence=2, status="withdrawn"))

    assert refusal(await enrolment.add())[:2] == (409, "course-approval-withdrawn")


async def test_a_course_without_approval_has_no_roster(enrolment: Enrolment) -> None:
    assert refusal(await enrolment.add(course_id=new_id()))[:2] == (404, "roster-not-found")
    assert refusal(await enrolment.ask(enrolment.unit, "GET", f"/rosters/{new_id()}"))[:2] == (404, "roster-not-found")


async def test_another_units_roster_is_neither_read_nor_changed(enrolment: Enrolment) -> None:
    line = await enrolment.added()
    roster = f"/rosters/{COURSE}"

    for actor in (enrolment.other_unit, an_actor("offering_unit")):
        assert refusal(await enrolment.add(actor, role="lecturer"))[:2] == (403, "not-your-roster")
        assert refusal(await enrolment.correct(line["attendance_id"], actor, minutes=60))[0] == 403
        assert refusal(await enrolment.withdraw(line["attendance_id"], actor))[0] == 403
        assert refusal(await enrolment.upload("number\nP0001\n", actor=actor))[:2] == (403, "not-your-roster")
        assert refusal(await enrolment.ask(actor, "GET", roster))[:2] == (403, "not-your-roster")
        assert refusal(await enrolment.ask(actor, "GET", f"{roster}/attendances"))[:2] == (403, "not-your-roster")
    assert len(await enrolment.told()) == 1


async def test_a_practitioner_may_not_touch_rosters_and_nobody_may_without_a_token(enrolment: Enrolment) -> None:
    assert refusal(await enrolment.add(an_actor("practitioner", practitioner_id=LIN)))[:2] == (403, "forbidden")
    assert refusal(await enrolment.ask(None, "GET", "/rosters"))[:2] == (401, "unauthenticated")


async def test_the_review_unit_reads_the_rosters_of_what_it_approved_and_changes_none(enrolment: Enrolment) -> None:
    await enrolment.added()

    read = good(await enrolment.ask(enrolment.review_unit, "GET", f"/rosters/{COURSE}/attendances"))
    assert read["items"][0]["practitioner_name"] == "林技師"
    assert refusal(await enrolment.ask(enrolment.other_review_unit, "GET", f"/rosters/{COURSE}"))[0] == 403
    assert refusal(await enrolment.add(enrolment.review_unit))[:2] == (403, "forbidden")


async def test_a_unit_lists_its_own_rosters_with_deadline_and_points(enrolment: Enrolment) -> None:
    await enrolment.added()

    listed = good(await enrolment.ask(enrolment.unit, "GET", "/rosters"))
    assert listed["total"] == 1
    (roster,) = listed["items"]
    assert (roster["course_id"], roster["roster_deadline"], roster["open"]) == (str(COURSE), "2026-03-31", True)
    assert roster["attendances"] == 1
    assert {"profession": "2", "role": "lecturer", "points": "9"} in roster["awards"]
    assert good(await enrolment.ask(enrolment.administrator, "GET", "/rosters"))["total"] == 2
    assert good(await enrolment.ask(enrolment.review_unit, "GET", "/rosters"))["total"] == 2
    assert good(await enrolment.ask(enrolment.other_review_unit, "GET", "/rosters"))["total"] == 0
    assert good(await enrolment.ask(an_actor("offering_unit"), "GET", "/rosters"))["total"] == 0


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("q=材料", [COURSE]),
        ("q=s2026020100", [OTHER_COURSE, COURSE]),
        ("q=%25", []),
        ("from=2026-02-01&to=2026-02-01", [COURSE]),
        ("from=2026-02-02", [OTHER_COURSE]),
        ("to=2026-01-31", []),
        ("open=true", [COURSE]),
    ],
)
async def test_rosters_are_searched_by_text_day_and_whether_they_are_open(
    enrolment: Enrolment, query: str, found: list[object]
) -> None:
    late = datetime(2026, 2, 1, 16, tzinfo=UTC)  # midnight in Taipei: the second of February
    await enrolment.hear(
        approval(OTHER_COURSE, 2, course_title="感染管制", starts_at=late, status="withdrawn", reason="重複")
    )

    listed = good(await enrolment.ask(enrolment.administrator, "GET", f"/rosters?{query}"))
    assert [roster["course_id"] for roster in listed["items"]] == [str(course) for course in found]


async def test_a_span_that_ends_before_it_begins_is_refused(enrolment: Enrolment) -> None:
    answer = await enrolment.ask(enrolment.administrator, "GET", "/rosters?from=2026-02-02&to=2026-02-01")
    assert answer.status_code == 422
    assert [(error["path"], error["slug"]) for error in answer.json()["errors"]] == [("query.to", "out-of-range")]


async def test_a_roster_is_listed_in_pages_with_masked_ids(enrolment: Enrolment) -> None:
    first = await enrolment.added()
    enrolment.clock.set(datetime(2026, 3, 3, tzinfo=UTC))
    await enrolment.added(practitioner_id=WANG, profession=DENTIST)
    await enrolment.withdraw(first["attendance_id"])
    path = f"/rosters/{COURSE}/attendances"

    page = good(await enrolment.ask(enrolment.unit, "GET", f"{path}?page=2&page_size=1"))
    assert (page["total"], [item["practitioner_id"] for item in page["items"]]) == (2, [str(WANG)])
    assert page["items"][0]["national_id_masked"] == "R12****632"
    left = good(await enrolment.ask(enrolment.unit, "GET", f"{path}?status=recorded"))
    assert [item["practitioner_number"] for item in left["items"]] == ["P0002"]
    assert CHEN_ID not in str(page)
