"""An access token outlives its session by some minutes, but not where a stolen session would do lasting harm."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import httpx
import pytest
from tests.component.identity.conftest import PASSWORD, Identity, good, refusal
from tests.component.identity.strangers import statements
from tests.system.routes import address_of, routes_of

from cec_identity.service import SERVICE

SENSITIVE = [route for route in routes_of(SERVICE.name) if route.fresh and "system_administrator" in route.callers]


async def ask(identity: Identity, tokens: dict[str, Any], method: str, path: str, body: Any = None) -> httpx.Response:
    return await identity.ask(None, method, path, body, {"Authorization": f"Bearer {tokens['access_token']}"})


async def signed_in(identity: Identity) -> dict[str, Any]:
    return good(await identity.ask(None, "POST", "/sign-in", {"name": "Administrator-1", "password": PASSWORD}))


async def slugs(identity: Identity, tokens: dict[str, Any]) -> dict[str, str]:
    """What the token is answered at each sensitive route; empty where it is let through."""
    found = {}
    for route in SENSITIVE:
        answer = await ask(identity, tokens, route.method, address_of("", route.path).removeprefix("/"))
        problem = answer.json().get("type", "") if answer.status_code == 401 else ""
        found[f"{route.method} {route.path}"] = problem.removeprefix("/problems/")
    return found


async def test_a_token_of_an_ended_session_does_nothing_that_cannot_be_undone(identity: Identity) -> None:
    tokens = await signed_in(identity)
    assert set((await slugs(identity, tokens)).values()) == {""}, "as long as it stands"
    assert (await ask(identity, tokens, "POST", f"/sessions/{tokens['session_id']}/end")).status_code == 204
    assert set((await slugs(identity, tokens)).values()) == {"session-ended"}
    assert len(SENSITIVE) > 30
    answer = await ask(identity, tokens, "POST", "/signing-keys/rotate")
    assert answer.headers["WWW-Authenticate"] == 'Bearer realm="cec", error="invalid_token"'
    assert good(await ask(identity, tokens, "GET", "/accounts"))["items"], "what is only read goes on until it expires"


@pytest.mark.parametrize("how", ["signed out", "everywhere", "disabled", "token reused", "too old"])
async def test_in_whichever_way_the_session_ended(identity: Identity, how: str) -> None:
    tokens, other = await signed_in(identity), await signed_in(identity)
    second = await identity.account("another-one")
    match how:
        case "signed out":
            await identity.ask(None, "POST", "/sign-out", {"refresh_token": tokens["refresh_token"]})
        case "everywhere":
            good(await ask(identity, other, "POST", "/sessions/end"))
        case "disabled":
            path = f"/accounts/{tokens['account_id']}/disable"
            good(await identity.ask(identity.administrator, "POST", path, {"reason": "離職"}))
        case "token reused":
            for status in (200, 401):
                assert (await identity.refresh(tokens["refresh_token"])).status_code == status
        case "too old":
            # A session is older than its sign-in is fresh before it ends by itself; so its end is brought forward.
            async with identity.database.transaction() as tx:
                await tx.execute("UPDATE sessions SET ends_at = :now", now=tx.now)
    answer = await ask(identity, tokens, "POST", f"/accounts/{second['account_id']}/suspend", {"reason": "x"})
    assert refusal(answer)[:2] == (401, "session-ended")
    assert "account.suspended" not in await identity.audited()


async def test_an_old_sign_in_is_asked_for_again_and_a_refresh_does_not_make_it_new(identity: Identity) -> None:
    tokens = await signed_in(identity)
    identity.clock.advance(timedelta(minutes=11))
    tokens = good(await identity.refresh(tokens["refresh_token"]))
    assert set((await slugs(identity, tokens)).values()) == {"fresh-sign-in-needed"}
    assert good(await ask(identity, tokens, "GET", "/clients")) is not None
    assert set((await slugs(identity, await signed_in(identity))).values()) == {""}


async def test_it_costs_one_read_by_primary_key_and_only_there(identity: Identity) -> None:
    tokens = await signed_in(identity)
    with statements(identity) as asked:
        await ask(identity, tokens, "POST", "/signing-keys/rotate")
    assert len([each for each in asked if "FROM sessions" in each]) == 1
    with statements(identity) as asked:
        await ask(identity, tokens, "GET", "/accounts")
    assert not any("FROM sessions" in each for each in asked)
