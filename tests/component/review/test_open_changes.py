"""A review unit examines what it approved 異動: opened, dropped, or ended by a change or a withdrawal."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from tests.component.review.conftest import Review

OPEN = {"reason": "簽到資料待查"}
LESS = [{"profession": "2", "role": "learner", "points": "1.80"}]


async def test_an_opened_change_is_news_and_leaves_points_and_decision_as_they_are(review: Review) -> None:
    granted = (await review.passed())[0]
    review.clock.advance(timedelta(days=3))

    opened = await review.ask(review.unit, "POST", f"/approvals/{granted['course_id']}/open-change", OPEN)

    told = (await review.told())[-1]
    assert (told.type, told.sequence) == ("cec.review.course_approval_change_opened.v1", 2)
    assert (told.body.under_change.reason, told.body.under_change.opened_at) == ("簽到資料待查", review.clock.now())
    assert [award.points for award in told.body.awards] == [Decimal("3.60"), Decimal("18.00")]
    assert (told.body.status, told.body.reason) == ("approved", "")
    answer = opened.json()
    assert answer["under_change"]["reason"] == "簽到資料待查"
    assert (answer["decided_at"], answer["awards"]) == (granted["decided_at"], granted["awards"])
    assert (await review.ask(review.unit, "GET", f"/approvals/{granted['course_id']}")).json() == answer
    assert (await review.audited())[-1] == "approval.change_opened"


async def test_a_dropped_change_is_news_and_everything_is_as_before(review: Review) -> None:
    granted = (await review.passed())[0]
    path = f"/approvals/{granted['course_id']}"
    await review.ask(review.unit, "POST", f"{path}/open-change", OPEN)

    dropped = await review.ask(review.unit, "POST", f"{path}/drop-change", {"reason": "查無不符"})

    told = (await review.told())[-1]
    assert (told.type, told.sequence) == ("cec.review.course_approval_change_dropped.v1", 3)
    assert told.body.under_change is None
    assert dropped.json() == {**granted, "version": 3}
    [audit] = await review.rows("SELECT reason FROM audit_log WHERE action = 'approval.change_dropped'")
    assert audit.reason == "查無不符"


@pytest.mark.parametrize(
    ("act", "body"), [("change", {"awards": LESS, "reason": "時數不符"}), ("withdraw", {"reason": "未實際辦理"})]
)
async def test_every_decision_ends_the_examination(review: Review, act: str, body: dict[str, Any]) -> None:
    path = f"/approvals/{(await review.passed())[0]['course_id']}"
    await review.ask(review.unit, "POST", f"{path}/open-change", OPEN)
    decided = await review.ask(review.unit, "POST", f"{path}/{act}", body)
    assert (decided.status_code, decided.json()["under_change"]) == (200, None)
    assert (await review.told())[-1].body.under_change is None


async def test_it_is_opened_once_dropped_once_and_not_at_all_after_a_withdrawal(review: Review) -> None:
    path = f"/approvals/{(await review.passed())[0]['course_id']}"

    async def slug(act: str) -> str:
        answer = await review.ask(review.unit, "POST", f"{path}/{act}", OPEN)
        return "" if answer.status_code == 200 else f"{answer.status_code} {answer.json()['type']}"

    assert await slug("drop-change") == "409 /problems/no-change-open"
    assert await slug("open-change") == ""
    assert await slug("open-change") == "409 /problems/change-already-open"
    assert await slug("drop-change") == ""
    assert await slug("drop-change") == "409 /problems/no-change-open"
    await review.ask(review.unit, "POST", f"{path}/withdraw", {"reason": "撤銷"})
    assert await slug("open-change") == "409 /problems/approval-withdrawn"
    assert [sequence for _, sequence in await review.news()][-3:] == [2, 3, 4]


async def test_only_the_unit_that_approved_it_examines_it_and_says_why(review: Review) -> None:
    path = f"/approvals/{(await review.passed())[0]['course_id']}/open-change"
    other = await review.ask(review.other_unit, "POST", path, OPEN)
    silent = await review.ask(review.unit, "POST", path, {"reason": "  "})
    assert (other.status_code, other.json()["type"]) == (403, "/problems/another-review-units")
    assert silent.status_code == 422
    assert [(error["path"], error["slug"]) for error in silent.json()["errors"]] == [("body.reason", "wrong-format")]
