"""Changing the points of an approved course, and withdrawing an approval."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from tests.component.review.conftest import Review, a_course, an_activity

from cec_chassis.ids import new_id
from cec_contracts.activities import Lecturer
from cec_contracts.review import CourseLecturer
from cec_contracts.vocabulary import Purpose

LESS = [{"profession": "2", "role": "learner", "points": "1.80"}]


async def test_changed_points_are_news_and_the_earlier_ones_stay_on_record(review: Review) -> None:
    course_id = (await review.passed())[0]["course_id"]

    changed = await review.ask(
        review.unit, "POST", f"/approvals/{course_id}/change", {"awards": LESS, "reason": "實際時數較短"}
    )

    told = (await review.told())[-1]
    assert (told.type, told.subject, told.sequence) == ("cec.review.course_approval_changed.v1", course_id, 2)
    assert [award.points for award in told.body.awards] == [Decimal("1.80")]
    assert (told.body.status, told.body.reason) == ("approved", "實際時數較短")
    assert changed.json()["awards"] == LESS
    assert (await review.ask(review.unit, "GET", f"/approvals/{course_id}")).json() == changed.json()
    kept = await review.rows(
        "SELECT version, points FROM awards WHERE course_id = CAST(:id AS uuid) ORDER BY version, points", id=course_id
    )
    assert [(row.version, str(row.points)) for row in kept] == [(1, "3.60"), (1, "18.00"), (2, "1.80")]
    assert (await review.audited())[-1] == "approval.changed"


async def test_a_withdrawn_approval_keeps_its_points_and_is_news(review: Review) -> None:
    course_id = (await review.passed())[0]["course_id"]

    answer = await review.ask(review.unit, "POST", f"/approvals/{course_id}/withdraw", {"reason": "與申請內容不符"})

    told = (await review.told())[-1]
    assert (told.type, told.sequence, told.body.status) == ("cec.review.course_approval_withdrawn.v1", 2, "withdrawn")
    assert [award.points for award in told.body.awards] == [Decimal("3.60"), Decimal("18.00")]
    assert (answer.json()["status"], answer.json()["reason"]) == ("withdrawn", "與申請內容不符")
    [audit] = await review.rows(
        """
        SELECT reason, before ->> 'status' AS before, after ->> 'status' AS after, account_id
        FROM audit_log WHERE action = 'approval.withdrawn'
        """
    )
    assert tuple(audit) == ("與申請內容不符", "approved", "withdrawn", review.unit.account_id)


async def test_a_change_after_a_change_counts_on(review: Review) -> None:
    path = f"/approvals/{(await review.passed())[0]['course_id']}"
    await review.ask(review.unit, "POST", f"{path}/change", {"awards": LESS, "reason": "一"})
    more = [{"profession": "2", "role": "learner", "points": "3.00"}]
    await review.ask(review.unit, "POST", f"{path}/change", {"awards": more, "reason": "二"})
    withdrawn = await review.ask(review.unit, "POST", f"{path}/withdraw", {"reason": "三"})

    assert (withdrawn.json()["version"], withdrawn.json()["awards"]) == (4, more)
    assert [sequence for _, sequence in await review.news()][3:] == [2, 3, 4]


@pytest.mark.parametrize(
    ("act", "body"), [("change", {"awards": LESS, "reason": "再改"}), ("withdraw", {"reason": "再撤"})]
)
async def test_what_was_withdrawn_is_neither_changed_nor_withdrawn_again(
    review: Review, act: str, body: dict[str, Any]
) -> None:
    path = f"/approvals/{(await review.passed())[0]['course_id']}"
    await review.ask(review.unit, "POST", f"{path}/withdraw", {"reason": "撤銷"})
    before = (await review.told(), await review.audited())

    refused = await review.ask(review.unit, "POST", f"{path}/{act}", body)

    assert (refused.status_code, refused.json()["type"]) == (409, "/problems/approval-withdrawn")
    assert (await review.told(), await review.audited()) == before


async def test_two_withdrawals_at_once_are_one(review: Review) -> None:
    path = f"/approvals/{(await review.passed())[0]['course_id']}/withdraw"

    answers = await asyncio.gather(*(review.ask(review.unit, "POST", path, {"reason": "撤銷"}) for _ in range(4)))

    assert sorted(answer.status_code for answer in answers) == [200, 409, 409, 409]
    assert [name for name, _ in await review.news()].count("course_approval_withdrawn") == 1


@pytest.mark.parametrize(
    ("body", "path", "slug"),
    [
        ({"awards": LESS, "reason": " "}, "body.reason", "wrong-format"),
        ({"awards": LESS}, "body.reason", "missing-field"),
        ({"awards": [], "reason": "改"}, "body.awards", "required"),
        (
            {"awards": [{"profession": "B", "role": "learner", "points": "1"}], "reason": "改"},
            "body.awards[0].profession",
            "profession-not-applied-for",
        ),
        (
            {
                "awards": [
                    {"profession": "2", "role": "lecturer", "points": "18"},
                    {"profession": "2", "role": "learner", "points": "3.6"},
                ],
                "reason": "改",
            },
            "body.awards",
            "unchanged",
        ),
    ],
)
async def test_a_change_that_breaks_a_rule_is_told_at_its_field(
    review: Review, body: dict[str, Any], path: str, slug: str
) -> None:
    course_id = (await review.passed())[0]["course_id"]

    refused = await review.ask(review.unit, "POST", f"/approvals/{course_id}/change", body)

    assert refused.status_code in {400, 422}
    assert [(error["path"], error["slug"]) for error in refused.json()["errors"]] == [(path, slug)]
    assert len(await review.told()) == 3


async def test_who_changes_what_somebody_else_changed_is_told(review: Review) -> None:
    path = f"/approvals/{(await review.passed())[0]['course_id']}/change"
    await review.ask(review.unit, "POST", path, {"awards": LESS, "reason": "一", "version": 1})

    other = [{"profession": "2", "role": "learner", "points": "2.00"}]
    refused = await review.ask(review.unit, "POST", path, {"awards": other, "reason": "二", "version": 1})

    assert (refused.status_code, refused.json()["type"]) == (409, "/problems/approval-changed-meanwhile")


async def test_another_unit_neither_reads_nor_changes_an_approval(review: Review) -> None:
    path = f"/approvals/{(await review.passed())[0]['course_id']}"

    answers = [
        await review.ask(review.other_unit, "GET", path),
        await review.ask(review.other_unit, "POST", f"{path}/change", {"awards": LESS, "reason": "改"}),
        await review.ask(review.other_unit, "POST", f"{path}/withdraw", {"reason": "撤銷"}),
        await review.ask(review.member, "POST", f"{path}/withdraw", {"reason": "撤銷"}),
    ]

    assert [answer.status_code for answer in answers] == [403, 403, 403, 403]
    assert len(await review.told()) == 3


async def test_an_unknown_course_was_never_approved(review: Review) -> None:
    missing = await review.ask(review.unit, "POST", f"/approvals/{new_id()}/withdraw", {"reason": "撤銷"})

    assert (missing.status_code, missing.json()["type"]) == (404, "/problems/approval-not-found")


async def test_approvals_are_listed_by_state_and_activity(review: Review) -> None:
    activity = an_activity()
    first, _ = await review.passed(activity)
    await review.passed(an_activity(review_unit_id=review.unit.organisation_id))
    await review.ask(review.unit, "POST", f"/approvals/{first['course_id']}/withdraw", {"reason": "撤銷"})

    withdrawn = (await review.ask(review.member, "GET", "/approvals?status=withdrawn")).json()
    of_activity = (await review.ask(review.unit, "GET", f"/approvals?activity_id={activity.activity_id}")).json()
    of_others = (await review.ask(review.other_unit, "GET", "/approvals")).json()
    every = (await review.ask(review.administrator, "GET", "/approvals?page_size=3")).json()

    assert [item["course_id"] for item in withdrawn["items"]] == [first["course_id"]]
    assert of_activity["total"] == 2
    assert of_others["items"] == []
    assert (every["total"], len(every["items"])) == (4, 3)
    assert all(item["awards"] for item in every["items"])


async def test_an_approval_says_who_lectures_for_how_long_and_says_it_again_with_every_change(review: Review) -> None:
    """Only practitioners, and their own part: nobody else is given points for lecturing."""
    lin, first, second = new_id(), datetime(2026, 4, 1, 1, tzinfo=UTC), datetime(2026, 4, 1, 2, tzinfo=UTC)
    lecturers = [
        Lecturer(lecturer_id=new_id(), name="林技師", practitioner_id=lin, starts_at=first, ends_at=second),
        Lecturer(lecturer_id=new_id(), name="Jane Doe", starts_at=second, ends_at=second + timedelta(hours=2)),
    ]
    approvals = await review.passed(an_activity(courses=[a_course(lecturers=lecturers)]))
    path = f"/approvals/{approvals[0]['course_id']}"
    changed = await review.ask(review.unit, "POST", f"{path}/change", {"awards": LESS, "reason": "一"})
    assert "lecturers" not in changed.json()  # who they are is shown with the case, where that leaves a look
    listed = await review.ask(review.unit, "GET", "/approvals/")
    assert listed.json()["items"] == [changed.json()]

    told = [told.body.lecturers for told in await review.told() if "course_approval" in told.type]
    assert told == [[CourseLecturer(practitioner_id=lin, minutes=60)]] * 2


async def test_an_approval_is_for_what_the_activity_applied_for(review: Review) -> None:
    purposes = [Purpose.LONG_TERM_CARE, Purpose.NURSE_PRACTITIONER]
    [approval, _] = await review.passed(an_activity(purposes=purposes))
    assert approval["purposes"] == purposes
    assert (await review.told())[0].body.purposes == purposes
    [ordinary, _] = await review.passed()
    assert ordinary["purposes"] == ["practice_licence"]
