"""A part of a process that ends by itself is seen: in the log, in readiness, and by whoever watches the process."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
from collections.abc import Callable, Coroutine
from pathlib import Path

import pytest
from structlog.testing import capture_logs
from tests.support.eventually import eventually
from tests.support.http import app_of, client_of

from cec_chassis import gauges, parts
from cec_chassis.parts import PartEnded, Parts, until_stopped
from cec_chassis.processes import _kept_running
from cec_chassis.service import Runtime
from cec_chassis.settings import ServiceSettings
from cec_local.ports import PortBook
from cec_reporting.service import SERVICE

PROCESS = """
import asyncio, sys
from cec_chassis import processes
from cec_chassis.cli import _run
from cec_reporting.service import SERVICE

async def worker(runtime, stop):
    await asyncio.sleep(0.5)
    {end}

processes.PARTS["all"] = (processes.api, worker)
_run(processes.run(SERVICE, "all"))
"""
ENDS = {
    "a cancellation that nobody asked for": "raise asyncio.CancelledError",
    "an error": "raise KeyError('forgotten')",
    "no word at all": "return",
}


@pytest.mark.parametrize("end", ENDS.values(), ids=ENDS.keys())
def test_a_process_whose_worker_ends_by_itself_ends_with_a_code_and_says_so(tmp_path: Path, end: str) -> None:
    environment = {
        **os.environ,
        "CEC_SERVICE_PORT": str(PortBook(tmp_path / "ports.json").get("api")),
        "CEC_SERVICE_DATABASE_URL": "postgresql://nobody:nothing@127.0.0.1:1/none",
        "CEC_AMQP_URL": "amqp://nobody:nothing@127.0.0.1:1/none",
    }
    done = subprocess.run(
        [sys.executable, "-c", PROCESS.format(end=end)],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert done.returncode == 1, done.stdout + done.stderr
    assert "part.ended" in done.stdout + done.stderr


async def test_whoever_is_told_to_end_ends_as_told() -> None:
    state = Parts()
    running = asyncio.create_task(until_stopped("worker", "probe", asyncio.sleep(60), asyncio.Event(), state))
    await asyncio.sleep(0)
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running
    assert state.ended == set()


async def test_readiness_names_the_part_that_has_ended() -> None:
    app = app_of()
    app.state["parts"] = state = Parts()
    async with client_of(app) as client:

        async def gone() -> None:
            raise asyncio.CancelledError

        with pytest.raises(PartEnded):
            await until_stopped("worker", "probe", gone(), asyncio.Event(), state)
        answer = await client.get("/health/ready")
    assert answer.status_code == 503
    assert "dependencies.worker" in [error["path"] for error in answer.json()["errors"]]


def test_a_part_waits_when_it_could_not_work_for_a_while(monkeypatch: pytest.MonkeyPatch) -> None:
    state = Parts(working={"consumer": lambda: False})
    assert state.waiting() == [], "a connection may just be coming back"
    monkeypatch.setattr(parts, "PATIENCE_SECONDS", 0.0)
    assert state.waiting() == ["consumer"]
    state.working["consumer"] = lambda: True
    assert state.waiting() == []


@pytest.mark.parametrize("error", [KeyError, asyncio.CancelledError])
async def test_a_gauge_that_fails_is_told_and_measured_again(
    monkeypatch: pytest.MonkeyPatch, error: type[BaseException]
) -> None:
    looks = 0

    async def measure_badly(_runtime: Runtime) -> None:
        nonlocal looks
        looks += 1
        raise error

    monkeypatch.setattr(gauges, "EVERY_SECONDS", 0.01)
    with capture_logs() as lines:
        await _while(lambda stop: gauges.report(measure_badly, _runtime(), stop), lambda: looks > 2)
    assert {line["event"] for line in lines} == {"loop.failed"}
    assert lines[0]["loop"] == "measure_badly"


async def test_a_loop_that_is_cancelled_by_nobody_is_started_again(monkeypatch: pytest.MonkeyPatch) -> None:
    begun = 0

    async def sweep(_runtime: Runtime, _stop: asyncio.Event) -> None:
        nonlocal begun
        begun += 1
        raise asyncio.CancelledError

    monkeypatch.setattr("cec_chassis.processes.RESTART_SECONDS", 0.01)
    await _while(lambda stop: _kept_running(sweep, _runtime(), stop), lambda: begun > 2)


async def _while(work: Callable[[asyncio.Event], Coroutine[None, None, None]], condition: Callable[[], bool]) -> None:
    stop = asyncio.Event()
    running = asyncio.create_task(work(stop))
    await eventually(condition)
    stop.set()
    await running


def _runtime() -> Runtime:
    return Runtime(SERVICE, ServiceSettings(service="reporting", database_url="postgresql://h/n", amqp_url="amqp://h/"))
