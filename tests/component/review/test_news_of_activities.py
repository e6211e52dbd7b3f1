"""Submissions and withdrawals: repeated, late, in another order, crossing with a decision."""

from __future__ import annotations

import asyncio
import itertools

import msgspec
import pytest
from tests.component.review.conftest import Review, an_activity, submitted, withdrawn


async def test_a_submission_heard_twice_is_one_case(review: Review) -> None:
    activity = an_activity()
    news = submitted(activity)

    await review.hear(news, news)
    await review.hear(news)

    assert len(await review.rows("SELECT id FROM cases")) == 1


async def test_a_submission_heard_again_does_not_reopen_a_decided_case(review: Review) -> None:
    activity = an_activity()
    await review.passed(activity)

    await review.hear(submitted(activity))

    [case] = await review.rows("SELECT status, version FROM cases")
    assert (case.status, case.version) == ("passed", 2)
    assert len(await review.told()) == 3


@pytest.mark.parametrize("order", list(itertools.permutations(range(3))))
async def test_in_whatever_order_news_arrives_the_cases_are_the_same(review: Review, order: tuple[int, ...]) -> None:
    first = an_activity()
    second = msgspec.structs.replace(first, submission=2, title="修改後")
    news = [submitted(first, 2), submitted(second, 5), withdrawn(second, 6)]

    for index in order:
        await review.hear(news[index])
    await review.hear(*(news[index] for index in order))

    rows = await review.rows("SELECT submission, status, activity ->> 'title' AS title FROM cases ORDER BY submission")
    assert [tuple(row) for row in rows] == [(1, "open", "年度學術研討會"), (2, "withdrawn", "修改後")]


async def test_two_submissions_in_one_batch_are_two_cases(review: Review) -> None:
    first = an_activity()
    second = msgspec.structs.replace(first, submission=2)

    await review.hear(submitted(second, 5), submitted(first, 2))

    rows = await review.rows("SELECT submission FROM cases ORDER BY submission")
    assert [row.submission for row in rows] == [1, 2]


async def test_a_withdrawal_that_crossed_with_a_pass_takes_the_approvals_back(review: Review) -> None:
    activity = an_activity()
    approvals = await review.passed(activity)

    await review.hear(withdrawn(activity))
    await review.hear(withdrawn(activity))

    taken_back = (await review.told())[3:]
    assert {told.subject for told in taken_back} == {approval["course_id"] for approval in approvals}
    assert {(told.type.split(".")[2], told.sequence, told.body.status) for told in taken_back} == {
        ("course_approval_withdrawn", 2, "withdrawn")
    }
    assert len(taken_back) == 2
    assert (await review.audited())[-2:] == ["approval.withdrawn", "approval.withdrawn"]


async def test_a_withdrawal_after_a_return_changes_nothing(review: Review) -> None:
    activity = an_activity()
    await review.hear(submitted(activity))
    await review.decide(await review.case_of(activity), "return", comment="請補件")

    await review.hear(withdrawn(activity))

    [case] = await review.rows("SELECT status FROM cases")
    assert (case.status, await review.news()) == ("returned", [("case_decided", 2)])


async def test_a_decision_and_a_withdrawal_at_once_never_leave_an_approval_that_counts(review: Review) -> None:
    for _ in range(8):
        activity = an_activity()
        await review.hear(submitted(activity))
        case_id = await review.case_of(activity)

        await asyncio.gather(review.decide(case_id), review.hear(withdrawn(activity)))

    counting = await review.rows("SELECT course_id FROM course_approvals WHERE status = 'approved'")
    assert counting == []
