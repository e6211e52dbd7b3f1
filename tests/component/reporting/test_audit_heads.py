"""Reporting keeps every head that was ever told, and says when a service contradicts itself."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy.exc import DBAPIError
from structlog.testing import capture_logs
from tests.support.one_service import NOON, News, OneService
from tests.support.tokens import an_actor

from cec_contracts import audit
from cec_contracts.envelope import EventType

ADMINISTRATOR = an_actor("system_administrator")


def head(
    position: int, digit: str = "a", event: EventType[Any] = audit.REVIEW_AUDIT_HEAD, service: str = "review"
) -> News:
    body = audit.AuditHead(service=service, position=position, hash=digit * 64, sealed_at=NOON)
    return News(event=event, subject="audit-log", sequence=position, body=body)


async def read(reporting: OneService, query: str = "") -> dict[str, Any]:
    response = await reporting.ask(ADMINISTRATOR, "GET", f"/audit-heads{query}")
    assert response.status_code == 200, response.text
    answer: dict[str, Any] = response.json()
    return answer


async def test_heads_come_twice_and_in_any_order_and_are_all_kept(reporting: OneService) -> None:
    await reporting.hear(head(20), head(10))
    reporting.clock.advance(timedelta(minutes=10))
    await reporting.hear(head(10), head(30, event=audit.CREDITS_AUDIT_HEAD, service="credits"))
    page = await read(reporting)
    assert [(line["service"], line["position"]) for line in page["items"]] == [
        ("credits", 30),
        ("review", 20),
        ("review", 10),
    ]
    assert (await read(reporting, "?service=review"))["total"] == 2


async def test_two_hashes_for_one_position_are_both_kept_and_told(reporting: OneService) -> None:
    await reporting.hear(head(10, "a"))
    with capture_logs() as logs:
        await reporting.hear(head(10, "b"))
    assert [(line["event"], line["of"], line["position"]) for line in logs] == [
        ("audit_head.contradiction", "review", 10)
    ]
    assert {line["hash"][0] for line in (await read(reporting))["items"]} == {"a", "b"}


async def test_what_a_service_says_of_another_is_not_kept(reporting: OneService) -> None:
    await reporting.hear(head(10, service="credits"))
    assert (await read(reporting))["total"] == 0


@pytest.mark.parametrize("statement", ["UPDATE audit_heads SET hash = hash", "DELETE FROM audit_heads"])
async def test_heads_are_neither_changed_nor_removed(reporting: OneService, statement: str) -> None:
    await reporting.hear(head(10))
    with pytest.raises(DBAPIError, match="permission denied"):
        async with reporting.database.transaction() as tx:
            await tx.execute(statement)
