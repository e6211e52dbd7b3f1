"""What belongs to somebody else is refused with 403 and stays as it is, though the caller's role is the right one."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

import pytest
from tests.system.people import World, proposal
from tests.system.problems import assert_problem
from tests.system.tables import Tables

pytestmark = [pytest.mark.system, pytest.mark.timeout(300)]


class Trespass(NamedTuple):
    """Who asks for what, and how it is refused. `{course}`, `{case}` … stand for things of somebody else."""

    who: str
    method: str
    path: str
    slug: str
    body: Mapping[str, Any] | None = None


AWARDS = [{"profession": "2", "role": "learner", "points": "1.00"}]
REASON = {"reason": "不屬於我"}
TRESPASSES = {
    "another unit's roster": [
        Trespass("other_offering", "GET", "/enrolment/rosters/{course}", "not-your-roster"),
        Trespass("other_offering", "GET", "/enrolment/rosters/{course}/attendances", "not-your-roster"),
        Trespass(
            "other_offering",
            "POST",
            "/enrolment/rosters/{course}/attendances",
            "not-your-roster",
            {"number": "D000001"},
        ),
        Trespass(
            "other_offering",
            "POST",
            "/enrolment/attendances/{line}/correct",
            "not-your-roster",
            REASON | {"minutes": 1},
        ),
        Trespass("other_offering", "POST", "/enrolment/attendances/{line}/withdraw", "not-your-roster", REASON),
        Trespass("other_review", "GET", "/enrolment/rosters/{course}", "not-your-roster"),
    ],
    "another unit's activity": [
        Trespass("other_offering", "GET", "/activities/activities/{activity}", "another-units-activity"),
        Trespass(
            "other_offering", "PUT", "/activities/activities/{activity}", "another-units-activity", {"version": 2}
        ),
        Trespass("other_offering", "POST", "/activities/activities/{activity}/submit", "another-units-activity"),
        Trespass("other_offering", "POST", "/activities/activities/{activity}/withdraw", "another-units-activity"),
        Trespass("other_review", "GET", "/activities/activities/{activity}", "another-units-activity"),
    ],
    "another review unit's case": [
        Trespass("other_review", "GET", "/review/cases/{case}", "another-review-units"),
        Trespass("other_review", "POST", "/review/cases/{case}/decision", "another-review-units", {"decision": "pass"}),
        Trespass("other_review", "GET", "/review/approvals/{course}", "another-review-units"),
        Trespass(
            "other_review",
            "POST",
            "/review/approvals/{course}/change",
            "another-review-units",
            REASON | {"awards": AWARDS},
        ),
        Trespass("other_review", "POST", "/review/approvals/{course}/withdraw", "another-review-units", REASON),
        Trespass("other_review", "GET", "/review/policies/{review_unit}", "another-review-units"),
        Trespass("other_review", "PUT", "/review/policies/{review_unit}", "another-review-units", {"roster_days": 1}),
    ],
    "another practitioner's statement": [
        Trespass("other_practitioner", "GET", "/credits/statements/{practitioner}/2", "not-your-statement"),
        Trespass("other_practitioner", "GET", "/credits/statements/{practitioner}/2/entries", "not-your-statement"),
        Trespass("other_practitioner", "GET", "/identity/practitioners/{practitioner}", "forbidden"),
    ],
    "another unit's figures": [
        Trespass("other_offering", "GET", "/reporting/activities?offering_unit_id={offering_unit}", "not-your-unit"),
        Trespass(
            "other_offering", "GET", "/reporting/attendance-counts?offering_unit_id={offering_unit}", "not-your-unit"
        ),
        Trespass(
            "other_offering",
            "GET",
            "/reporting/attendance-counts.csv?offering_unit_id={offering_unit}",
            "not-your-unit",
        ),
    ],
}


@pytest.mark.parametrize("whose", TRESPASSES)
async def test_it_is_refused_and_stays_as_it_is(world: World, tables: Tables, whose: str) -> None:
    lines = await world.offering.get(f"/enrolment/rosters/{world.course['course_id']}/attendances")
    theirs = {
        "course": world.course["course_id"],
        "line": lines["items"][0]["attendance_id"],
        "case": world.case["case_id"],
        "activity": world.case["activity_id"],
        "practitioner": world.practitioner_id,
        "offering_unit": world.offering.tokens["organisation_id"],
        "review_unit": world.review.tokens["organisation_id"],
    }
    async with tables.unchanged("credits.audit_log"):  # who tries to look at somebody else's credits is remembered
        for trespass in TRESPASSES[whose]:
            body = trespass.body
            if trespass.method == "PUT" and "version" in (body or {}):
                body = {**proposal(theirs["review_unit"]), **(body or {})}
            answer = await getattr(world, trespass.who).ask(trespass.method, trespass.path.format(**theirs), json=body)
            assert_problem(answer, 403, trespass.slug)


async def test_a_file_for_another_units_roster_is_refused_whole(world: World, tables: Tables) -> None:
    async with tables.unchanged():
        answer = await world.other_offering.ask(
            "POST",
            f"/enrolment/rosters/{world.course['course_id']}/imports",
            content=b"number\nD000001\n",
            headers={"Content-Type": "text/csv"},
        )
        assert_problem(answer, 403, "not-your-roster")


async def test_what_is_ones_own_is_not_refused(world: World) -> None:
    """The same addresses, asked by those they belong to."""
    unit = world.offering.tokens["organisation_id"]
    assert await world.offering.get(f"/enrolment/rosters/{world.course['course_id']}")
    assert await world.offering.get(f"/activities/activities/{world.case['activity_id']}")
    assert await world.review.get(f"/review/cases/{world.case['case_id']}")
    assert await world.practitioner.get(f"/credits/statements/{world.practitioner_id}/2")
    assert await world.offering.get("/reporting/attendance-counts", offering_unit_id=unit)


async def test_lists_hold_nothing_of_another_unit(world: World) -> None:
    assert (await world.other_offering.get("/enrolment/rosters"))["items"] == []
    assert (await world.other_offering.get("/activities/activities"))["items"] == []
    for listed in ("/review/cases", "/review/approvals"):
        own, others = [
            {each["activity_id"] for each in (await caller.get(listed, page_size=200))["items"]}
            for caller in (world.review, world.other_review)
        ]
        assert own
        assert not own & others, listed
    assert (await world.other_offering.get("/reporting/activities"))["items"] == []
