"""Who is at the other end: our gateway says it, callers do not."""

from __future__ import annotations

import httpx
import pytest
from litestar import get
from tests.support.http import app_of

from cec_chassis.http import HttpRequest, public
from cec_chassis.http.client_address import trusted_networks


@get("/address", **public)
async def address(request: HttpRequest) -> str:
    return str(request.client_address)


APP = app_of(address)


def client(peer: str = "127.0.0.1") -> httpx.AsyncClient:
    transport = httpx.ASGITransport(app=APP, client=(peer, 4711))  # type: ignore[arg-type]
    return httpx.AsyncClient(transport=transport, base_url="http://service.test")


@pytest.mark.parametrize(
    ("peer", "headers", "found"),
    [
        ("127.0.0.1", [("X-Real-IP", "203.0.113.7")], "203.0.113.7"),
        ("127.0.0.1", [("X-Real-IP", "2001:db8::7")], "2001:db8::7"),
        ("::1", [("X-Real-IP", "::ffff:203.0.113.7")], "203.0.113.7"),
        ("127.0.0.1", [], "127.0.0.1"),
        ("127.0.0.1", [("X-Forwarded-For", "203.0.113.7")], "127.0.0.1"),
        ("127.0.0.1", [("X-Real-IP", "not an address")], "127.0.0.1"),
        ("127.0.0.1", [("X-Real-IP", "203.0.113.7"), ("X-Real-IP", "203.0.113.8")], "127.0.0.1"),
        ("198.51.100.1", [("X-Real-IP", "203.0.113.7")], "198.51.100.1"),
        ("not an address", [("X-Real-IP", "203.0.113.7")], "0.0.0.0"),
    ],
)
async def test_only_the_gateway_is_believed(peer: str, headers: list[tuple[str, str]], found: str) -> None:
    async with client(peer) as asking:
        assert (await asking.get("/address", headers=headers)).text == found


def test_what_is_no_network_is_refused() -> None:
    assert len(trusted_networks("10.0.0.0/8, ::1/128,")) == 2
    with pytest.raises(ValueError, match="gateway"):
        trusted_networks("gateway")
