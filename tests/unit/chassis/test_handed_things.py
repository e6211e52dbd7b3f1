"""What handlers may ask for by name, and that asking for several is cheap."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from litestar import get
from litestar.di import NamedDependency, Provide
from tests.support.http import app_of, client_of

from cec_chassis.clock import Clock, FixedClock
from cec_chassis.database import Database
from cec_chassis.http import HttpRequest, Paging, public
from cec_chassis.settings import ServiceSettings


class RuleBook:
    name = "R2016"


async def shelf_of(book: NamedDependency[RuleBook]) -> str:
    return f"shelf of {book.name}"


@get("/everything", dependencies={"shelf": Provide(shelf_of)}, **public)
async def everything(
    request: HttpRequest,
    database: NamedDependency[Database],
    clock: NamedDependency[Clock],
    settings: NamedDependency[ServiceSettings],
    paging: NamedDependency[Paging],
    book: NamedDependency[RuleBook],
    shelf: NamedDependency[str],
) -> dict[str, Any]:
    state = request.app.state
    return {
        "now": clock.now(),
        "service": settings.service,
        "offset": paging.offset,
        "shelf": shelf,
        "same": state.database is database and state.clock is clock and state.book is book,
    }


APP = app_of(everything, clock=FixedClock(datetime(2026, 1, 1, tzinfo=UTC)), dependencies={"book": RuleBook()})


async def test_a_handler_gets_what_it_names() -> None:
    async with client_of(APP) as client:
        answer = await client.get("/everything?page=3")
    assert answer.json() == {
        "now": "2026-01-01T00:00:00Z",
        "service": "example",
        "offset": 100,
        "shelf": "shelf of R2016",
        "same": True,
    }


def test_no_request_opens_a_task_group_for_what_is_at_hand() -> None:
    models = [model for route in APP.routes for _, model in getattr(route, "route_handler_map", {}).values()]
    assert len(models) > 5
    assert {len(batch) for model in models for batch in model.dependency_batches} == {1}
