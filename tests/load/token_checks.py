"""What the check of an access token costs: a route behind it beside the same route without, in one process."""

from __future__ import annotations

import asyncio
import statistics
import tempfile
import time
from pathlib import Path
from typing import NamedTuple

from tests.load.freshness import process
from tests.load.http_load import requests_per_second
from tests.load.reads import answers
from tests.support.tokens import AUDIENCE, ISSUER, TestKey, an_actor, trust

from cec_chassis.clock import SystemClock
from cec_chassis.database import Database
from cec_chassis.tokens import KeyRing, SigningKey, TokenVerifier
from cec_local.ports import PortBook

CALLERS = 16


class Rates(NamedTuple):
    """Per second."""

    checked: float
    unchecked: float
    first_looks: float
    """Tokens that were never seen before: a signature each, in one thread."""


async def measure(database_url: str, *, turns: int = 8, seconds: float = 1.5) -> Rates:
    """Sixteen callers with a token each, in short turns of one route and the other; then many callers who come once."""
    key = TestKey()
    database = Database(database_url, SystemClock())
    await trust(database, key)
    await database.close()
    tokens = [key.token(an_actor("practitioner")) for _ in range(CALLERS)]
    rates: dict[str, list[float]] = {"checked": [], "open": []}
    with tempfile.TemporaryDirectory() as folder:
        port = PortBook(Path(folder) / "bench-ports.json").get("checked")
        environment = {"CHECKED_DATABASE_URL": database_url, "CHECKED_PORT": str(port)}
        async with process("tests.load.checked_endpoint", "", **environment):
            for _ in range(turns):
                for route, found in rates.items():
                    url = f"http://127.0.0.1:{port}/{route}"
                    await answers(url, tokens[0])
                    asked = (requests_per_second(url, token, connections=1, seconds=seconds) for token in tokens)
                    found.append(sum(await asyncio.gather(*asked)))
    return Rates(statistics.median(rates["checked"]), statistics.median(rates["open"]), await _first_looks(key))


async def _first_looks(key: TestKey, number: int = 2_000) -> float:
    tokens = [key.token(an_actor("practitioner")).encode() for _ in range(number)]
    clock = SystemClock()

    async def load() -> list[SigningKey]:
        return [key.signing_key()]

    verifier = TokenVerifier(KeyRing(load, clock), issuer=ISSUER, audience=AUDIENCE, clock=clock)
    begun = time.perf_counter()
    for token in tokens:
        await verifier.verify(token)
    return number / (time.perf_counter() - begun)
