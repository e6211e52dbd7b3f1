"""What belongs to a process reaches its handlers, and those of no other process that has the same routes."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime

from litestar import get
from litestar.di import NamedDependency
from tests.support.http import app_of, client_of
from tests.support.tokens import TestKey, an_actor

from cec_chassis.clock import Clock, FixedClock
from cec_chassis.database import Database
from cec_chassis.http import Role, allow

NOW = datetime(2026, 3, 2, 4, 0, tzinfo=UTC)


@get("/time", guards=[allow(Role.PRACTITIONER)], sync_to_thread=False)
def time(clock: NamedDependency[Clock], database: NamedDependency[Database]) -> dict[str, str]:
    return {"now": clock.now().isoformat(), "database": str(id(database))}


async def test_two_applications_of_the_same_routes_have_nothing_in_common() -> None:
    keys, clocks = [TestKey(), TestKey()], [FixedClock(NOW), FixedClock(NOW.replace(minute=1))]
    apps = [app_of(time, keys=[key], clock=clock) for key, clock in zip(keys, clocks, strict=True)]
    assert apps[0].routes is apps[1].routes
    async with client_of(apps[0]) as one, client_of(apps[1]) as other:
        headers = [key.headers(an_actor("practitioner"), now=NOW) for key in keys]
        answers = await asyncio.gather(
            *(one.get("/time", headers=headers[0]) for _ in range(9)), other.get("/time", headers=headers[1])
        )
        assert [answer.status_code for answer in answers] == [200] * 10
        assert {answer.json()["now"] for answer in answers[:9]} == {NOW.isoformat()}
        assert answers[9].json()["now"] == NOW.replace(minute=1).isoformat()
        assert answers[0].json()["database"] == str(id(apps[0].state.database))
        assert answers[9].json()["database"] == str(id(apps[1].state.database)) != answers[0].json()["database"]
        assert (await one.get("/time", headers=headers[1])).status_code == 401
        assert (await other.get("/time", headers=headers[0])).status_code == 401
        apps[0].state["parts"] = "of one"
        assert "parts" not in apps[1].state
