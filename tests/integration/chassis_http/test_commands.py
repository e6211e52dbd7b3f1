"""A command over HTTP: one transaction, one effect, however often and however concurrently it is asked for."""

from __future__ import annotations

import asyncio
from typing import Any
from uuid import UUID

import httpx
import msgspec
import pytest
from litestar import Litestar, Response, post
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody
from tests.support.http import app_of, client_of
from tests.support.tokens import TestKey, an_actor

from cec_chassis import failpoints
from cec_chassis.clock import FixedClock
from cec_chassis.context import Actor
from cec_chassis.database import Database, Transaction
from cec_chassis.http import HttpRequest, Request, Role, allow, public, run_command
from cec_chassis.ids import new_id
from cec_chassis.problems import Refusal

KEY = TestKey()


class NameTaken(Refusal):
    slug = "name-taken"
    status = 409
    title = "名稱已使用 / The name is taken"


class Make(Request):
    name: str
    seconds: float = 0


class Made(msgspec.Struct):
    thing_id: UUID
    name: str


@post("/close/{thing_id:uuid}", **public)
async def close_thing(
    request: HttpRequest, database: NamedDependency[Database], thing_id: FromPath[UUID]
) -> Response[int]:
    async def close(_tx: Transaction) -> int:
        return 1

    return await run_command(request, database, close)


@pytest.mark.parametrize(("sent", "status"), [(None, 200), ({}, 200), ({"sure": True}, 422), ([1], 422)])
async def test_a_body_that_nobody_would_read_is_refused(database: Database, sent: Any, status: int) -> None:
    async with client_of(app_of(close_thing, database=database)) as client:
        answer = await client.post(f"/close/{new_id()}", **({} if sent is None else {"json": sent}))
    assert answer.status_code == status
    if isinstance(sent, dict) and status == 422:
        assert [(e["path"], e["slug"]) for e in answer.json()["errors"]] == [("body.sure", "unknown-field")]


async def make_thing(tx: Transaction, command: Make) -> Made:
    if await tx.scalar("SELECT count(*) FROM things WHERE name = :name", name=command.name):
        raise NameTaken
    made = Made(new_id(), command.name)
    actor: Actor | None = tx.actor
    await tx.execute(
        "INSERT INTO things (id, name, account_id) VALUES (:id, :name, :account_id)",
        id=made.thing_id,
        name=made.name,
        account_id=actor.account_id if actor else None,
    )
    await asyncio.sleep(command.seconds)
    tx.audit("thing.made", subject_type="thing", subject_id=made.thing_id, after=made)
    return made


@post("/things", guards=[allow(Role.OFFERING_UNIT)])
async def make(request: HttpRequest, data: JSONBody[Make], database: NamedDependency[Database]) -> Response[Made]:
    return await run_command(request, database, lambda tx: make_thing(tx, data), status=201)


@post("/public-things", **public)
async def make_publicly(
    request: HttpRequest, data: JSONBody[Make], database: NamedDependency[Database]
) -> Response[Made]:
    return await run_command(request, database, lambda tx: make_thing(tx, data), status=201)


@post("/nothing", guards=[allow(Role.OFFERING_UNIT)])
async def nothing(request: HttpRequest, database: NamedDependency[Database]) -> Response[None]:
    async def forget(tx: Transaction) -> None:
        await tx.execute("DELETE FROM things")

    return await run_command(request, database, forget, status=204)


@pytest.fixture
def app(database: Database, clock: FixedClock) -> Litestar:
    return app_of(make, make_publicly, nothing, keys=[KEY], database=database, clock=clock)


class Caller:
    """Sends commands as one account."""

    def __init__(self, app: Litestar, clock: FixedClock) -> None:
        self.actor = an_actor("offering_unit")
        self.app = app
        self.headers = KEY.headers(self.actor, now=clock.now())

    async def post(self, path: str, body: dict[str, Any] | None, key: str | None = None) -> httpx.Response:
        headers = [(name.encode(), value.encode()) for name, value in self.headers.items()]
        if key is not None:
            headers.append((b"Idempotency-Key", key.encode()))
        async with client_of(self.app) as client:
            return await client.post(path, json=body, headers=headers)


@pytest.fixture
def caller(app: Litestar, clock: FixedClock) -> Caller:
    return Caller(app, clock)


async def count(database: Database, table: str = "things") -> int:
    async with database.reading() as tx:
        return int(await tx.scalar(f"SELECT count(*) FROM {table}"))


async def test_effect_and_audit_row_are_saved_together_with_who_asked(caller: Caller, database: Database) -> None:
    answer = await caller.post("/things", {"name": "年會"})
    assert (answer.status_code, answer.json()["name"]) == (201, "年會")
    async with database.reading() as tx:
        row = await tx.one("SELECT account_id, role, action, request_id FROM audit_log")
    assert (row.account_id, row.role, row.action) == (caller.actor.account_id, "offering_unit", "thing.made")
    assert row.request_id == answer.headers["x-request-id"]


async def test_a_refused_command_leaves_nothing(caller: Caller, database: Database) -> None:
    await caller.post("/things", {"name": "a"})
    refused = await caller.post("/things", {"name": "a"}, key="k")
    assert (refused.status_code, refused.json()["type"]) == (409, "/problems/name-taken")
    assert (await count(database), await count(database, "idempotency_keys")) == (1, 0)


async def test_the_same_request_under_the_same_key_happens_once(caller: Caller, database: Database) -> None:
    first = await caller.post("/things", {"name": "a"}, key="k-1")
    again = await caller.post("/things", {"name": "a"}, key="k-1")
    assert (first.status_code, again.status_code) == (201, 201)
    assert first.content == again.content
    assert first.headers["content-type"] == again.headers["content-type"] == "application/json"
    assert "idempotency-replayed" not in first.headers
    assert again.headers["idempotency-replayed"] == "true"
    assert (await count(database), await count(database, "audit_log")) == (1, 1)


async def test_an_answer_without_a_body_is_repeated_too(caller: Caller) -> None:
    answers = [await caller.post("/nothing", None, key="k") for _ in range(2)]
    assert [(a.status_code, a.content) for a in answers] == [(204, b""), (204, b"")]
    assert answers[1].headers["idempotency-replayed"] == "true"


async def test_the_key_of_another_request_is_refused(caller: Caller, database: Database) -> None:
    await caller.post("/things", {"name": "a"}, key="k")
    other = await caller.post("/things", {"name": "b"}, key="k")
    assert (other.status_code, other.json()["type"]) == (422, "/problems/idempotency-key-reused")
    assert other.json()["errors"][0]["path"] == "header.Idempotency-Key"
    assert (await caller.post("/nothing", None, key="k")).status_code == 422
    assert await count(database) == 1


async def test_two_accounts_may_use_the_same_key(app: Litestar, clock: FixedClock, database: Database) -> None:
    for name in ("a", "b"):
        assert (await Caller(app, clock).post("/things", {"name": name}, key="k")).status_code == 201
    assert await count(database) == 2


async def test_a_second_request_waits_for_the_first_and_gets_its_answer(caller: Caller, database: Database) -> None:
    body = {"name": "a", "seconds": 0.3}
    answers = await asyncio.gather(*(caller.post("/things", body, key="k") for _ in range(5)))
    assert {answer.status_code for answer in answers} == {201}
    assert len({answer.content for answer in answers}) == 1
    assert sorted("idempotency-replayed" in answer.headers for answer in answers) == [False, True, True, True, True]
    assert await count(database) == 1


async def test_after_a_refusal_the_key_is_free_again(caller: Caller, database: Database) -> None:
    await caller.post("/things", {"name": "a"})
    assert (await caller.post("/things", {"name": "a"}, key="k")).status_code == 409
    assert (await caller.post("/nothing", None)).status_code == 204
    assert (await caller.post("/things", {"name": "a"}, key="k")).status_code == 201
    assert await count(database) == 1


async def test_a_waiting_request_runs_when_the_first_is_refused(
    caller: Caller, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(failpoints._armed, "command.before_commit", failpoints._Armed(1, "raise"))
    body = {"name": "a", "seconds": 0.2}
    answers = await asyncio.gather(*(caller.post("/things", body, key="k") for _ in range(2)))
    assert sorted(answer.status_code for answer in answers) == [201, 500]
    assert await count(database) == 1


async def test_an_answer_lost_after_the_commit_is_got_by_asking_again(
    caller: Caller, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(failpoints._armed, "command.after_commit", failpoints._Armed(1, "raise"))
    lost = await caller.post("/things", {"name": "a"}, key="k")
    again = await caller.post("/things", {"name": "a"}, key="k")
    assert (lost.status_code, again.status_code) == (500, 201)
    assert again.headers["idempotency-replayed"] == "true"
    assert await count(database) == 1


@pytest.mark.parametrize("key", ["", " ", "with space", "x" * 201, "鍵"])
async def test_a_key_that_is_no_key_is_refused(caller: Caller, database: Database, key: str) -> None:
    answer = await caller.post("/things", {"name": "a"}, key=key)
    assert (answer.status_code, answer.json()["errors"][0]["path"]) == (422, "header.Idempotency-Key")
    assert await count(database) == 0


async def test_without_a_caller_a_key_means_nothing(app: Litestar, database: Database) -> None:
    async with client_of(app) as client:
        for name, status in (("a", 201), ("a", 409), ("b", 201)):
            answer = await client.post("/public-things", json={"name": name}, headers={"Idempotency-Key": "k"})
            assert answer.status_code == status
    assert await count(database, "idempotency_keys") == 0


async def test_text_that_cannot_be_stored_is_refused_and_not_a_crash(caller: Caller, database: Database) -> None:
    answer = await caller.post("/things", {"name": "a\u0000b"}, key="k")
    assert (answer.status_code, answer.json()["type"]) == (422, "/problems/validation-failed")
    assert (await count(database), await count(database, "idempotency_keys")) == (0, 0)


async def test_a_command_that_loses_a_deadlock_runs_again(
    database: Database, caller: Caller, app: Litestar, clock: FixedClock
) -> None:
    one, two = new_id(), new_id()
    async with database.transaction() as tx:
        await tx.execute("INSERT INTO things (id, name) VALUES (:one, 'one'), (:two, 'two')", one=one, two=two)
    both_hold = asyncio.Barrier(2)
    runs: list[str] = []

    def crossing(name: str, first: UUID, second: UUID) -> Any:
        async def touch(tx: Transaction) -> str:
            runs.append(name)
            await tx.execute("UPDATE things SET name = name WHERE id = :id", id=first)
            if len(runs) <= 2:
                await both_hold.wait()
            await tx.execute("UPDATE things SET name = name WHERE id = :id", id=second)
            return name

        @post(f"/{name}", guards=[allow(Role.OFFERING_UNIT)])
        async def route(request: HttpRequest, database: NamedDependency[Database]) -> Response[str]:
            return await run_command(request, database, touch)

        return route

    crossing_app = app_of(
        crossing("there", one, two), crossing("back", two, one), keys=[KEY], database=database, clock=clock
    )
    caller.app = crossing_app
    answers = await asyncio.gather(caller.post("/there", None), caller.post("/back", None))
    assert [answer.status_code for answer in answers] == [200, 200]
    assert len(runs) == 3
