"""The activity search: what anybody who signs in finds, by which criteria, and what disappears from it again."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from itertools import permutations
from typing import Any
from uuid import UUID

import pytest
from tests.component.reporting.conftest import (
    ACTIVITY,
    OFFERING,
    OTHER,
    OTHER_ACTIVITY,
    REVIEWING,
    TAINAN_COURSE,
    Reporting,
    activity,
    approval,
    decision,
)
from tests.support.one_service import News

from cec_chassis.context import Actor
from cec_contracts.review import Award
from cec_contracts.vocabulary import Attribute, Method, ParticipantRole

LEARNER, LECTURER = ParticipantRole.LEARNER, ParticipantRole.LECTURER
IN_MAY = datetime(2026, 5, 1, 1, tzinfo=UTC)


def of_taipei() -> list[News]:
    """February in Taipei: a course on materials, for dental technicians and nurses."""
    points = [
        Award(profession="2", role=LEARNER, points=Decimal("3.6")),
        Award(profession="2", role=LECTURER, points=Decimal(15)),
        Award(profession="D", role=LEARNER, points=Decimal(3)),
    ]
    return [activity(), decision("passed"), approval(awards=points)]


def of_tainan(**changes: Any) -> list[News]:
    """May in Tainan: a journal's course in ethics and infection control, by another unit, for another profession."""
    course: dict[str, Any] = {
        "activity_id": OTHER_ACTIVITY,
        "course_code": "C202605010009",
        "course_title": "ICU 感染管制與倫理",
        "attribute": Attribute.ETHICS,
        "infection_control": True,
        "gender": True,
        "starts_at": IN_MAY,
        "ends_at": datetime(2026, 5, 1, 3, tzinfo=UTC),
        "awards": [Award(profession="N", role=LEARNER, points=Decimal(2))],
    }
    return [
        activity(
            OTHER_ACTIVITY,
            title="台灣重症醫學雜誌 Vol. 12",
            offering_unit_id=OTHER,
            offering_unit_name="乙護理學會",
            review_unit_id=OTHER,
            method=Method.M05,
            professions=["N"],
            county="臺南市",
            starts_on=date(2026, 5, 1),
            ends_on=date(2026, 5, 1),
        ),
        decision("passed", activity_id=OTHER_ACTIVITY),
        approval(TAINAN_COURSE, **(course | changes)),
    ]


async def found(reporting: Reporting, query: str, actor: Actor | None = None) -> list[UUID]:
    """The activities that a search finds, in order."""
    page = await reporting.get(f"/activities/search?{query}", actor)
    return [UUID(line["activity_id"]) for line in page["items"]]


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("activity_code=S202602010001", [ACTIVITY]),
        ("activity_code=ｓ202602010001", [ACTIVITY]),
        ("activity_code=S20260201", []),
        ("title=學術", [ACTIVITY]),
        ("title=臺灣重症", [OTHER_ACTIVITY]),  # the title has 台
        ("title=ｖｏｌ．　12", [OTHER_ACTIVITY]),
        ("title=學", [ACTIVITY, OTHER_ACTIVITY]),
        ("title=術學", []),
        ("title=%25", []),
        ("course_code=C202605010009", [OTHER_ACTIVITY]),
        ("course_title=icu", [OTHER_ACTIVITY]),
        ("course_title=材料", [ACTIVITY]),
        ("from=2026-02-03&to=2026-02-03", [ACTIVITY]),
        ("from=2026-02-04", [OTHER_ACTIVITY]),
        ("to=2026-01-31", []),
        (f"offering_unit_id={OTHER}", [OTHER_ACTIVITY]),
        ("offering_unit=護理學", [OTHER_ACTIVITY]),
        ("county=台南縣", [OTHER_ACTIVITY]),
        ("infection_control=true", [OTHER_ACTIVITY]),
        ("gender=true", [OTHER_ACTIVITY]),
        ("method=M01", [ACTIVITY]),
        (f"review_unit_id={REVIEWING}", [ACTIVITY]),
        ("profession=D", [ACTIVITY]),
        ("profession=E", []),
        ("attribute=ethics", [OTHER_ACTIVITY]),
        ("upcoming=true", [OTHER_ACTIVITY]),
        ("title=學&profession=N&attribute=ethics&upcoming=true", [OTHER_ACTIVITY]),
        ("profession=N&attribute=professional", []),
        ("title=學&latest_first=true", [OTHER_ACTIVITY, ACTIVITY]),
        ("title=學&page=2&page_size=1", [OTHER_ACTIVITY]),
    ],
)
async def test_activities_are_found_by_each_criterion(reporting: Reporting, query: str, expected: list[UUID]) -> None:
    await reporting.hear(*of_taipei(), *of_tainan())
    assert await found(reporting, query, reporting.practitioner) == expected


async def test_a_found_activity_says_what_one_needs_to_go_there_and_nothing_of_any_person(reporting: Reporting) -> None:
    await reporting.hear(*of_taipei(), *of_tainan())

    page = await reporting.get("/activities/search?profession=2", reporting.practitioner)

    assert page == {
        "as_of": "2026-03-02T04:00:00Z",
        "total": 1,
        "page": 1,
        "page_size": 50,
        "items": [
            {
                "activity_id": str(ACTIVITY),
                "code": "S202602010001",
                "title": "年度學術研討會",
                "starts_on": "2026-02-01",
                "ends_on": "2026-02-03",
                "offering_unit_id": str(OFFERING),
                "offering_unit_name": "甲醫事學會",
                "county": "臺北市",
                "place": "",
                "method": "M01",
                "review_unit_id": str(REVIEWING),
                "professions": ["2", "D"],
                "courses": [
                    {
                        "course_id": str(UUID(int=0xC1)),
                        "code": "C202602010001",
                        "title": "牙科材料新知",
                        "attribute": "professional",
                        "infection_control": False,
                        "gender": False,
                        "starts_at": "2026-02-01T01:00:00Z",
                        "ends_at": "2026-02-01T04:00:00Z",
                        "minutes": 180,
                        "points": [
                            {"profession": "2", "role": "learner", "points": "3.6"},
                            {"profession": "2", "role": "lecturer", "points": "15"},
                            {"profession": "D", "role": "learner", "points": "3"},
                        ],
                    }
                ],
            }
        ],
    }


async def test_criteria_of_courses_hold_all_for_one_course(reporting: Reporting) -> None:
    second: dict[str, Any] = {"activity_id": ACTIVITY, "attribute": Attribute.ETHICS, "infection_control": True}
    await reporting.hear(*of_taipei(), approval(TAINAN_COURSE, course_code="C202602010002", **second))

    assert await found(reporting, "attribute=ethics&infection_control=true") == [ACTIVITY]
    assert await found(reporting, "attribute=professional&infection_control=true") == []
    (line,) = (await reporting.get("/activities/search?attribute=ethics"))["items"]
    assert [course["code"] for course in line["courses"]] == ["C202602010001", "C202602010002"]


@pytest.mark.parametrize("query", ["", "title=%20", "upcoming=false", "gender=false&page=2", "latest_first=true"])
async def test_a_search_for_nothing_is_refused_and_told_what_to_give(reporting: Reporting, query: str) -> None:
    answer = await reporting.ask(reporting.practitioner, "GET", f"/activities/search?{query}")

    assert (answer.status_code, answer.json()["type"]) == (422, "/problems/criterion-required")
    assert "請至少輸入一項" in answer.json()["detail"]
    assert "Give at least one, such as title" in answer.json()["detail"]


async def test_a_page_behind_the_last_one_still_says_how_many_there_are(reporting: Reporting) -> None:
    await reporting.hear(*of_taipei(), *of_tainan())
    page = await reporting.get("/activities/search?title=學&page=9")
    assert (page["items"], page["total"], page["page"]) == ([], 2, 9)


async def test_what_is_not_passed_or_no_longer_approved_is_not_found(reporting: Reporting) -> None:
    await reporting.hear(activity())
    assert await found(reporting, "title=學") == []

    await reporting.hear(decision("passed"), approval())
    assert await found(reporting, "title=學") == [ACTIVITY]

    await reporting.hear(approval(sequence=2, status="withdrawn"))
    assert await found(reporting, "title=學") == []


async def test_an_activity_that_its_unit_took_back_is_not_found(reporting: Reporting) -> None:
    await reporting.hear(*of_taipei(), activity(sequence=2, status="withdrawn"))
    assert await found(reporting, "title=學") == []


@pytest.mark.parametrize("last", ["approved", "withdrawn"])
async def test_the_search_is_the_same_in_whatever_order_and_however_often_it_is_told(
    reporting: Reporting, last: Any
) -> None:
    news = [activity(), approval(), approval(sequence=2, status=last, course_title="牙科材料續講")]
    for order in permutations(news):
        for item in order:
            await reporting.hear(item, item)
        assert await found(reporting, "course_title=續講") == ([ACTIVITY] if last == "approved" else [])
        assert await found(reporting, "course_title=新知") == []
        async with reporting.database.transaction() as tx:
            await tx.execute("DELETE FROM activities")
            await tx.execute("DELETE FROM courses")


async def test_a_course_that_an_earlier_release_took_in_is_found_once_it_is_told_again(reporting: Reporting) -> None:
    await reporting.hear(*of_taipei())
    async with reporting.database.transaction() as tx:  # what a worker writes that does not know the new columns
        await tx.execute("UPDATE courses SET sequence = 2, title = '牙科材料續講'")
    assert await found(reporting, "title=學") == []

    await reporting.hear(approval(sequence=2, course_title="牙科材料續講", minutes=120))

    (line,) = (await reporting.get("/activities/search?course_title=續講"))["items"]
    assert [course["minutes"] for course in line["courses"]] == [120]


async def test_everybody_who_signs_in_may_search_and_nobody_else(reporting: Reporting) -> None:
    await reporting.hear(*of_taipei())
    for actor in (reporting.practitioner, reporting.other_unit, reporting.review_unit, reporting.committee_member):
        assert await found(reporting, "title=學", actor) == [ACTIVITY]
    assert await reporting.refused("/activities/search?title=學", None) == (401, "unauthenticated")
