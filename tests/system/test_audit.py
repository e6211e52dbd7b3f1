"""Everything the whole system did stands in sound chains; people read who looked at them; the command agrees."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys

import pytest
from tests.support.eventually import eventually
from tests.system.people import World

from cec_chassis.audit.verify import Verdict, verify
from cec_chassis.clock import SystemClock
from cec_chassis.database import Database
from cec_local.services import SERVICES
from cec_local.stack import Stack

pytestmark = [pytest.mark.system, pytest.mark.timeout(300)]


@pytest.mark.parametrize("service", SERVICES)
async def test_every_row_is_sealed_within_seconds_and_every_chain_is_sound(
    stack: Stack, world: World, service: str
) -> None:
    await world.admin.ask("GET", f"/{service}/audit?reason=test")
    database = Database(stack.database_urls[service], SystemClock())
    found: list[Verdict] = []

    async def all_sealed() -> bool:
        found.append(await verify(database, service))
        return found[-1].unsealed == 0 and found[-1].checked > 0

    try:
        await eventually(all_sealed, within=30, every=0.5, what="every audit row is sealed")
    finally:
        await database.close()
    assert found[-1].sound, found[-1].faults


async def test_the_command_says_so_too(stack: Stack, world: World) -> None:
    environment = os.environ | {
        "CEC_SERVICE_DATABASE_URL": stack.database_urls["review"],
        "CEC_AMQP_URL": "amqp://127.0.0.1:1/none",
    }
    words = [sys.executable, "-m", "cec_review", "audit", "verify"]
    done = await asyncio.to_thread(subprocess.run, words, env=environment, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "review: verified positions 1 to" in done.stdout


async def test_a_practitioner_reads_who_looked(world: World) -> None:
    looked = await world.admin.ask("GET", f"/credits/statements/{world.practitioner_id}/2?purpose=support")
    assert looked.status_code == 200, looked.text
    answer = await world.practitioner.ask("GET", "/credits/looks")
    assert answer.status_code == 200, answer.text
    newest = answer.json()["items"][0]
    assert (newest["role"], newest["purpose"]) == ("system_administrator", "support")
