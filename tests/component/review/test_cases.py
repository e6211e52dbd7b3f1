"""The queue of a review unit, and its decisions."""

from __future__ import annotations

import asyncio
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import msgspec
import pytest
from tests.component.review.conftest import (
    OTHER,
    REVIEWING,
    Review,
    a_course,
    a_rule_set,
    an_activity,
    submitted,
    withdrawn,
)
from tests.support.tokens import an_actor

from cec_chassis.ids import new_id
from cec_contracts import credits
from cec_contracts.vocabulary import Method, ParticipantRole


async def test_a_submission_waits_in_the_queue_with_suggested_points(review: Review) -> None:
    activity = an_activity()
    await review.hear(submitted(activity))

    queue = (await review.ask(review.unit, "GET", "/cases?status=open")).json()
    case = (await review.ask(review.unit, "GET", f"/cases/{queue['items'][0]['case_id']}")).json()

    assert (queue["total"], queue["items"][0]["activity_code"]) == (1, "S202603020001")
    assert (case["status"], case["superseded"], case["version"]) == ("open", False, 1)
    assert case["activity"]["courses"][0]["title"] == "牙科材料新知"
    assert case["suggestions"][0]["course_id"] == str(activity.courses[0].course_id)
    by_the_rules = {"rule_set": "R2022", "in_force": True, "formula_of": "rule_set"}
    suggested = case["suggestions"][0]["awards"]
    assert all(each["formula"].keys() == {"zh", "en"} for each in suggested)
    assert [{key: each[key] for key in each.keys() - {"formula"}} for each in suggested] == [
        {"profession": "2", "role": "learner", "points": "3.60"} | by_the_rules,
        {"profession": "2", "role": "lecturer", "points": "18.00"} | by_the_rules,
    ]
    assert [award["points"] for award in case["suggestions"][1]["awards"]] == ["1.00", "5.00"]


async def test_a_pass_without_points_approves_every_course_as_suggested(review: Review) -> None:
    activity = an_activity()
    approvals = await review.passed(activity)

    *granted, decided = await review.told()
    assert [told.subject for told in granted] == [str(course.course_id) for course in activity.courses]
    assert await review.news() == [("course_approval_granted", 1), ("course_approval_granted", 1), ("case_decided", 2)]
    first = granted[0].body
    assert [(award.profession, award.role, award.points) for award in first.awards] == [
        ("2", "learner", Decimal("3.60")),
        ("2", "lecturer", Decimal("18.00")),
    ]
    assert (first.status, first.infection_control, first.minutes) == ("approved", True, 180)
    assert (first.offering_unit_name, first.county) == ("甲醫事學會", "臺北市")
    assert first.roster_deadline == date(2026, 5, 31)
    assert (decided.body.status, decided.body.activity_id, decided.body.submission) == (
        "passed",
        activity.activity_id,
        1,
    )
    assert approvals[0]["awards"][0]["points"] == "3.60"
    assert await review.audited() == ["approval.granted", "approval.granted", "case.passed"]


async def test_points_sent_in_are_the_ones_approved(review: Review) -> None:
    activity = an_activity()
    await review.hear(submitted(activity))
    first, second = (str(course.course_id) for course in activity.courses)
    awards = [{"profession": "2", "role": "learner", "points": "2.5"}]

    answer = await review.decide(
        await review.case_of(activity), courses=[{"course_id": first, "awards": awards}, {"course_id": second}]
    )

    one, two = answer.json()["approvals"]
    assert one["awards"] == [{"profession": "2", "role": "learner", "points": "2.50"}]
    assert [award["points"] for award in two["awards"]] == ["1.00", "5.00"]


@pytest.mark.parametrize(("word", "status"), [("fail", "failed"), ("return", "returned")])
async def test_a_refusal_is_news_with_its_reason_and_approves_nothing(review: Review, word: str, status: str) -> None:
    activity = an_activity()
    await review.hear(submitted(activity))

    answer = await review.decide(await review.case_of(activity), word, comment=" 請補講師學經歷 ")

    [told] = await review.told()
    assert (answer.json()["status"], answer.json()["approvals"]) == (status, [])
    assert (told.body.status, told.body.comment) == (status, "請補講師學經歷")
    assert await review.rows("SELECT course_id FROM course_approvals") == []
    assert await review.audited() == [f"case.{status}"]


async def test_a_wrong_decision_is_told_at_its_fields_and_leaves_the_case_open(review: Review) -> None:
    activity = an_activity()
    await review.hear(submitted(activity))
    case_id = await review.case_of(activity)
    course_id = str(activity.courses[0].course_id)

    refused = await review.decide(
        case_id,
        courses=[
            {"course_id": course_id, "awards": [{"profession": "B", "role": "learner", "points": "1.00"}]},
            {"course_id": str(new_id())},
        ],
    )

    assert (refused.status_code, refused.json()["type"]) == (422, "/problems/decision-not-acceptable")
    assert [(error["path"], error["slug"]) for error in refused.json()["errors"]] == [
        ("body.courses[0].awards[0].profession", "profession-not-applied-for"),
        ("body.courses[1].course_id", "unknown-course"),
    ]
    assert (await review.ask(review.unit, "GET", f"/cases/{case_id}")).json()["status"] == "open"
    assert (await review.told(), await review.audited()) == ([], [])


@pytest.mark.parametrize(
    ("body", "path", "slug"),
    [
        ({"decision": "maybe"}, "body.decision", "unknown-value"),
        ({"decision": "pass", "note": ""}, "body.note", "unknown-field"),
        ({}, "body.decision", "missing-field"),
        (
            {"decision": "pass", "courses": [{"course_id": str(REVIEWING), "awards": [{"profession": "2"}]}]},
            "body.courses[0].awards[0].role",
            "missing-field",
        ),
        (
            {
                "decision": "pass",
                "courses": [
                    {
                        "course_id": str(REVIEWING),
                        "awards": [{"profession": "2", "role": "learner", "points": 3.6}],
                    }
                ],
            },
            "body.courses[0].awards[0].points",
            "wrong-type",
        ),
        (
            {
                "decision": "pass",
                "courses": [
                    {
                        "course_id": str(REVIEWING),
                        "awards": [{"profession": "2", "role": "learner", "points": "3.605"}],
                    }
                ],
            },
            "body.courses[0].awards[0].points",
            "wrong-format",
        ),
    ],
)
async def test_a_decision_of_the_wrong_shape_is_refused_at_its_field(
    review: Review, body: dict[str, Any], path: str, slug: str
) -> None:
    refused = await review.ask(review.unit, "POST", f"/cases/{new_id()}/decision", body)

    assert refused.status_code in {400, 422}
    assert [(error["path"], error["slug"]) for error in refused.json()["errors"]] == [(path, slug)]


async def test_a_course_no_rule_set_says_anything_of_needs_points(review: Review) -> None:
    activity = an_activity(professions=["C"])
    await review.hear(submitted(activity))

    refused = await review.decide(await review.case_of(activity))

    assert {(error["path"], error["slug"]) for error in refused.json()["errors"]} == {
        ("body.courses", "awards-required")
    }


async def test_a_course_before_every_rule_set_is_suggested_by_the_first_and_says_so(review: Review) -> None:
    past = datetime(2012, 1, 3, 9, tzinfo=UTC)
    activity = an_activity(courses=[a_course(starts_at=past.replace(hour=1), ends_at=past, minutes=431)])
    await review.hear(submitted(activity))

    case = (await review.ask(review.unit, "GET", f"/cases/{await review.case_of(activity)}")).json()

    learner = case["suggestions"][0]["awards"][0]
    assert (learner["points"], learner["rule_set"], learner["in_force"]) == ("8.62", "R2022", False)


async def test_a_case_is_decided_once_though_two_decide_at_once(review: Review) -> None:
    activity = an_activity()
    await review.hear(submitted(activity))
    case_id = await review.case_of(activity)

    answers = await asyncio.gather(
        review.decide(case_id), review.decide(case_id), review.decide(case_id, "fail", comment="不符規定")
    )

    refused = [answer for answer in answers if answer.status_code != 200]
    assert len(refused) == 2
    assert {(answer.status_code, answer.json()["type"]) for answer in refused} == {
        (409, "/problems/case-already-decided")
    }
    assert [name for name, _ in await review.news()].count("case_decided") == 1


async def test_the_same_decision_under_one_key_is_taken_once(review: Review) -> None:
    activity = an_activity()
    await review.hear(submitted(activity))
    path, key = f"/cases/{await review.case_of(activity)}/decision", {"Idempotency-Key": "k1"}

    first = await review.ask(review.unit, "POST", path, {"decision": "pass"}, headers=key)
    second = await review.ask(review.unit, "POST", path, {"decision": "pass"}, headers=key)

    assert (first.status_code, second.status_code) == (200, 200)
    assert first.json() == second.json()
    assert len(await review.told()) == 3


async def test_another_unit_neither_reads_nor_decides_a_case(review: Review) -> None:
    activity = an_activity()
    await review.hear(submitted(activity))
    path = f"/cases/{await review.case_of(activity)}"

    read = await review.ask(review.other_unit, "GET", path)
    decided = await review.ask(review.other_unit, "POST", f"{path}/decision", {"decision": "pass"})
    listed = await review.ask(review.other_unit, "GET", "/cases")

    assert {(answer.status_code, answer.json()["type"]) for answer in (read, decided)} == {
        (403, "/problems/another-review-units")
    }
    assert listed.json()["items"] == []
    assert (await review.told(), await review.audited()) == ([], [])


async def test_the_committee_and_administrators_read_and_do_not_decide(review: Review) -> None:
    activity = an_activity()
    await review.hear(submitted(activity))
    path = f"/cases/{await review.case_of(activity)}"

    for actor in (review.member, review.administrator):
        assert (await review.ask(actor, "GET", path)).status_code == 200
        assert (await review.ask(actor, "POST", f"{path}/decision", {"decision": "pass"})).status_code == 403
    stranger = an_actor("offering_unit", organisation_id=activity.offering_unit_id)
    assert (await review.ask(stranger, "GET", path)).status_code == 403
    assert (await review.ask(None, "GET", path)).status_code == 401


async def test_an_unknown_case_is_not_found(review: Review) -> None:
    missing = await review.decide(str(new_id()))

    assert (missing.status_code, missing.json()["type"]) == (404, "/problems/case-not-found")


async def test_the_policy_of_the_unit_moves_the_roster_deadline(review: Review) -> None:
    path = f"/policies/{REVIEWING}"
    assert (await review.ask(review.unit, "GET", path)).json() == {
        "roster_days": 60,
        "minutes_per_credit_hour": None,
        "minute_step": None,
    }
    assert (await review.ask(review.unit, "PUT", path, {"roster_days": 120})).status_code == 200

    approvals = await review.passed()

    assert approvals[0]["roster_deadline"] == "2026-06-30"
    assert (await review.audited())[0] == "policy.settled"


async def test_the_formula_of_the_unit_makes_the_points_from_then_on_and_says_so(review: Review) -> None:
    [given, _] = await review.passed()
    later = an_activity(courses=[a_course(minutes=170)])
    await review.hear(submitted(later))
    case = f"/cases/{await review.case_of(later)}"

    async def suggested() -> dict[str, Any]:
        found = (await review.ask(review.unit, "GET", case)).json()["suggestions"][0]["awards"][0]
        return {key: found[key] for key in ("points", "formula_of", "rule_set")}

    assert await suggested() == {"points": "3.40", "formula_of": "rule_set", "rule_set": "R2022"}
    own = {"roster_days": 60, "minutes_per_credit_hour": 60, "minute_step": 30}
    settled = await review.ask(review.unit, "PUT", f"/policies/{REVIEWING}", own)
    assert settled.json() == own
    assert await suggested() == {"points": "2.50", "formula_of": "review_unit", "rule_set": "R2022"}

    [approval] = (await review.decide(await review.case_of(later))).json()["approvals"]
    assert [award["points"] for award in approval["awards"]] == ["2.50", "12.50"]
    frozen = (await review.ask(review.unit, "GET", f"/approvals/{given['course_id']}")).json()
    assert frozen == given
    assert (await review.ask(review.unit, "PUT", f"/policies/{REVIEWING}", {"roster_days": 60})).status_code == 200
    assert (await review.ask(review.unit, "GET", f"/approvals/{approval['course_id']}")).json() == approval


@pytest.mark.parametrize(
    "wrong", [{"minutes_per_credit_hour": 29}, {"minutes_per_credit_hour": 91}, {"minute_step": 0}, {"minute_step": 91}]
)
async def test_a_formula_out_of_range_is_refused(review: Review, wrong: dict[str, int]) -> None:
    answer = await review.ask(review.unit, "PUT", f"/policies/{REVIEWING}", {"roster_days": 60} | wrong)
    assert (answer.status_code, answer.json()["errors"][0]["path"]) == (422, f"body.{next(iter(wrong))}")


async def test_a_policy_is_settled_by_its_own_unit_only(review: Review) -> None:
    assert (await review.ask(review.other_unit, "PUT", f"/policies/{REVIEWING}", {"roster_days": 1})).status_code == 403
    assert (await review.ask(review.member, "PUT", f"/policies/{REVIEWING}", {"roster_days": 1})).status_code == 403
    assert (await review.ask(review.other_unit, "GET", f"/policies/{REVIEWING}")).status_code == 403
    assert (await review.ask(review.unit, "PUT", f"/policies/{REVIEWING}", {"roster_days": 0})).status_code == 422
    assert await review.audited() == []


async def test_lists_are_paged_and_open_cases_come_oldest_first(review: Review) -> None:
    first, second = an_activity(code="S1"), an_activity(code="S2")
    await review.hear(submitted(first))
    await review.hear(submitted(second))
    await review.hear(submitted(an_activity(review_unit_id=OTHER)))

    queue = (await review.ask(review.unit, "GET", "/cases?status=open&page_size=1")).json()
    newest = (await review.ask(review.unit, "GET", "/cases?page_size=1")).json()
    everything = (await review.ask(review.administrator, "GET", "/cases")).json()
    of_first = (await review.ask(review.unit, "GET", f"/cases?activity_id={first.activity_id}")).json()

    assert ([line["activity_code"] for line in queue["items"]], queue["total"]) == (["S1"], 2)
    assert [line["activity_code"] for line in newest["items"]] == ["S2"]
    assert everything["total"] == 3
    assert [line["activity_code"] for line in of_first["items"]] == ["S1"]


async def test_newer_rates_change_suggestions_and_no_approval(review: Review) -> None:
    """R2022 is published again with twice the rate."""
    approvals = await review.passed()
    told_before = await review.told()
    await review.hear(a_rule_set(sequence=3, learner="2"))
    await review.hear(a_rule_set(sequence=2, learner="9"))
    later = an_activity()
    await review.hear(submitted(later))

    case = (await review.ask(review.unit, "GET", f"/cases/{await review.case_of(later)}")).json()
    approval = (await review.ask(review.unit, "GET", f"/approvals/{approvals[0]['course_id']}")).json()

    assert case["suggestions"][0]["awards"][0]["points"] == "7.20"
    assert approval == approvals[0]
    assert approval["awards"][0]["points"] == "3.60"
    assert await review.told() == told_before


async def test_a_withdrawn_activity_is_not_decided(review: Review) -> None:
    activity = an_activity()
    await review.hear(submitted(activity))
    await review.hear(withdrawn(activity))

    refused = await review.decide(await review.case_of(activity))

    assert (refused.status_code, refused.json()["type"]) == (409, "/problems/activity-withdrawn")
    assert await review.told() == []


async def test_an_older_submission_is_not_decided_when_a_newer_one_is_there(review: Review) -> None:
    first = an_activity()
    second = msgspec.structs.replace(first, submission=2)
    await review.hear(submitted(first, 2), submitted(second, 5))

    refused = await review.decide(await review.case_of(first))
    decided = await review.decide(await review.case_of(second))

    assert (refused.status_code, refused.json()["type"]) == (409, "/problems/newer-submission-exists")
    assert decided.status_code == 200


async def test_points_follow_the_rule_set_in_force_when_the_course_ends_and_its_credit_hour(review: Review) -> None:
    """R2027 has hours of 60 minutes and a rate of its own for dental technicians; the course of 2026 knows neither."""
    everybody = credits.Rate(method=Method.M01, role=ParticipantRole.LEARNER, per="hour", points=Decimal(1))
    own = msgspec.structs.replace(everybody, points=Decimal(2), professions=["2"])
    await review.hear(
        a_rule_set("R2027", effective_from=date(2027, 1, 1), minutes_per_credit_hour=60, rates=[everybody, own])
    )
    last = {"starts_at": datetime(2026, 12, 31, 13, tzinfo=UTC), "ends_at": datetime(2026, 12, 31, 15, 59, tzinfo=UTC)}
    next_year = {"starts_at": last["starts_at"], "ends_at": datetime(2026, 12, 31, 16, tzinfo=UTC)}
    activity = an_activity(professions=["2", "B"], courses=[a_course(**last), a_course(**next_year)])
    await review.hear(submitted(activity))

    case = (await review.ask(review.unit, "GET", f"/cases/{await review.case_of(activity)}")).json()

    before, after = (
        [(a["profession"], a["role"], a["points"]) for a in each["awards"]] for each in case["suggestions"]
    )
    assert before == [
        ("2", "learner", "3.60"),
        ("2", "lecturer", "18.00"),
        ("B", "learner", "3.60"),
        ("B", "lecturer", "18.00"),
    ]
    assert after == [("2", "learner", "6.00"), ("B", "learner", "3.00")]
