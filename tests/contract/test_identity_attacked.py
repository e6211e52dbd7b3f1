"""Schemathesis asks identity everything that its document allows, and what it does not: no 5xx, no undocumented answer.

Four examples of either kind for each operation; `HYPOTHESIS_PROFILE=long` asks for many.
"""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any, cast

import httpx
import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis.errors import Unsatisfiable
from schemathesis import GenerationMode
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)
from tests.component.identity.conftest import PASSWORD, settings_for
from tests.conftest import PROFILES, MakeDatabase
from tests.support.eventually import eventually

from cec_chassis.clock import SystemClock
from cec_chassis.http import openapi_document
from cec_chassis.http.server import serve
from cec_chassis.service import Runtime
from cec_identity.service import SERVICE

pytestmark = pytest.mark.timeout(1800)
HOST = "127.0.0.1"


def no_fault_of_ours(_context: object, response: Any, _case: object) -> None:
    """503 is documented, and what nobody has configured here (cards) answers so; any other 5xx is a fault."""
    assert response.status_code < 500 or response.status_code == 503, response.text


CHECKS = [no_fault_of_ours, status_code_conformance, content_type_conformance, response_schema_conformance]
EXAMPLES = 4 if settings().max_examples <= PROFILES["normal"] else 50


@schemathesis.serializer("message/rfc822")
def as_mail(_context: object, value: object) -> bytes:
    """Any text may be what a mail server hands in."""
    return str(value).encode("utf-8", "surrogatepass")


@dataclass(frozen=True)
class Target:
    """The service, listening."""

    url: str
    document: dict[str, Any]

    def signed_in(self) -> dict[str, str]:
        """Headers of an administrator who signs in now; none when what was asked before makes them wait. Anew for each
        operation: some of them end the session, and sensitive ones want a fresh one."""
        who = {"name": "Administrator-1", "password": PASSWORD}
        answer = httpx.post(f"{self.url}/sign-in", json=who, timeout=60)
        return {"Authorization": f"Bearer {answer.json()['access_token']}"} if answer.status_code == 200 else {}


@pytest.fixture
async def target(make_database: MakeDatabase) -> AsyncIterator[Target]:
    clock = SystemClock()
    runtime = Runtime(SERVICE, settings_for(await make_database("identity")), clock)
    for prepare in SERVICE.prepare:
        await prepare(runtime)
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        port = probe.getsockname()[1]
    app, stop = SERVICE.create_app(runtime), asyncio.Event()
    serving = asyncio.create_task(serve(app, HOST, port, stop))
    url = f"http://{HOST}:{port}"

    async def answers() -> bool:
        try:
            async with httpx.AsyncClient() as client:
                return (await client.get(f"{url}/health/live")).status_code == 200
        except httpx.TransportError:
            return False

    await eventually(answers, within=30)
    yield Target(url, openapi_document(app))
    stop.set()
    await serving
    await runtime.close()


def complaints_about(target: Target, mode: GenerationMode) -> list[str]:
    """What was wrong with any answer; runs in a thread of its own."""
    schema = schemathesis.openapi.from_dict(target.document)
    found: list[str] = []
    headers: dict[str, str] = {}
    for result in schema.get_all_operations():
        operation = cast("Any", result).ok()
        headers.update(target.signed_in())

        @settings(
            max_examples=EXAMPLES,
            derandomize=EXAMPLES == 4,
            database=None,
            deadline=None,
            phases=[Phase.generate],
            suppress_health_check=list(HealthCheck),
        )
        @given(case=operation.as_strategy(generation_mode=mode))
        def ask(case: Any) -> None:
            # over what was generated: with a made-up token every answer would be 401
            case.headers = {**(case.headers or {}), **headers}
            case.call_and_validate(base_url=target.url, checks=CHECKS, timeout=30)

        try:
            ask()
        except Unsatisfiable:
            continue  # nothing in its requests can be wrong
        except BaseException as error:
            if isinstance(error, (KeyboardInterrupt, SystemExit)):
                raise
            found.append(f"{operation.label}: {error}")
    return found


@pytest.mark.parametrize("mode", list(GenerationMode), ids=lambda mode: mode.value)
async def test_every_answer_is_documented_and_none_is_a_fault_of_ours(target: Target, mode: GenerationMode) -> None:
    found = await asyncio.to_thread(complaints_about, target, mode)
    assert not found, "\n\n".join(found)
