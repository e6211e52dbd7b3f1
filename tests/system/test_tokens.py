"""Tokens that must open no door, and a rotation of keys that must shut none."""

from __future__ import annotations

import asyncio
from pathlib import Path

import httpx
import pytest
from tests.support.eventually import eventually
from tests.support.tokens import an_actor
from tests.system.forged import FORGED, signing_key_of
from tests.system.people import Caller, World, sign_in
from tests.system.problems import assert_problem

from cec_chassis.http.guards import Role
from cec_local.gateway import EmbeddedGateway
from cec_local.services import SERVICES
from cec_local.stack import Stack

pytestmark = [pytest.mark.system, pytest.mark.timeout(300)]
ADMINISTRATOR = an_actor(Role.SYSTEM_ADMINISTRATOR)


def doors(world: World) -> dict[str, str]:
    """A guarded route of each service that a system administrator may read."""
    found = {
        "identity": "/identity/accounts",
        "activities": "/activities/activities",
        "review": "/review/cases",
        "enrolment": "/enrolment/rosters",
        "credits": f"/credits/statements/{world.practitioner_id}/2?purpose=audit",
        "reporting": "/reporting/attendance-counts",
    }
    assert tuple(found) == SERVICES
    return found


async def test_the_token_that_the_forged_ones_are_made_from_is_good(world: World, stack: Stack) -> None:
    """Else every test below would pass for a wrong reason."""
    key = await signing_key_of(stack)
    for path in doors(world).values():
        assert (await world.nobody.ask("GET", path, headers=key.headers(ADMINISTRATOR))).status_code == 200


@pytest.mark.parametrize("wrong", FORGED)
async def test_a_token_opens_no_door_of_any_service_when_it_is(world: World, stack: Stack, wrong: str) -> None:
    slug, forge = FORGED[wrong]
    token = forge(await signing_key_of(stack), ADMINISTRATOR)
    for path in doors(world).values():
        answer = await world.nobody.ask("GET", path, headers={"Authorization": f"Bearer {token}"})
        assert_problem(answer, 401, slug)
        assert 'error="invalid_token"' in answer.headers["WWW-Authenticate"]


async def test_a_refresh_token_is_no_access_token(world: World) -> None:
    token = world.admin.tokens["refresh_token"]
    for path in doors(world).values():
        answer = await world.nobody.ask("GET", path, headers={"Authorization": f"Bearer {token}"})
        assert_problem(answer, 401, "token-invalid")


@pytest.mark.parametrize("header", ["", "Bearer", "Basic YWRtaW46YWRtaW4=", "Token {token}", "{token}"])
async def test_a_header_that_bears_no_token_is_as_good_as_none(world: World, header: str) -> None:
    sent = header.format(token=world.admin.tokens["access_token"])
    for path in doors(world).values():
        answer = await world.nobody.ask("GET", path, headers={"Authorization": sent})
        assert_problem(answer, 401, "unauthenticated")


async def test_keys_are_rotated_without_a_refused_request(world: World, stack: Stack) -> None:
    """Old tokens and new ones, at every service, before, while and after the key changes."""
    before = await signing_key_of(stack)
    refused: list[str] = []
    asked = 0
    rotated = asyncio.Event()

    async def keep_asking(caller: Caller, rounds_after: int) -> None:
        nonlocal asked
        while rounds_after:
            for path in doors(world).values():
                answer = await caller.ask("GET", path)
                asked += 1
                if answer.status_code != 200:
                    refused.append(f"{path}: {answer.status_code} {answer.text}")
            rounds_after -= rotated.is_set()

    async def rotate() -> None:
        await eventually(lambda: asked > len(SERVICES), what="every service has been asked before")
        await eventually(has_rotated, within=30, every=0.5)
        rotated.set()

    async def has_rotated() -> bool:
        """The next key must be ten seconds old."""
        answer = await world.admin.ask("POST", "/identity/signing-keys/rotate", json={"reason": "例行更換"})
        assert answer.status_code in {200, 409}, answer.text
        return answer.status_code == 200

    await asyncio.gather(keep_asking(world.admin, 10), rotate())
    newcomer = await sign_in(world.http, *stack.administrator)
    await keep_asking(newcomer, 10)

    assert refused == []
    after = await signing_key_of(stack)
    assert after.kid != before.kid
    keys = (await world.nobody.get("/identity/.well-known/jwks.json"))["keys"]
    assert {before.kid, after.kid} <= {key["kid"] for key in keys}
    assert all("d" not in key for key in keys)


async def test_guessing_a_password_is_slowed_down_at_the_gateway(stack: Stack, tmp_path: Path) -> None:
    """A gateway of its own before the same services, as strict as a real one."""
    ports = {name: httpx.URL(stack.service_url(name)).port or 0 for name in SERVICES}
    gateway = EmbeddedGateway(tmp_path, ports, sign_in_rate="1r/s", sign_in_burst=2)
    gateway.start()
    try:
        async with httpx.AsyncClient(base_url=f"{gateway.url}/api/v1", timeout=30, trust_env=False) as http:
            guess = {"name": stack.administrator[0], "password": "no such password"}
            answers = await asyncio.gather(*(http.post("/identity/sign-in", json=guess) for _ in range(6)))
            reading = await http.get("/identity/.well-known/jwks.json")
    finally:
        gateway.stop()
    told = sorted(answer.status_code for answer in answers)
    assert told[:2] == [401, 401], "some are let through, and wrong"
    assert told[-2:] == [429, 429]
    for answer in answers:
        if answer.status_code == 429:
            assert_problem(answer, 429, "too-many-requests")
            assert int(answer.headers["Retry-After"]) > 0
        else:
            assert_problem(answer, 401, "sign-in-failed")
    assert reading.status_code == 200
