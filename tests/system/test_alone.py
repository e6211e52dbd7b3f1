"""Every service starts, says how it is and answers reads while everything else is down."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterable, Mapping
from contextlib import asynccontextmanager
from functools import partial
from typing import NamedTuple

import httpx
import pytest
from tests.support.eventually import eventually
from tests.system.people import World
from tests.system.problems import assert_problem

from cec_local.processes import ChildProcess
from cec_local.services import SERVICES
from cec_local.stack import Stack

pytestmark = [pytest.mark.system, pytest.mark.timeout(300)]
START_SECONDS = 60.0
NO_BROKER = {"CEC_AMQP_URL": "amqp://127.0.0.1:1/gone", "CEC_AMQP_PUBLIC_URL": "amqp://127.0.0.1:1/gone-public"}
NO_DATABASE = {"CEC_SERVICE_DATABASE_URL": "postgresql://nobody:secret@127.0.0.1:1/none"}


class Read(NamedTuple):
    """Who reads what at which service, and a text that the answer must hold: it is known since the main job."""

    who: str
    path: str
    known: str


READS = {
    "identity": Read("admin", "/identity/practitioners?number=D000001", "D000001"),
    "activities": Read("offering", "/activities/activities", "專業倫理與法規研習"),
    "review": Read("review", "/review/approvals", "專業倫理與法規研習"),
    "enrolment": Read("offering", "/enrolment/rosters", "專業倫理與法規研習"),
    "credits": Read("practitioner", "/credits/statements/{practitioner}/2?as_of=2016-07-07", '"valid":"314.80"'),
    "reporting": Read("offering", "/reporting/activities", "專業倫理與法規研習"),
}


@pytest.fixture(scope="module")
async def all_down(stack: Stack, world: World) -> AsyncIterator[None]:
    """The services are stopped for the tests of this module, and started again after them. Servers and gateway stay."""
    await stopped(stack.services.values())
    try:
        yield
    finally:
        for child in stack.services.values():
            child.start()
        for name in stack.services:
            await asyncio.to_thread(stack.wait_until_ready, name)


async def stopped(children: Iterable[ChildProcess]) -> None:
    await asyncio.gather(*(asyncio.to_thread(child.stop, 25.0) for child in children))


@asynccontextmanager
async def running(stack: Stack, names: Iterable[str], settings: Mapping[str, str]) -> AsyncIterator[None]:
    """These services alone, with changed surroundings; they live when the block begins."""
    children = {name: stack.spawn(name, "all", settings) for name in names}
    try:
        for name in children:
            await eventually(partial(answers, stack, name), within=START_SECONDS, what=f"{name} lives")
        yield
    finally:
        await stopped(children.values())


async def answers(stack: Stack, name: str) -> bool:
    async with httpx.AsyncClient(trust_env=False) as http:
        try:
            return (await http.get(f"{stack.service_url(name)}/health/live")).status_code == 200
        except httpx.TransportError:
            return False


async def read(world: World, service: str) -> httpx.Response:
    wanted = READS[service]
    path = wanted.path.format(practitioner=world.practitioner_id)
    answer: httpx.Response = await getattr(world, wanted.who).ask("GET", path)
    return answer


async def assert_reads_what_it_knows(world: World, service: str) -> None:
    answer = await read(world, service)
    assert answer.status_code == 200, answer.text
    assert READS[service].known in answer.text


@pytest.mark.usefixtures("all_down")
@pytest.mark.parametrize("service", SERVICES)
async def test_a_service_starts_and_answers_reads_while_its_neighbours_are_down(
    stack: Stack, world: World, service: str
) -> None:
    async with running(stack, [service], {}):
        for other in SERVICES:
            if other != service:
                assert_problem(await read(world, other), 502, "bad-gateway")
        assert (await world.nobody.get(f"/{service}/health/live")) == {"status": "alive"}
        ready = await world.nobody.get(f"/{service}/health/ready")
        assert (ready["status"], ready.get("degraded", [])) == ("ready", [])
        await assert_reads_what_it_knows(world, service)


@pytest.mark.usefixtures("all_down")
async def test_services_start_and_answer_reads_while_the_broker_is_away(stack: Stack, world: World) -> None:
    """Without it no service hears of another: each is alone, though all six run."""
    async with running(stack, SERVICES, NO_BROKER):
        for service in SERVICES:
            assert (await world.nobody.get(f"/{service}/health/live")) == {"status": "alive"}
            ready = await world.nobody.get(f"/{service}/health/ready")
            assert (ready["status"], ready["degraded"]) == ("degraded", ["broker"])
            await assert_reads_what_it_knows(world, service)


@pytest.mark.usefixtures("all_down")
async def test_a_service_without_its_database_starts_and_says_what_it_misses(stack: Stack, world: World) -> None:
    async with running(stack, SERVICES, NO_DATABASE):
        for service in SERVICES:
            assert (await world.nobody.get(f"/{service}/health/live")) == {"status": "alive"}
            answer = await world.nobody.ask("GET", f"/{service}/health/ready")
            problem = assert_problem(answer, 503, "not-ready", ["dependencies.database"])
            assert "database" in problem.detail
            assert int(answer.headers["Retry-After"]) > 0
            assert_problem(await read(world, service), 503, "temporarily-unavailable")
