"""Serving over a real socket: start, stop with a request in flight, a taken port, a start-up that fails."""

from __future__ import annotations

import asyncio
import signal
import socket
import sys
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import httpx
import pytest
from litestar import Litestar, get
from litestar.params import FromQuery
from tests.support.http import app_of

from cec_chassis.http import public
from cec_chassis.http import server as server_module
from cec_chassis.http.server import PortTaken, require_free_port, serve

HOST = "127.0.0.1"


@get("/quick", **public)
async def quick() -> str:
    return "quick"


@get("/slow", **public)
async def slow(seconds: FromQuery[float] = 0.5) -> str:
    await asyncio.sleep(seconds)
    return "slow"


@pytest.fixture
def port() -> int:
    with socket.socket() as free:
        free.bind((HOST, 0))
        return int(free.getsockname()[1])


async def until_open(port: int) -> None:
    async with asyncio.timeout(20):
        while True:
            try:
                _, writer = await asyncio.open_connection(HOST, port)
            except OSError:
                await asyncio.sleep(0.02)
            else:
                writer.close()
                return


async def test_a_request_in_flight_is_finished_before_the_end(port: int) -> None:
    seen: list[str] = []

    @asynccontextmanager
    async def lifespan(_app: Litestar) -> AsyncIterator[None]:
        seen.append("up")
        yield
        seen.append("down")

    stop = asyncio.Event()
    serving = asyncio.create_task(serve(app_of(quick, slow, lifespan=[lifespan]), HOST, port, stop))
    await until_open(port)
    async with httpx.AsyncClient(base_url=f"http://{HOST}:{port}") as client:
        assert (await client.get("/quick")).text == "quick"
        in_flight = asyncio.create_task(client.get("/slow"))
        await asyncio.sleep(0.1)
        stop.set()
        assert (await in_flight).text == "slow"
    await asyncio.wait_for(serving, 10)
    assert seen == ["up", "down"]
    require_free_port(HOST, port)


async def test_a_request_that_never_ends_is_cut_off(port: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(server_module, "GRACE_SECONDS", 0.3)
    stop = asyncio.Event()
    serving = asyncio.create_task(serve(app_of(slow), HOST, port, stop))
    await until_open(port)
    async with httpx.AsyncClient(base_url=f"http://{HOST}:{port}", timeout=30) as client:
        endless = asyncio.create_task(client.get("/slow?seconds=20"))
        await asyncio.sleep(0.1)
        stop.set()
        await asyncio.wait_for(serving, 5)
        endless.cancel()


async def test_a_taken_port_is_told_and_not_shared(port: int) -> None:
    stop = asyncio.Event()
    serving = asyncio.create_task(serve(app_of(quick), HOST, port, stop))
    await until_open(port)
    with pytest.raises(PortTaken, match=f"{HOST}:{port}"):
        await serve(app_of(quick), HOST, port, asyncio.Event())
    stop.set()
    await asyncio.wait_for(serving, 10)


async def test_a_start_up_that_fails_ends_the_serving(port: int) -> None:
    @asynccontextmanager
    async def lifespan(_app: Litestar) -> AsyncIterator[None]:
        raise LookupError("no rule set")
        yield

    with pytest.raises(Exception, match="lifespan"):
        await asyncio.wait_for(serve(app_of(quick, lifespan=[lifespan]), HOST, port, asyncio.Event()), 10)


PROGRAM = """
from litestar import get
from cec_chassis.http import public
from cec_chassis.http.server import run_granian
from tests.support.http import app_of

@get("/quick", **public)
async def quick() -> str:
    return "quick"

def create():
    return app_of(quick)

if __name__ == "__main__":
    import sys
    run_granian("program:create", "127.0.0.1", int(sys.argv[1]))
"""


async def test_a_process_of_its_own_serves_and_ends_on_sigterm(port: int, tmp_path: Path) -> None:
    (tmp_path / "program.py").write_text(PROGRAM, encoding="utf-8")
    root = Path(__file__).parents[3]
    path = f"{tmp_path}:{root}"
    process = await asyncio.create_subprocess_exec(
        sys.executable, "program.py", str(port), cwd=tmp_path, env={"PYTHONPATH": path, "PATH": "/bin"}
    )
    try:
        await until_open(port)
        async with httpx.AsyncClient(base_url=f"http://{HOST}:{port}") as client:
            assert (await client.get("/quick")).text == "quick"
        process.send_signal(signal.SIGTERM)
        started = time.monotonic()
        assert await asyncio.wait_for(process.wait(), 15) == 0
        assert time.monotonic() - started < 10
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
