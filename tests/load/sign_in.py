"""Sign-ins by password through the service itself, beside bare argon2 on the same cores: everything that a sign-in does
besides (lookup, charge, session, tokens, audit, history) has to fit into what is left."""

from __future__ import annotations

import asyncio
import os
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, NamedTuple

import httpx
import msgspec
from pwdlib.hashers.argon2 import Argon2Hasher
from tests.load.freshness import process

from cec_chassis.clock import SystemClock
from cec_chassis.database import Database
from cec_contracts.vocabulary import AccountRole
from cec_identity.accounts.open_account import OpenAccount, open_account
from cec_local.ports import PortBook

PASSWORD = "correct horse battery"
PEOPLE = 16
CORES = os.cpu_count() or 1
SECRETS = {
    "CEC_SECRET_KEY": "s" * 32,
    "CEC_NATIONAL_ID_INDEX_KEY": "k" * 32,
    "CEC_BOOTSTRAP_ADMIN_NAME": "administrator",
    "CEC_BOOTSTRAP_ADMIN_PASSWORD": PASSWORD,
}


class Rates(NamedTuple):
    """Per second."""

    sign_ins: float
    bare: float


async def measure(database_url: str, amqp_url: str, *, seconds: float = 6.0) -> Rates:
    """In turns within one run, the better of two each."""
    password_hash = Argon2Hasher().hash(PASSWORD)
    with tempfile.TemporaryDirectory() as folder:
        port = PortBook(Path(folder) / "bench-ports.json").get("identity")
        environment = {
            "CEC_AMQP_URL": amqp_url,
            "CEC_LOG_LEVEL": "ERROR",
            "CEC_SERVICE_DATABASE_URL": database_url,
            "CEC_SERVICE_PORT": str(port),
            **SECRETS,
        }
        async with process("cec_identity", "migrate", **environment) as migrating:
            await migrating.wait()
        await _open_accounts(database_url, password_hash)
        found = Rates(0, 0)
        async with (
            process("cec_identity", "serve", **environment),
            httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", timeout=30, trust_env=False) as http,
        ):
            await _until_ready(http)
            devices = [await _sign_in(http, number, None) for number in range(PEOPLE)]
            for _ in range(2):
                bare = await asyncio.to_thread(_bare, password_hash, seconds)
                found = Rates(max(found.sign_ins, await _sign_ins(http, devices, seconds)), max(found.bare, bare))
    return found


def _bare(password_hash: str, seconds: float) -> float:
    """Verifications per second, as many at once as there are cores."""
    until = time.perf_counter() + seconds
    begun = time.perf_counter()

    def verify() -> int:
        hasher, done = Argon2Hasher(), 0
        while time.perf_counter() < until:
            assert hasher.verify(PASSWORD, password_hash)
            done += 1
        return done

    with ThreadPoolExecutor(CORES) as pool:
        done = sum(pool.map(lambda _: verify(), range(CORES)))
    return done / (time.perf_counter() - begun)


async def _sign_ins(http: httpx.AsyncClient, devices: list[Any], seconds: float) -> float:
    """Of people who sign in again and again with a device that is known, some more than there are cores."""
    begun, until, done = time.perf_counter(), time.perf_counter() + seconds, 0

    async def again(number: int) -> None:
        nonlocal done
        while time.perf_counter() < until:
            await _sign_in(http, number, devices[number])
            done += 1

    await asyncio.gather(*(again(number) for number in range(CORES * 2)))
    return done / (time.perf_counter() - begun)


async def _sign_in(http: httpx.AsyncClient, number: int, device: str | None) -> Any:
    body = {"name": f"person-{number}", "password": PASSWORD, "device_token": device}
    answer = await http.post("/sign-in", json=body)
    if answer.status_code != 200:
        raise RuntimeError(answer.text)
    return msgspec.json.decode(answer.content)["device_token"]


async def _until_ready(http: httpx.AsyncClient) -> None:
    async with asyncio.timeout(60):
        while True:
            try:
                if (await http.get("/health/ready")).status_code == 200:
                    return
            except httpx.TransportError:
                await asyncio.sleep(0.1)


async def _open_accounts(database_url: str, password_hash: str) -> None:
    database = Database(database_url, SystemClock())
    async with database.transaction() as tx:
        for number in range(PEOPLE):
            command = OpenAccount(
                name=f"person-{number}",
                role=AccountRole.SYSTEM_ADMINISTRATOR,
                organisation_id=None,
                practitioner_id=None,
                password_hash=password_hash,
            )
            await open_account(tx, command)
    await database.close()
