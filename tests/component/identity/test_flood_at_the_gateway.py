"""A hospital has one address. Whoever floods sign-in from there leaves the others, whose devices are known, their way in."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest
from tests.component.identity.conftest import PASSWORD, Identity, good, settings_for
from tests.conftest import MakeDatabase

from cec_chassis.http.server import serve
from cec_identity.service import SERVICE
from cec_local.gateway import EmbeddedGateway
from cec_local.ports import LOOPBACK, PortBook, accepts_connections
from cec_local.services import SERVICES

A_SECOND, SECONDS = 60, 5


@pytest.fixture
async def http(make_database: MakeDatabase, tmp_path: Path) -> AsyncIterator[httpx.AsyncClient]:
    """Identity behind a gateway with the limits of the container."""
    url = await make_database("identity")
    identity = await Identity.on(url, settings_for(url, proof_of_work_cost=5, sign_in_failures_per_minute=20))
    ports = PortBook(tmp_path / "ports.json").get_many(*SERVICES)
    stop = asyncio.Event()
    serving = asyncio.create_task(serve(SERVICE.create_app(identity.runtime), LOOPBACK, ports["identity"], stop))
    while not accepts_connections(ports["identity"]):
        await asyncio.sleep(0.05)
    gateway = EmbeddedGateway(tmp_path / "nginx", ports)
    gateway.start()
    limits = httpx.Limits(max_connections=200)
    async with httpx.AsyncClient(
        base_url=f"{gateway.url}/api/v1/identity", timeout=60, trust_env=False, limits=limits
    ) as client:
        yield client
    gateway.stop()
    stop.set()
    await serving
    await identity.close()


async def test_a_flood_from_the_owners_own_address_leaves_a_known_device_its_way_in(http: httpx.AsyncClient) -> None:
    owner = {"name": "Administrator-1", "password": PASSWORD}
    first = good(await http.post("/sign-in", json=owner))
    statuses: list[int] = []

    async def guess(number: int) -> None:
        body = {"name": f"victim-{number}", "password": "a wrong password"}
        statuses.append((await http.post("/sign-in", json=body)).status_code)

    entered: list[int] = []
    async with asyncio.TaskGroup() as flood:
        for number in range(A_SECOND * SECONDS):
            flood.create_task(guess(number))
            await asyncio.sleep(1 / A_SECOND)
            if number % A_SECOND == A_SECOND - 1:
                again = await http.post("/sign-in", json=owner | {"device_token": first["device_token"]})
                entered.append(again.status_code)
    refreshed = await http.post("/token/refresh", json={"refresh_token": first["refresh_token"]})
    assert entered == [200] * SECONDS
    assert refreshed.status_code == 200
    assert set(statuses) <= {401, 403, 429, 503}
    assert statuses.count(401) <= 20, "guesses are refused all the same"
