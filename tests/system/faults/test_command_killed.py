"""Enrolment's API dies by `kill -9` in the middle of a command; the client asks again under the same key: done once."""

from __future__ import annotations

import signal
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from uuid import UUID

import httpx
import pytest
from tests.support.eventually import eventually
from tests.support.facts import UNIT, approval_of, practitioner_of
from tests.support.tokens import AUDIENCE, ISSUER, TestKey, an_actor, trust
from tests.system.faults.facts_told import PROFESSION, ROLE
from tests.system.faults.processes import ServiceProcess
from tests.system.faults.town import Town, fetch, pairs

from cec_chassis.ids import new_id
from cec_contracts.vocabulary import AccountRole
from cec_enrolment.courses.on_review import on_course_approval
from cec_enrolment.practitioners.on_identity import on_practitioner

pytestmark = pytest.mark.system


@dataclass
class Clerk:
    """Somebody of the offering unit, a course of theirs, and two people who attended it."""

    town: Town
    headers: dict[str, str]
    course_id: UUID
    people: list[UUID]
    port: int

    @asynccontextmanager
    async def serving(self, **changes: str) -> AsyncIterator[ServiceProcess]:
        process = self.town.start(
            "enrolment",
            "serve",
            CEC_SERVICE_PORT=str(self.port),
            CEC_TOKEN_ISSUER=ISSUER,
            CEC_TOKEN_AUDIENCE=AUDIENCE,
            **changes,
        )
        try:
            await eventually(self._answers, what="the API answers")
            yield process
        finally:
            process.kill()
            await eventually(lambda: process.has_ended)

    async def record(self, person: UUID, key: str) -> httpx.Response:
        """Raises httpx.TransportError when the answer is lost."""
        async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{self.port}", trust_env=False) as client:
            return await client.post(
                f"/rosters/{self.course_id}/attendances",
                json={"practitioner_id": str(person), "role": ROLE},
                headers=self.headers | {"Idempotency-Key": key},
            )

    async def recorded(self) -> int:
        """How many attendances there are; each must be in the table, in the outbox and in the audit log."""
        rows = await fetch(
            self.town.enrolment_url,
            "SELECT (SELECT count(*) FROM attendances WHERE course_id = $1) AS lines,"
            " (SELECT count(*) FROM outbox WHERE data ->> 'course_id' = $2) AS told,"
            " (SELECT count(*) FROM audit_log WHERE after ->> 'course_id' = $2) AS audited",
            self.course_id,
            str(self.course_id),
        )
        assert rows[0]["lines"] == rows[0]["told"] == rows[0]["audited"]
        return int(rows[0]["lines"])

    async def _answers(self) -> bool:
        try:
            async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{self.port}", trust_env=False) as client:
                return (await client.get("/health/live")).is_success
        except httpx.TransportError:
            return False


@pytest.fixture(scope="module")
async def key(town: Town) -> TestKey:
    key = TestKey()
    await trust(town.enrolment, key)
    return key


@pytest.fixture
async def clerk(town: Town, key: TestKey) -> Clerk:
    now = town.clock.now()
    licence = {"valid_from": "2020-01-01", "valid_until": "2099-12-31", "extended_until": None}
    case = {"profession": PROFESSION, "licence": licence, "practice_areas": []}
    people = [practitioner_of(case, new_id()) for _ in range(2)]
    record = {
        "method": "M01",
        "role": ROLE,
        "attribute": "professional",
        "infection_control": False,
        "gender": False,
        "starts_at": (now - timedelta(hours=2)).isoformat(),
        "ends_at": (now - timedelta(hours=1)).isoformat(),
    }
    course = approval_of(new_id(), record, PROFESSION, Decimal("1.20"))
    async with town.enrolment.transaction() as tx:
        await on_practitioner(tx, [person.received() for person in people])
        await on_course_approval(tx, [course.received()])
    actor = an_actor(AccountRole.OFFERING_UNIT.value, organisation_id=UNIT)
    return Clerk(town, key.headers(actor), course.subject, [person.subject for person in people], _free_port())


@pytest.mark.parametrize(
    ("point", "nth"), pairs("command.before_transaction", "command.before_commit", "command.after_commit")
)
async def test_a_command_whose_answer_was_lost_is_asked_again_and_done_once(clerk: Clerk, point: str, nth: int) -> None:
    async with clerk.serving(CEC_FAILPOINT=f"{point}:{nth}:exit137") as dying:
        for earlier in clerk.people[1:nth]:
            assert (await clerk.record(earlier, "earlier")).status_code == 201
        with pytest.raises(httpx.TransportError):
            await clerk.record(clerk.people[0], "once")
        assert await dying.end() == -signal.SIGKILL
    was_done = point == "command.after_commit"
    assert await clerk.recorded() == nth - 1 + was_done
    async with clerk.serving():
        again = await clerk.record(clerk.people[0], "once")
    assert again.status_code == 201
    assert again.headers.get("Idempotency-Replayed", "false") == str(was_done).lower()
    assert await clerk.recorded() == nth


def _free_port() -> int:
    with socket.socket() as trial:
        trial.bind(("127.0.0.1", 0))
        return int(trial.getsockname()[1])
