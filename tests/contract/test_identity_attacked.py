"""Schemathesis asks identity everything that its document allows, and what it does not: no 5xx, no undocumented answer.

Four examples of either kind for each operation; `HYPOTHESIS_PROFILE=long` asks for many. People of every role ask, another
system, and anybody; every second time their addresses name what is there. `test_who_may_do_what.py` says who may.
"""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from itertools import count
from typing import Any, cast

import httpx
import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis.errors import Unsatisfiable
from schemathesis import GenerationMode
from schemathesis.core.failures import FailureGroup
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)
from tests.component.identity.conftest import Identity, settings_for
from tests.conftest import PROFILES, MakeDatabase
from tests.contract.identity_callers import ANYBODY, MACHINE, Caller, Seeded, seeded
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
    """The service, listening, with somebody of every kind who asks it."""

    url: str
    document: dict[str, Any]
    seeds: Seeded


@pytest.fixture
async def target(make_database: MakeDatabase) -> AsyncIterator[Target]:
    database_url = await make_database("identity")
    seeding = await Identity.on(database_url)
    runtime = Runtime(SERVICE, settings_for(database_url), SystemClock())
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
    yield Target(url, openapi_document(app), await seeded(seeding, url))
    stop.set()
    await serving
    await runtime.close()
    await seeding.close()


@dataclass
class Attack:
    """Everything that the document knows, asked by everybody; runs in a thread of its own."""

    target: Target
    mode: GenerationMode
    complaints: list[str] = field(default_factory=list)
    let_in: dict[str, set[str]] = field(default_factory=dict)
    """By method and address: who got what they asked for."""
    _examples: int = 0

    def run(self) -> None:
        schema = schemathesis.openapi.from_dict(self.target.document)
        operations = [cast("Any", result).ok() for result in schema.get_all_operations()]
        # what is there is read before it is changed and removed
        for operation in sorted(operations, key=lambda each: each.method.upper() != "GET"):
            self.let_in[operation.label] = set()
            try:
                self._attack(operation)
            except Unsatisfiable:
                continue  # nothing in its requests can be wrong

    def _attack(self, operation: Any) -> None:
        turns = count()

        @settings(
            max_examples=EXAMPLES,
            derandomize=EXAMPLES == 4,
            database=None,
            deadline=None,
            phases=[Phase.generate],
            suppress_health_check=list(HealthCheck),
        )
        @given(case=operation.as_strategy(generation_mode=self.mode))
        def ask(case: Any) -> None:
            self._examples += 1
            real = next(turns) % 2 == 0
            generated = dict(case.path_parameters or {}), dict(case.query or {}), dict(case.headers or {})
            for caller in self._askers():
                case.path_parameters, case.query, case.headers = map(dict, generated)
                if real:
                    self._name_what_is_there(case, caller)
                self._ask(case, caller)
            if self.mode is GenerationMode.NEGATIVE:
                case.query |= {"nobody_knows_this": "1"}
                self._ask(case, caller)

        ask()

    def _askers(self) -> list[Caller]:
        """Whoever asks for what the document allows, all; of what it does not, the administrator and one more."""
        callers = self.target.seeds.callers
        if self.mode is GenerationMode.POSITIVE:
            return callers
        return [callers[0], callers[1 + self._examples % (len(callers) - 1)]]

    def _name_what_is_there(self, case: Any, caller: Caller) -> None:
        real = self.target.seeds.of(caller)
        case.path_parameters |= {name: real[name] for name in case.path_parameters if name in real}
        case.query |= self.target.seeds.in_queries.get(case.operation.label, {})

    def _ask(self, case: Any, caller: Caller) -> None:
        generated = case.headers
        for once_more in (True, False):
            # over what was generated: with a made-up token every answer would be 401
            case.headers = {**generated, **caller.headers}
            response = case.call(base_url=self.target.url, timeout=60, allow_redirects=False)
            if not (once_more and response.status_code == 401 and case.operation.definition.raw.get("security")):
                break
            caller.renew()
        if response.status_code < 400:
            self.let_in[case.operation.label].add(caller.role)
        try:
            case.validate_response(response, checks=CHECKS)
        except FailureGroup as faults:  # told at the end: asked again, the answer would be another one
            wrong = "; ".join(map(str, faults.exceptions))
            self.complaints.append(f"{case.operation.label}, asked by {caller.role}: {wrong}")


@pytest.mark.parametrize("mode", list(GenerationMode), ids=lambda mode: mode.value)
async def test_every_answer_is_documented_and_none_is_a_fault_of_ours(target: Target, mode: GenerationMode) -> None:
    attack = Attack(target, mode)
    await asyncio.to_thread(attack.run)
    assert not attack.complaints, "\n\n".join(attack.complaints)
    if mode is GenerationMode.POSITIVE:
        unread = [asked for asked, who in attack.let_in.items() if asked.startswith("GET ") and not who]
        assert unread == [], "nobody got what they asked for"
    for caller in target.seeds.callers:
        answer = await asyncio.to_thread(ask_at_last, target, caller)
        assert answer.status_code == 200, f"{caller.role}, at last: {answer.text}"


def ask_at_last(target: Target, caller: Caller) -> httpx.Response:
    """Something that the caller may read: whatever was asked before has neither shut them out nor the service down."""
    caller.renew()
    path = {ANYBODY: "/institutions", MACHINE: "/organisations"}.get(caller.role, "/profile")
    return httpx.get(f"{target.url}{path}", headers=caller.headers, timeout=60)
