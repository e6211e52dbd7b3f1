"""One trace id from the client's header to another government's queue."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from typing import Any
from uuid import UUID

import pytest
from tests.support.eventually import eventually
from tests.system.logs import lines_of
from tests.system.people import World
from tests.system.spy import Spy
from tests.system.tables import Tables

from cec_local.demo.subscriber import received_events
from cec_local.stack import Stack

pytestmark = [pytest.mark.system, pytest.mark.timeout(300)]
PERSON = "D000003"


def trace_of(traceparent: str | None) -> str:
    """The trace id in a `traceparent`."""
    return (traceparent or "--").split("-")[1]


def log_of(stack: Stack, service: str) -> Iterator[dict[str, Any]]:
    return lines_of(stack.log_directory / f"{service}.log")


async def test_one_trace_id_leads_from_the_request_to_the_outside_subscriber(
    world: World, stack: Stack, spy: Spy, tables: Tables
) -> None:
    trace = secrets.token_hex(16)
    subscriber, queue = await stack.add_subscriber("trace-bureau")
    answer = await world.offering.ask(
        "POST",
        f"/enrolment/rosters/{world.course['course_id']}/attendances",
        json={"number": PERSON, "role": "lecturer"},
        headers={"traceparent": f"00-{trace}-{secrets.token_hex(8)}-01"},
    )
    assert answer.status_code == 201, answer.text
    attendance = answer.json()
    standing = f"{attendance['practitioner_id']}:{attendance['profession']}"

    (recorded,) = await tables.connections["enrolment"].fetch(
        "SELECT id, traceparent FROM outbox WHERE subject = $1", attendance["attendance_id"]
    )
    assert trace_of(recorded["traceparent"]) == trace

    credits_database = tables.connections["credits"]
    changed: list[Any] = []

    async def has_recalculated() -> bool:
        changed[:] = await credits_database.fetch(
            "SELECT type, traceparent FROM outbox WHERE subject = $1 AND traceparent LIKE $2", standing, f"%{trace}%"
        )
        return bool(changed)

    await eventually(has_recalculated, within=30, what="the standing changed, in the same trace")
    assert {row["type"] for row in changed} == {"cec.credits.standing_changed.v1", "cec.public.standing_changed.v1"}
    entry = await credits_database.fetchval(
        "SELECT event_id FROM ledger_entries WHERE attendance_id = $1", UUID(attendance["attendance_id"])
    )
    assert entry == recorded["id"], "the ledger names the event that it has the attendance from"

    (heard,) = spy.events(attendance["attendance_id"])
    assert (heard.id, trace_of(heard.traceparent)) == (recorded["id"], trace)
    told = [event for event in await received_events(subscriber, queue) if event["subject"] == standing]
    assert trace in {trace_of(event["traceparent"]) for event in told}

    request = next(line for line in log_of(stack, "enrolment") if line.get("trace_id") == trace)
    assert (request["event"], request["status"]) == ("request", 201)
    (taken_in,) = [line for line in log_of(stack, "credits") if trace_of(line.get("traceparent")) == trace]
    assert (taken_in["event"], taken_in["event_id"]) == ("event.taken_in", str(recorded["id"]))
    accesses = [line for line in lines_of(stack.gateway.access_log) if trace_of(line["traceparent"]) == trace]
    assert [line["request_id"] for line in accesses] == [answer.headers["X-Request-Id"]]
