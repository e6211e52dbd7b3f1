"""The audit log over HTTP: filters, pages, and the trace of the look itself."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from tests.support.one_service import OneService
from tests.support.tokens import an_actor

from cec_chassis.context import CommandContext

ADMINISTRATOR = an_actor("system_administrator")
WRITER = an_actor("review_unit", name="某甲")


async def write(review: OneService, *acts: tuple[str, str]) -> None:
    """Acts and their subjects, a minute apart."""
    for action, subject in acts:
        async with review.database.transaction(CommandContext(WRITER, "request-1")) as tx:
            tx.audit(action, subject_type="case", subject_id=subject, reason="因為", before={"n": 1}, after={"n": 2})
        review.clock.advance(timedelta(minutes=1))


async def read(review: OneService, query: str) -> dict[str, Any]:
    response = await review.ask(ADMINISTRATOR, "GET", f"/audit?reason=inspection&{query}")
    assert response.status_code == 200, response.text
    answer: dict[str, Any] = response.json()
    return answer


def subjects(page: dict[str, Any]) -> list[str]:
    return [row["subject_id"] for row in page["items"]]


async def test_a_row_says_who_what_when_why_before_and_after(review: OneService) -> None:
    at = review.clock.now()
    await write(review, ("case.decided", "one"))
    [row] = (await read(review, ""))["items"]
    assert row.pop("id")
    assert row.pop("at").removesuffix("Z") == at.isoformat().removesuffix("+00:00")
    assert row == {
        "account_id": str(WRITER.account_id),
        "role": "review_unit",
        "actor_name": "某甲",
        "organisation_id": None,
        "look": False,
        "action": "case.decided",
        "subject_type": "case",
        "subject_id": "one",
        "reason": "因為",
        "before": {"n": 1},
        "after": {"n": 2},
        "request_id": "request-1",
    }


async def test_rows_are_found_by_subject_actor_action_and_time(review: OneService) -> None:
    begun = review.clock.now()
    await write(review, ("case.decided", "one"), ("case.opened", "two"), ("case.decided", "three"))
    assert subjects(await read(review, "subject_type=case&subject_id=two")) == ["two"]
    assert subjects(await read(review, "action=case.decided")) == ["three", "one"]
    assert subjects(await read(review, f"account_id={WRITER.account_id}")) == ["three", "two", "one"]
    assert subjects(await read(review, f"account_id={ADMINISTRATOR.account_id}&look=false")) == []
    second = (begun + timedelta(minutes=1)).strftime("%Y-%m-%dT%H:%M:%SZ")
    assert subjects(await read(review, f"since={second}&action=case.decided")) == ["three"]
    assert subjects(await read(review, f"until={second}")) == ["one"]


async def test_a_long_log_is_read_by_pages(review: OneService) -> None:
    await write(review, *(("case.opened", str(number)) for number in range(5)))
    first = await read(review, "action=case.opened&page_size=3")
    assert subjects(first) == ["4", "3", "2"]
    second = await read(review, f"action=case.opened&page_size=3&cursor={first['next_cursor']}")
    assert (subjects(second), second["next_cursor"]) == (["1", "0"], None)


async def test_the_look_is_written_into_the_log(review: OneService) -> None:
    await read(review, "action=case.decided")
    [row] = (await read(review, "look=true"))["items"]
    assert (row["action"], row["reason"], row["account_id"]) == (
        "audit_log.read",
        "inspection",
        str(ADMINISTRATOR.account_id),
    )
    assert row["after"] == {"action": "case.decided"}


@pytest.mark.parametrize(
    "query",
    ["", "reason=", "reason=x&since=2026-03-02T12:00:00", "reason=x&cursor=nonsense", "reason=x&page_size=201"],
)
async def test_a_question_without_a_reason_or_that_cannot_be_read_is_refused(review: OneService, query: str) -> None:
    response = await review.ask(ADMINISTRATOR, "GET", f"/audit?{query}")
    assert response.status_code == 422, response.text


@pytest.mark.parametrize("role", ["practitioner", "offering_unit", "review_unit", "committee_member", "other_system"])
async def test_only_administrators_read_it(review: OneService, role: str) -> None:
    assert (await review.ask(an_actor(role), "GET", "/audit?reason=x")).status_code == 403
