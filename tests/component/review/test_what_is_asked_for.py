"""A value that cannot be taken is answered with what would be."""

from __future__ import annotations

import pytest
from tests.component.review.conftest import REVIEWING, Review

from cec_chassis.ids import new_id


@pytest.mark.parametrize("points", ["4.005", "-1", "abc", "1.", ""])
async def test_points_that_are_none_are_told_what_points_are(review: Review, points: str) -> None:
    awards = [{"profession": "2", "role": "learner", "points": points}]
    body = {"decision": "pass", "courses": [{"course_id": str(REVIEWING), "awards": awards}]}

    (error,) = (await review.ask(review.unit, "POST", f"/cases/{new_id()}/decision", body)).json()["errors"]

    assert error["path"] == "body.courses[0].awards[0].points"
    assert "至多兩位小數" in error["message"]
    assert "a number of at most two decimals, not negative" in error["message"]


async def test_a_blank_reason_is_told_to_be_filled_in(review: Review) -> None:
    path = f"/approvals/{(await review.passed())[0]['course_id']}/withdraw"

    (error,) = (await review.ask(review.unit, "POST", path, {"reason": "  "})).json()["errors"]

    assert (error["path"], error["message"]) == (
        "body.reason",
        "不得空白,請填寫內容 / Must not be blank; fill it in",
    )
