"""Points above what the formula makes of the minutes: they are the unit's to give, and it is told."""

from __future__ import annotations

from tests.component.review.conftest import Review, a_course, an_activity, submitted


async def test_points_above_the_formula_are_taken_with_a_warning_at_their_field(review: Review) -> None:
    """A slip of the pen, 299 for 2.99, is seen by whoever made it; the unit may decide otherwise than the rules suggest."""
    activity = an_activity(courses=[a_course(minutes=100), a_course(code="C202603020002", minutes=50)])
    await review.hear(submitted(activity))
    first, second = (str(course.course_id) for course in activity.courses)
    awards = [
        {"profession": "2", "role": "lecturer", "points": "10"},
        {"profession": "2", "role": "learner", "points": "299.00"},
        {"profession": "2", "role": "presenter", "points": "50"},  # nothing is suggested for it
    ]

    decided = await review.decide(
        await review.case_of(activity), courses=[{"course_id": second}, {"course_id": first, "awards": awards}]
    )

    assert decided.status_code == 200
    [warning] = decided.json()["warnings"]
    assert (warning["path"], warning["slug"]) == ("body.courses[1].awards[1].points", "above-suggestion")
    assert warning["message"].startswith(
        "核給 299.00 點,高於依公式之 2.00 點(規則版本（R2022 每小時 1 點）：100 分鐘 ÷ 50 × 1)"
    )
    assert " / 299.00 points are above the 2.00 of the formula (By the rule set (R2022" in warning["message"]
    given = {each["role"]: each["points"] for each in decided.json()["approvals"][0]["awards"]}
    assert given["learner"] == "299.00"

    change = {"awards": [{"profession": "2", "role": "learner", "points": "2.01"}], "reason": "更正"}
    changed = await review.ask(review.unit, "POST", f"/approvals/{first}/change", change)
    [warning] = changed.json()["warnings"]
    assert (warning["path"], changed.json()["awards"][0]["points"]) == ("body.awards[0].points", "2.01")
    change["awards"] = [{"profession": "2", "role": "learner", "points": "2.00"}]
    changed = await review.ask(review.unit, "POST", f"/approvals/{first}/change", change)
    assert "warnings" not in changed.json()
