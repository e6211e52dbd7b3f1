"""Drafting, revising, submitting and withdrawing group activities."""

from __future__ import annotations

import asyncio
from typing import Any
from uuid import UUID

import pytest
from tests.component.activities.conftest import OFFERING, PRACTITIONER, Activities, course, organisation, proposal
from tests.support.tokens import an_actor

from cec_chassis.ids import new_id


async def test_a_draft_gets_codes_of_the_day_and_defaults(activities: Activities) -> None:
    drafted = await activities.draft(courses=[course(), course(minutes=150)])

    assert drafted["code"] == "S202603020001"
    assert [part["code"] for part in drafted["courses"]] == ["C202603020001", "C202603020002"]
    assert [part["minutes"] for part in drafted["courses"]] == [180, 150]
    assert (drafted["status"], drafted["submission"], drafted["version"]) == ("draft", 0, 1)
    assert drafted["offering_unit_id"] == str(OFFERING)
    assert await activities.read(drafted["activity_id"]) == drafted
    assert await activities.told() == []
    assert await activities.audited() == ["activity.drafted"]


async def test_a_county_is_kept_by_its_name_of_today(activities: Activities) -> None:
    drafted = await activities.draft(county="台北縣")
    assert drafted["county"] == "新北市"
    changes = proposal(county="桃園縣") | {"version": drafted["version"]}
    answer = await activities.ask(activities.unit, "PUT", f"/activities/{drafted['activity_id']}", changes)
    assert answer.json()["county"] == "桃園市"


async def test_an_activity_is_for_the_practice_licence_unless_it_says_otherwise(activities: Activities) -> None:
    drafted = await activities.draft()
    assert drafted["purposes"] == ["practice_licence"]
    path = f"/activities/{drafted['activity_id']}"
    purposes = ["long_term_care", "nurse_practitioner"]
    revised = await activities.ask(activities.unit, "PUT", path, proposal(purposes=purposes) | {"version": 1})
    assert revised.json()["purposes"] == purposes
    submitted = await activities.submit(drafted["activity_id"])
    assert submitted == await activities.read(drafted["activity_id"])
    assert [told.body.purposes for told in await activities.told()] == [purposes]


@pytest.mark.parametrize(
    ("purposes", "slug"),
    [([], None), (["renewal"], None), (["specialist", "long_term_care", "specialist"], "duplicate")],
)
async def test_purposes_are_those_there_are_at_least_one_and_each_once(
    activities: Activities, purposes: list[str], slug: str | None
) -> None:
    answer = await activities.ask(activities.unit, "POST", "/activities", proposal(purposes=purposes))
    assert answer.status_code == 422
    [error] = answer.json()["errors"]
    assert error["path"].startswith("body.purposes")
    assert slug in {None, error["slug"]}


async def test_codes_stay_unique_when_many_draft_at_once(activities: Activities) -> None:
    drafted = await asyncio.gather(*(activities.draft() for _ in range(12)))

    assert sorted(each["code"] for each in drafted) == [f"S20260302{serial:04}" for serial in range(1, 13)]
    assert len({each["courses"][0]["code"] for each in drafted}) == 12


async def test_the_ten_thousandth_code_of_a_day_is_one_digit_longer(activities: Activities) -> None:
    async with activities.database.transaction() as tx:
        await tx.execute(
            "INSERT INTO code_serials VALUES ('S', CAST(:day AS date), 9999)", day=activities.clock.now().date()
        )

    assert (await activities.draft())["code"] == "S2026030210000"


async def test_a_lecturer_with_a_number_is_a_practitioner_and_one_without_is_not(activities: Activities) -> None:
    lecturers = [{"name": "林技師", "practitioner_number": "P0001"}, {"name": "王教授"}]

    drafted = await activities.draft(courses=[course(lecturers=lecturers)])

    first, second = drafted["courses"][0]["lecturers"]
    assert first["practitioner_id"] == str(PRACTITIONER)
    assert second["practitioner_id"] is None
    assert first["starts_at"] == drafted["courses"][0]["starts_at"]


async def test_everything_wrong_is_told_at_once_and_nothing_is_written(activities: Activities) -> None:
    wrong = proposal(
        ends_on="2026-03-31",
        professions=["2", "L", "2"],
        courses=[
            course(minutes=181, lecturers=[{"name": "王教授", "practitioner_number": "P9"}]),
            course(course_id=str(new_id()), ends_at="2026-04-01T09:00:00+08:00"),
        ],
    )

    refused = await activities.ask(activities.unit, "POST", "/activities", wrong)

    assert (refused.status_code, refused.json()["type"]) == (422, "/problems/proposal-not-acceptable")
    assert {(error["path"], error["slug"]) for error in refused.json()["errors"]} == {
        ("body.ends_on", "ends-before-start"),
        ("body.professions[1]", "unknown-profession"),
        ("body.professions[2]", "duplicate"),
        ("body.courses[0].ends_at", "outside-activity"),
        ("body.courses[0].minutes", "longer-than-course"),
        ("body.courses[0].lecturers[0].practitioner_number", "unknown-practitioner"),
        ("body.courses[1].course_id", "not-of-this-activity"),
        ("body.courses[1].ends_at", "ends-before-start"),
    }
    assert await activities.rows("SELECT id FROM activities") == []
    assert await activities.rows("SELECT * FROM code_serials") == []
    assert await activities.audited() == []


@pytest.mark.parametrize(
    ("changes", "path", "slug"),
    [
        ({"colour": "red"}, "body.colour", "unknown-field"),
        ({"title": 7}, "body.title", "wrong-type"),
        ({"method": "M14"}, "body.method", "unknown-value"),
        ({"courses": [course(starts_at="2026-04-01T09:00:00")]}, "body.courses[0].starts_at", "wrong-format"),
        ({"courses": [course(minutes="180")]}, "body.courses[0].minutes", "wrong-type"),
        ({"courses": [course(lecturers=[{}])]}, "body.courses[0].lecturers[0].name", "missing-field"),
    ],
)
async def test_a_request_of_the_wrong_shape_is_refused_at_its_field(
    activities: Activities, changes: dict[str, Any], path: str, slug: str
) -> None:
    refused = await activities.ask(activities.unit, "POST", "/activities", proposal(**changes))

    assert refused.status_code in {400, 422}
    assert [(error["path"], error["slug"]) for error in refused.json()["errors"]] == [(path, slug)]


async def test_a_revision_keeps_codes_of_courses_that_stay(activities: Activities) -> None:
    drafted = await activities.draft(courses=[course(title="一"), course(title="二")])
    kept = drafted["courses"][1]
    revision = proposal(version=1, courses=[course(title="新"), course(course_id=kept["course_id"], title="二之二")])

    revised = await activities.ask(activities.unit, "PUT", f"/activities/{drafted['activity_id']}", revision)

    new, stayed = revised.json()["courses"]
    assert (stayed["code"], stayed["title"]) == (kept["code"], "二之二")
    assert new["code"] == "C202603020003"
    assert revised.json()["version"] == 2
    assert await activities.read(drafted["activity_id"]) == revised.json()
    assert await activities.audited() == ["activity.drafted", "activity.revised"]


async def test_who_saves_on_top_of_anothers_change_is_told(activities: Activities) -> None:
    drafted = await activities.draft()
    path = f"/activities/{drafted['activity_id']}"

    first, second = await asyncio.gather(
        *(activities.ask(activities.unit, "PUT", path, proposal(version=1, title=title)) for title in ("甲", "乙"))
    )

    assert sorted((first.status_code, second.status_code)) == [200, 409]
    refused = first if first.status_code == 409 else second
    assert refused.json()["type"] == "/problems/activity-changed-meanwhile"


async def test_a_submitted_activity_is_news_with_the_name_of_its_unit(activities: Activities) -> None:
    submitted = await activities.submitted()

    [news] = await activities.told()
    assert (news.type, news.subject, news.sequence) == (
        "cec.activities.activity_submitted.v1",
        submitted["activity_id"],
        submitted["version"],
    )
    assert (news.body.offering_unit_name, news.body.submission, news.body.status) == ("甲醫事學會", 1, "submitted")
    assert news.body.submitted_at == activities.clock.now()
    assert [(part.minutes, part.code) for part in news.body.courses] == [(180, "C202603020001")]
    assert await activities.audited() == ["activity.drafted", "activity.submitted"]


async def test_a_submitted_activity_is_frozen(activities: Activities) -> None:
    submitted = await activities.submitted()
    path = f"/activities/{submitted['activity_id']}"

    revised = await activities.ask(activities.unit, "PUT", path, proposal(version=submitted["version"]))
    again = await activities.ask(activities.unit, "POST", f"{path}/submit")

    assert (revised.status_code, revised.json()["type"]) == (409, "/problems/activity-frozen")
    assert (again.status_code, again.json()["type"]) == (409, "/problems/activity-frozen")
    assert len(await activities.told()) == 1


async def test_two_submissions_at_once_are_one(activities: Activities) -> None:
    drafted = await activities.draft()
    path = f"/activities/{drafted['activity_id']}/submit"

    answers = await asyncio.gather(*(activities.ask(activities.unit, "POST", path) for _ in range(4)))

    assert sorted(answer.status_code for answer in answers) == [200, 409, 409, 409]
    assert [news.sequence for news in await activities.told()] == [2]


async def test_the_same_submission_repeated_under_one_key_gets_the_same_answer(activities: Activities) -> None:
    drafted = await activities.draft()
    path, key = f"/activities/{drafted['activity_id']}/submit", {"Idempotency-Key": "once"}

    first = await activities.ask(activities.unit, "POST", path, headers=key)
    second = await activities.ask(activities.unit, "POST", path, headers=key)

    assert (first.status_code, second.status_code) == (200, 200)
    assert first.json() == second.json()
    assert len(await activities.told()) == 1


async def test_an_activity_without_courses_or_for_a_foreign_profession_is_not_submitted(activities: Activities) -> None:
    drafted = await activities.draft(courses=[], professions=["2", "A"])

    refused = await activities.ask(activities.unit, "POST", f"/activities/{drafted['activity_id']}/submit")

    assert (refused.status_code, refused.json()["type"]) == (422, "/problems/activity-incomplete")
    assert [(error["path"], error["slug"]) for error in refused.json()["errors"]] == [
        ("activity.courses", "required"),
        ("activity.professions[1]", "profession-not-reviewed"),
    ]
    assert await activities.told() == []
    assert (await activities.read(drafted["activity_id"]))["status"] == "draft"


async def test_an_activity_for_somebody_who_does_not_review_is_not_submitted(activities: Activities) -> None:
    drafted = await activities.draft(review_unit_id=str(OFFERING))

    refused = await activities.ask(activities.unit, "POST", f"/activities/{drafted['activity_id']}/submit")

    assert [error["slug"] for error in refused.json()["errors"]] == ["unknown-review-unit"]


async def test_a_unit_whose_news_has_not_arrived_is_asked_to_wait(activities: Activities) -> None:
    stranger = an_actor("offering_unit", organisation_id=new_id())
    drafted = await activities.draft(actor=stranger)
    path = f"/activities/{drafted['activity_id']}/submit"

    waiting = await activities.ask(stranger, "POST", path)
    await activities.hear(organisation(UUID(drafted["offering_unit_id"]), "新單位"))
    accepted = await activities.ask(stranger, "POST", path)

    assert (waiting.status_code, waiting.headers["Retry-After"]) == (503, "1")
    assert accepted.status_code == 200


async def test_a_withdrawn_activity_is_news_and_stays_withdrawn(activities: Activities) -> None:
    submitted = await activities.submitted()
    path = f"/activities/{submitted['activity_id']}"

    withdrawn = await activities.ask(activities.unit, "POST", f"{path}/withdraw")
    again = await activities.ask(activities.unit, "POST", f"{path}/withdraw")
    resubmitted = await activities.ask(activities.unit, "POST", f"{path}/submit")

    assert withdrawn.json()["status"] == "withdrawn"
    assert (again.status_code, again.json()["type"]) == (409, "/problems/activity-not-submitted")
    assert resubmitted.status_code == 409
    assert [(news.type.split(".")[2], news.sequence, news.body.status) for news in await activities.told()] == [
        ("activity_submitted", 2, "submitted"),
        ("activity_withdrawn", 3, "withdrawn"),
    ]
    assert await activities.audited() == ["activity.drafted", "activity.submitted", "activity.withdrawn"]


async def test_a_draft_cannot_be_withdrawn(activities: Activities) -> None:
    drafted = await activities.draft()

    refused = await activities.ask(activities.unit, "POST", f"/activities/{drafted['activity_id']}/withdraw")

    assert (refused.status_code, refused.json()["type"]) == (409, "/problems/activity-not-submitted")
    assert await activities.told() == []
