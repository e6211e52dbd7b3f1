"""Statement reads through the gateway, beside the one-row endpoint through the same gateway."""

from __future__ import annotations

import asyncio
import tempfile
import urllib.error
import urllib.request
from pathlib import Path
from uuid import UUID

from tests.load.freshness import process
from tests.load.http_load import requests_per_second
from tests.load.pipeline import background
from tests.support.credits_worker import recalculate, take_in
from tests.support.facts import attendance_of
from tests.support.tokens import TestKey, trust

from cec_chassis.clock import SystemClock
from cec_chassis.context import Actor
from cec_chassis.database import Database
from cec_chassis.ids import new_id
from cec_local.gateway import EmbeddedGateway
from cec_local.ports import PortBook

SERVICES = ("identity", "activities", "review", "enrolment", "credits", "reporting")
RECORDS = 60


async def measure(credits_url: str, amqp_url: str, *, seconds: float = 4.0) -> dict[str, float]:
    """Requests per second of either, in turns within one run."""
    person, key = new_id(), TestKey()
    await _seed(credits_url, person, key)
    token = key.token(Actor(new_id(), "practitioner", practitioner_id=person))
    with tempfile.TemporaryDirectory() as folder:
        ports = PortBook(Path(folder) / "bench-ports.json").get_many(*SERVICES)
        # the yardstick stands where reporting would: behind the same gateway, by the same rules
        gateway = EmbeddedGateway(Path(folder) / "gateway", ports)
        environment = {
            "CEC_AMQP_URL": amqp_url,
            "CEC_LOG_LEVEL": "ERROR",
            "CEC_SERVICE_DATABASE_URL": credits_url,
            "CEC_NATIONAL_ID_INDEX_KEY": "k" * 32,
        }
        async with (
            process("cec_credits", "serve", CEC_SERVICE_PORT=str(ports["credits"]), **environment),
            process("tests.load.bare_endpoint", "", BARE_DSN=_dsn(credits_url), BARE_PORT=str(ports["reporting"])),
        ):
            gateway.start()
            try:
                return await _in_turns(gateway.url, person, token, seconds)
            finally:
                gateway.stop()


async def _in_turns(gateway: str, person: UUID, token: str, seconds: float) -> dict[str, float]:
    urls = {
        "statement": f"{gateway}/api/v1/credits/statements/{person}/2",
        "bare": f"{gateway}/api/v1/reporting/rows/{person}/2",
    }
    for url in urls.values():
        await answers(url, token)
    rates: dict[str, list[float]] = {name: [] for name in urls}
    for _ in range(2):
        for name, url in urls.items():
            rates[name].append(await requests_per_second(url, token, seconds=seconds))
    return {name: sum(values) / len(values) for name, values in rates.items()}


async def answers(url: str, token: str) -> None:
    """Waits until the address answers 200 to the token."""
    request = urllib.request.Request(url, headers={"Authorization": f"Bearer {token}"})
    async with asyncio.timeout(30):
        while True:
            try:
                with await asyncio.to_thread(urllib.request.urlopen, request, timeout=5):
                    return
            except urllib.error.URLError:
                await asyncio.sleep(0.1)


async def _seed(credits_url: str, person: UUID, key: TestKey) -> None:
    database = Database(credits_url, SystemClock())
    courses = [new_id() for _ in range(RECORDS)]
    await take_in(database, background([person], courses))
    await take_in(database, [attendance_of(person, course, "2", "learner") for course in courses])
    await recalculate(database)
    await trust(database, key)
    await database.close()


def _dsn(url: str) -> str:
    return url.replace("+asyncpg", "")
