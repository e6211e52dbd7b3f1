"""Who is at the other end: our gateway says it, callers do not; and who has signed in lately."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import httpx
import pytest
from litestar import get
from tests.support.http import app_of
from tests.support.tokens import TestKey, an_actor

from cec_chassis.clock import FixedClock
from cec_chassis.http import FRESH, HttpRequest, Role, allow, public, signed_in_lately
from cec_chassis.http.client_address import trusted_networks

NOW = datetime(2026, 3, 2, 4, tzinfo=UTC)
KEY = TestKey()


@get("/address", **public)
async def address(request: HttpRequest) -> str:
    return str(request.client_address)


@get("/secret", guards=[allow(Role.PRACTITIONER), signed_in_lately()])
async def secret() -> str:
    return "secret"


APP = app_of(address, secret, keys=[KEY], clock=FixedClock(NOW))


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


@pytest.mark.parametrize(
    ("ago", "status"),
    [(timedelta(0), 200), (FRESH, 200), (FRESH + timedelta(seconds=1), 401), (None, 401)],
)
async def test_a_sensitive_act_needs_a_sign_in_that_is_not_long_ago(ago: timedelta | None, status: int) -> None:
    actor = an_actor("practitioner", authenticated_at=None if ago is None else NOW - ago, methods=("pwd",))
    async with client() as asking:
        answer = await asking.get("/secret", headers=KEY.headers(actor, now=NOW))
    assert answer.status_code == status
    if status == 401:
        assert answer.json()["type"] == "/problems/fresh-sign-in-needed"
        assert 'error="insufficient_user_authentication", max_age="600"' in answer.headers["www-authenticate"]
