"""A refusal before the body was read must still reach the client: the rest is taken first."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from litestar import post
from tests.support.http import app_of

from cec_chassis.http import HttpRequest, Role, allow, public, unread


@post("/guarded", guards=[allow(Role.SYSTEM_ADMINISTRATOR)])
async def guarded(request: HttpRequest) -> None:
    await request.body()


@post("/read", status_code=204, **public)
async def read(request: HttpRequest) -> None:
    await request.body()


class Server:
    """Gives a body in pieces as a server does, and writes down in which order things happen."""

    def __init__(self, pieces: int, *, endless: bool = False) -> None:
        self._left = pieces
        self._endless = endless
        self.happened: list[Any] = []

    async def receive(self) -> dict[str, Any]:
        if not self._left:
            await asyncio.Event().wait()  # nothing more comes until the client goes away
        self._left -= 1
        self.happened.append("piece")
        return {"type": "http.request", "body": b"x" * 1000, "more_body": self._endless or self._left > 0}

    async def send(self, message: dict[str, Any]) -> None:
        if message["type"] == "http.response.start":
            self.happened.append(message["status"])

    async def ask(self, path: str, header: tuple[bytes, bytes]) -> list[Any]:
        scope = {
            "type": "http",
            "asgi": {"version": "3.0"},
            "http_version": "1.1",
            "method": "POST",
            "path": path,
            "raw_path": path.encode(),
            "query_string": b"",
            "root_path": "",
            "scheme": "http",
            "headers": [header],
            "server": ("127.0.0.1", 80),
            "client": ("127.0.0.1", 1),
            "state": {},
        }
        app: Any = app_of(guarded, read)
        await asyncio.wait_for(app(scope, self.receive, self.send), 5)
        return self.happened


LENGTH = (b"content-length", b"3000")


@pytest.mark.parametrize("header", [LENGTH, (b"transfer-encoding", b"chunked")])
async def test_the_rest_is_read_before_the_answer_begins(header: tuple[bytes, bytes]) -> None:
    assert await Server(pieces=3).ask("/guarded", header) == ["piece", "piece", "piece", 401]


async def test_an_unknown_path_reads_the_rest_too() -> None:
    assert await Server(pieces=3).ask("/nowhere", LENGTH) == ["piece", "piece", "piece", 404]


async def test_nothing_is_waited_for_when_there_is_no_body() -> None:
    assert await Server(pieces=0).ask("/guarded", (b"content-length", b"0")) == [401]


async def test_a_body_that_was_read_is_not_waited_for_again() -> None:
    assert await Server(pieces=2).ask("/read", LENGTH) == ["piece", "piece", 204]


async def test_who_sends_without_end_is_answered_all_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(unread, "LARGEST", 10_000)
    happened = await Server(pieces=1_000, endless=True).ask("/guarded", LENGTH)
    assert happened == ["piece"] * 10 + [401]


async def test_who_stops_sending_is_answered_all_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(unread, "SECONDS", 0.05)
    assert await Server(pieces=1, endless=True).ask("/guarded", LENGTH) == ["piece", 401]
