"""Only a recognised review unit decides; what it recognised contrary to the rules has no effect, Arts 14(2) and 18."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

import httpx
import pytest
from tests.component.review.conftest import (
    OTHER,
    Review,
    a_course,
    a_recognition,
    an_activity,
    submitted,
)
from tests.support.one_service import NOON

from cec_chassis.ids import new_id
from cec_contracts.identity import Breach

REVOKED: dict[str, Any] = {"revoked_under": "18(1)(1)", "reason": "未依計畫書審查，情節重大"}
OLDER: dict[str, Any] = {"decided_from": date(2026, 3, 1), "decided_until": date(2026, 3, 2)}
DAY = timedelta(days=1)


def a_breach(**changes: Any) -> Breach:
    """A finding on the day of the test."""
    said: dict[str, Any] = {"breach_id": new_id(), "reason": "未依申請內容實施", "found_at": NOON}
    return Breach(**(said | changes))


def slug(response: httpx.Response) -> tuple[int, str]:
    return response.status_code, response.json()["type"].removeprefix("/problems/")


async def decisions_of(review: Review, case_id: str, approval: dict[str, Any]) -> list[httpx.Response]:
    """Everything that a review unit decides."""
    awards = [{"profession": "2", "role": "learner", "points": "1.00"}]
    course = f"/approvals/{approval['course_id']}"
    unit = approval["review_unit_id"]
    return [
        await review.decide(case_id),
        await review.decide(case_id, "fail", comment="不符"),
        await review.ask(review.unit, "POST", f"{course}/change", {"awards": awards, "reason": "更正"}),
        await review.ask(review.unit, "POST", f"{course}/withdraw", {"reason": "撤銷"}),
        await review.ask(review.unit, "PUT", f"/policies/{unit}", {"roster_days": 30}),
    ]


@pytest.mark.parametrize(
    "changes",
    [
        {"valid_until": date(2026, 3, 1)},
        {"valid_from": date(2026, 3, 3)},
        {"revoked_at": NOON, **REVOKED},
    ],
    ids=["run out the day before", "from tomorrow", "revoked"],
)
async def test_a_unit_without_recognition_decides_nothing(review: Review, changes: dict[str, Any]) -> None:
    [approval, _] = await review.passed()
    other = an_activity()
    await review.hear(submitted(other))
    case_id = await review.case_of(other)
    await review.hear(a_recognition(sequence=2, **(changes | {"revoked_at": None})))
    if "revoked_at" in changes:
        async with review.database.transaction() as tx:  # the case stays, as if news of the revocation came meanwhile
            await tx.execute(
                'UPDATE recognitions SET recognition = recognition || \'{"revoked_at": "2026-03-02T04:00:00Z"}\''
            )
    before = await review.news()
    for response in await decisions_of(review, case_id, approval):
        assert slug(response) == (403, "review-unit-not-recognised"), response.request.url
    assert await review.news() == before


async def test_on_its_last_day_a_recognition_holds(review: Review) -> None:
    await review.hear(a_recognition(sequence=2, valid_until=date(2026, 3, 2)))
    assert len(await review.passed()) == 2


async def test_a_unit_of_which_nobody_has_heard_decides_nothing(review: Review) -> None:
    activity = an_activity(review_unit_id=UUID(int=77))
    await review.hear(submitted(activity))
    actor = review.unit.__class__(account_id=new_id(), role="review_unit", organisation_id=UUID(int=77))
    answer = await review.ask(
        actor, "POST", f"/cases/{await review.case_of(activity)}/decision", {"decision": "fail", "comment": "x"}
    )
    assert slug(answer) == (403, "review-unit-not-recognised")


async def test_a_unit_passes_only_professions_it_is_recognised_for(review: Review) -> None:
    await review.hear(a_recognition(sequence=2, professions=["2"]))
    activity = an_activity(professions=["2", "B"])
    await review.hear(submitted(activity))
    refused = await review.decide(await review.case_of(activity))
    assert slug(refused) == (403, "review-unit-not-recognised")
    assert "B" in refused.json()["detail"]
    returned = await review.decide(await review.case_of(activity), "return", comment="請改送他會")
    assert returned.status_code == 200


async def test_named_courses_lose_their_effect_and_the_others_do_not(review: Review) -> None:
    first, second = await review.passed()
    breach = a_breach(course_ids=[UUID(first["course_id"])])
    await review.hear(a_recognition(sequence=2, breaches=[breach]))
    told = (await review.told())[-1]
    assert (told.type, told.subject, told.sequence) == (
        "cec.review.course_approval_withdrawn.v1",
        first["course_id"],
        2,
    )
    assert (told.body.status, told.body.article) == ("withdrawn", "18(2)")
    assert "不生採認之效果" in told.body.reason
    assert "未依申請內容實施" in told.body.reason
    assert [award.points for award in told.body.awards] == [award.points for award in told.body.awards if award.points]
    other = await review.ask(review.unit, "GET", f"/approvals/{second['course_id']}")
    assert (other.json()["status"], other.json()["article"]) == ("approved", "")
    assert (await review.audited())[-1] == "approval.void"


async def test_a_finding_heard_twice_or_again_with_newer_news_voids_once(review: Review) -> None:
    first, _ = await review.passed()
    breach = a_breach(course_ids=[UUID(first["course_id"])])
    news = a_recognition(sequence=2, breaches=[breach])
    await review.hear(news)
    after = await review.news()
    await review.hear(news)
    await review.hear(
        a_recognition(sequence=1, breaches=[a_breach(decided_from=date(2026, 3, 1), decided_until=date(2026, 3, 2))])
    )
    await review.hear(a_recognition(sequence=3, breaches=[breach], valid_until=date(2030, 1, 1)))
    assert await review.news() == after


async def test_a_period_voids_what_was_decided_within_it_by_taipei_days(review: Review) -> None:
    review.clock.set(datetime(2026, 3, 1, 15, 59, tzinfo=UTC))  # 1 March 23:59 in Taipei
    [before, _] = await review.passed()
    review.clock.set(datetime(2026, 3, 1, 16, 0, tzinfo=UTC))  # 2 March 00:00
    [within, _] = await review.passed()
    breach = a_breach(decided_from=date(2026, 3, 2), decided_until=date(2026, 3, 2))
    await review.hear(a_recognition(sequence=2, breaches=[breach]))
    found = [
        (await review.ask(review.unit, "GET", f"/approvals/{one['course_id']}")).json()["status"]
        for one in (before, within)
    ]
    assert found == ["approved", "withdrawn"]


async def test_a_change_within_the_period_voids_an_older_approval(review: Review) -> None:
    review.clock.set(NOON - 10 * DAY)
    [first, second] = await review.passed()
    review.clock.set(NOON)
    awards = [{"profession": "2", "role": "learner", "points": "9.00"}]
    path = f"/approvals/{first['course_id']}"
    changed = await review.ask(review.unit, "POST", f"{path}/change", {"awards": awards, "reason": "加分"})
    assert changed.status_code == 200
    await review.hear(
        a_recognition(sequence=2, breaches=[a_breach(decided_from=date(2026, 3, 2), decided_until=date(2026, 3, 2))])
    )
    assert (await review.ask(review.unit, "GET", path)).json()["status"] == "withdrawn"
    other = await review.ask(review.unit, "GET", f"/approvals/{second['course_id']}")
    assert other.json()["status"] == "approved"


async def test_only_the_professions_of_the_recognition_lose_their_points(review: Review) -> None:
    activity = an_activity(professions=["2", "B"], courses=[a_course()])
    [approval] = await review.passed(activity)
    professional: dict[str, Any] = {"professions": ["B"], "recognition_id": UUID(int=5)}
    await review.hear(
        a_recognition(sequence=1, breaches=[a_breach(course_ids=[UUID(approval["course_id"])])], **professional)
    )
    told = (await review.told())[-1]
    assert (told.type, told.body.status, told.body.article) == (
        "cec.review.course_approval_changed.v1",
        "approved",
        "18(2)",
    )
    assert {award.profession for award in told.body.awards} == {"2"}
    await review.hear(
        a_recognition(sequence=2, breaches=[a_breach(course_ids=[UUID(approval["course_id"])])], **professional)
    )
    assert (await review.told())[-1].sequence == told.sequence


async def test_another_units_courses_are_not_touched(review: Review) -> None:
    first, _ = await review.passed()
    await review.hear(a_recognition(OTHER, sequence=2, breaches=[a_breach(course_ids=[UUID(first["course_id"])])]))
    read = await review.ask(review.unit, "GET", f"/approvals/{first['course_id']}")
    assert read.json()["status"] == "approved"


async def test_what_was_given_before_a_revocation_without_finding_stays(review: Review) -> None:
    first, _ = await review.passed()
    review.clock.set(NOON + DAY)
    await review.hear(a_recognition(sequence=2, revoked_at=NOON + DAY, **REVOKED))
    read = await review.ask(review.unit, "GET", f"/approvals/{first['course_id']}")
    assert read.json()["status"] == "approved"


async def test_a_decision_that_crossed_with_the_revocation_has_no_effect(review: Review) -> None:
    first, _ = await review.passed()
    await review.hear(a_recognition(sequence=2, revoked_at=NOON - timedelta(seconds=5), **REVOKED))
    told = (await review.told())[-1]
    read = await review.ask(review.unit, "GET", f"/approvals/{first['course_id']}")
    assert (read.json()["status"], told.body.article) == ("withdrawn", "14(2)")


async def test_what_a_later_recognition_covers_stays_when_the_revoked_one_is_heard_of_again(review: Review) -> None:
    revoked: dict[str, Any] = {"revoked_at": NOON - 400 * DAY, **REVOKED}
    await review.hear(
        a_recognition(sequence=2, **revoked),
        a_recognition(recognition_id=UUID(int=6), valid_from=date(2026, 3, 1)),
    )
    first, _ = await review.passed()
    await review.hear(a_recognition(sequence=3, breaches=[a_breach(course_ids=[new_id()])], **revoked))
    read = await review.ask(review.unit, "GET", f"/approvals/{first['course_id']}")
    assert read.json()["status"] == "approved"


async def test_open_cases_of_a_revoked_unit_go_back_to_their_units(review: Review) -> None:
    activity, decided = an_activity(), an_activity()
    await review.passed(decided)
    await review.hear(submitted(activity))
    case_id = await review.case_of(activity)
    review.clock.set(NOON + DAY)
    await review.hear(a_recognition(sequence=2, revoked_at=NOON + DAY, **REVOKED))
    told = (await review.told())[-1]
    assert (told.type, told.subject, told.body.status) == ("cec.review.case_decided.v1", case_id, "returned")
    assert "認可已廢止" in told.body.comment


async def test_points_given_to_a_course_that_was_void_cannot_be_given_again(review: Review) -> None:
    first, _ = await review.passed()
    await review.hear(a_recognition(sequence=2, breaches=[a_breach(course_ids=[UUID(first["course_id"])])]))
    awards = [{"profession": "2", "role": "learner", "points": "3.60"}]
    again = await review.ask(
        review.unit, "POST", f"/approvals/{first['course_id']}/change", {"awards": awards, "reason": "回復"}
    )
    assert slug(again) == (409, "approval-withdrawn")
