"""A national ID is in identity, sealed, and nowhere else: not in a log, a trace, an event, a table or a refusal."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable, Mapping
from typing import Any

import pytest
from tests.support.collector import Collector
from tests.support.eventually import eventually
from tests.system.logs import log_files
from tests.system.people import World
from tests.system.spy import Spy
from tests.system.tables import Tables
from tests.system.walking import Walked

from cec_contracts.envelope import CloudEvent
from cec_local.demo.data import FOLDER
from cec_local.services import SERVICES
from cec_local.stack import Stack

pytestmark = [pytest.mark.system, pytest.mark.timeout(300)]


def numbers_of_the_demo() -> list[str]:
    """Every national ID in the files of the demo."""
    found: set[str] = set()
    for name in ("registry.csv", "rosters.csv"):
        with (FOLDER / name).open(encoding="utf-8") as file:
            found.update(row["national_id"] for row in csv.DictReader(file))
    return sorted(found)


NUMBERS = numbers_of_the_demo()
ANY_NUMBER = re.compile("|".join(NUMBERS), re.IGNORECASE)


def assert_silent(what: str, text: str) -> None:
    found = ANY_NUMBER.search(text)
    assert found is None, f"{what} has {text[max(0, found.start() - 60) : found.end() + 20]!r}"


def assert_logs_are_silent(stack: Stack) -> None:
    for file in log_files(stack):
        assert_silent(file.name, file.read_text(encoding="utf-8", errors="replace"))


def test_the_demo_has_numbers_to_look_for() -> None:
    assert len(NUMBERS) >= 3
    assert all(re.fullmatch("[A-Z][0-9]{9}", number) for number in NUMBERS)


@pytest.mark.usefixtures("walked")
def test_no_log_has_one(stack: Stack) -> None:
    names = {file.stem for file in log_files(stack)}
    assert names >= {*SERVICES, "postgres", "rabbitmq", "gateway", "access"}
    assert "registry/imports" in (stack.log_directory / "identity.log").read_text(encoding="utf-8")
    assert_logs_are_silent(stack)


@pytest.mark.usefixtures("walked")
async def test_no_trace_or_metric_has_one(collector: Collector) -> None:
    await eventually(lambda: collector.services() >= set(SERVICES), within=30, what="spans of all six services arrived")
    named = {span.name for spans in collector.spans() for scope in spans.scope_spans for span in scope.spans}
    assert {"POST /registry/imports", "enrolment batch"} <= named
    assert_exports_are_silent(collector)


def assert_exports_are_silent(collector: Collector) -> None:
    for path, bodies in list(collector.bodies.items()):
        for body in list(bodies):
            assert_silent(f"an export to {path}", body.decode("utf-8", "replace"))


def test_no_message_on_the_bus_has_one(walked: Walked, spy: Spy) -> None:
    assert_heard_enough(spy.all())
    for body in spy.bodies:
        assert_silent("a message", body.decode())


def assert_heard_enough(events: Iterable[CloudEvent]) -> None:
    """Else silence would prove nothing."""
    heard = {event.type for event in events}
    assert heard >= {
        "cec.identity.practitioner_registered.v1",
        "cec.enrolment.attendance_recorded.v1",
        "cec.public.standing_changed.v1",
    }


@pytest.mark.usefixtures("walked")
@pytest.mark.parametrize("service", SERVICES)
async def test_no_row_of_any_table_has_one(tables: Tables, service: str) -> None:
    """The outbox is one of them."""
    connection = tables.connections[service]
    searched = await tables.names(service)
    assert {"outbox", "audit_log", "inbox"} <= set(searched)
    for table in searched:
        found = await connection.fetchval(
            f"SELECT CAST(t AS text) FROM {table} AS t WHERE CAST(t AS text) ~* $1 LIMIT 1", ANY_NUMBER.pattern
        )
        assert found is None, f"{table}: {found}"


def json(**body: Any) -> Mapping[str, Any]:
    return {"json": body}


def file(text: str) -> Mapping[str, Any]:
    return {"content": text.encode(), "headers": {"Content-Type": "text/csv"}}


MISTAKES: dict[str, tuple[str, str, Mapping[str, Any]]] = {
    "in the field of another number": ("offering", "/enrolment/rosters/{course}/attendances", json(number=NUMBERS[0])),
    "where a role belongs": ("offering", "/enrolment/rosters/{course}/attendances", json(role=NUMBERS[0])),
    "as the name of a field": ("offering", "/enrolment/rosters/{course}/attendances", {"json": {NUMBERS[0]: 1}}),
    "in a list": ("offering", "/enrolment/rosters/{course}/attendances", json(national_id=[NUMBERS[0]])),
    "in JSON that breaks off": (
        "offering",
        "/enrolment/rosters/{course}/attendances",
        {"content": f'{{"national_id": "{NUMBERS[0]}"', "headers": {"Content-Type": "application/json"}},
    ),
    "in the first line of a roster": ("offering", "/enrolment/rosters/{course}/imports", file(f"{NUMBERS[0]},\n")),
    "where a role belongs in a roster": (
        "offering",
        "/enrolment/rosters/{course}/imports?mode=all",
        file(f"number,role,profession,minutes\nD000001,{NUMBERS[0]},{NUMBERS[0]},{NUMBERS[0]}\n"),
    ),
    "in the first line of a registry file": ("admin", "/identity/registry/imports", file(f"{NUMBERS[0]},王\n")),
    "with a wrong checksum": ("admin", "/identity/practitioners/by-national-id", json(national_id=NUMBERS[0] + "0")),
    "as the name of an account": ("nobody", "/identity/sign-in", json(name=NUMBERS[0], password="something else")),
    "as a column of the registry": ("admin", "/identity/registry/rows", json(rows=[{NUMBERS[0]: "x"}])),
    "in every cell of the registry": (
        "admin",
        "/identity/registry/rows",
        json(rows=[dict.fromkeys(("name", "number", "profession", "institution_code", "area"), NUMBERS[0])]),
    ),
    "as a new number with a wrong checksum": (
        "admin",
        "/identity/practitioners/{practitioner}/national-id",
        json(national_id=NUMBERS[0] + "0", reason="x"),
    ),
    "as the other record of a merge": (
        "admin",
        "/identity/practitioners/{practitioner}/merge",
        json(former_id=NUMBERS[0], reason="x"),
    ),
    "as a profession": (
        "admin",
        f"/identity/professions-elsewhere/D/take-back?profession={NUMBERS[0]}",
        json(reason=[NUMBERS[0]]),
    ),
    "as the name of who forgot it": ("nobody", "/identity/recovery", json(who=NUMBERS[0])),
    "in the path": ("admin", f"/identity/practitioners/{NUMBERS[0]}/national-id", json(reason="x")),
    "in the query": ("offering", f"/enrolment/nowhere?national_id={NUMBERS[0]}", json()),
    "in an id": (
        "offering",
        "/enrolment/rosters/{course}/imports?course=" + NUMBERS[0],
        file(f"number\n{NUMBERS[0]}é"),
    ),
}
"""Where people put a national ID by mistake: who, where, and what is sent."""


@pytest.mark.parametrize("mistake", MISTAKES)
async def test_a_refusal_does_not_repeat_it_and_no_log_keeps_it(world: World, stack: Stack, mistake: str) -> None:
    who, path, sent = MISTAKES[mistake]
    answer = await getattr(world, who).ask("POST", _path(path, world), **sent)
    assert_silent("the answer", answer.text)
    assert_logs_are_silent(stack)


def _path(path: str, world: World) -> str:
    return path.format(course=world.course["course_id"], practitioner=world.practitioner_id)


async def test_an_institution_is_looked_up_with_a_national_id_and_no_log_keeps_it(world: World, stack: Stack) -> None:
    """People type the wrong one of two numbers of ten characters."""
    answer = await world.nobody.ask("GET", "/identity/institutions", params={"code": NUMBERS[0]})
    assert answer.status_code in {200, 422}
    assert_silent("the answer", answer.text)
    assert_logs_are_silent(stack)


def secrets_of(world: World, stack: Stack) -> list[str]:
    """Passwords that were typed and tokens that were given out."""
    callers = (world.admin, world.offering, world.review, world.committee, world.practitioner, world.other_system)
    tokens = [caller.tokens[name] for caller in callers for name in ("access_token", "refresh_token")]
    return [stack.demo_password, stack.administrator[1], *tokens]


async def test_no_log_no_trace_no_message_and_no_row_has_a_password_or_a_token(
    world: World, stack: Stack, spy: Spy, tables: Tables, collector: Collector
) -> None:
    secrets = secrets_of(world, stack)
    assert all(len(secret) >= 8 for secret in secrets)
    any_secret = re.compile("|".join(map(re.escape, secrets)))
    for exported in [body for bodies in list(collector.bodies.values()) for body in bodies]:
        assert any_secret.search(exported.decode("utf-8", "replace")) is None
    for file_ in log_files(stack):
        assert any_secret.search(file_.read_text(encoding="utf-8", errors="replace")) is None, file_.name
    assert not any(any_secret.search(body.decode()) for body in spy.bodies)
    for service in SERVICES:
        for table in await tables.names(service):
            found = await tables.connections[service].fetchval(
                f"SELECT true FROM {table} AS t WHERE CAST(t AS text) LIKE ANY($1) LIMIT 1",
                [f"%{secret}%" for secret in secrets if "%" not in secret],
            )
            assert found is None, table


@pytest.mark.usefixtures("walked")
def test_no_mail_has_a_national_id_or_a_password(stack: Stack) -> None:
    """Whatever mails there were in the run; each says what it has to without them."""
    for mail in (stack.directory / "mail").rglob("*"):
        if mail.is_file():
            text = mail.read_text(encoding="utf-8", errors="replace")
            assert_silent(mail.name, text)
            assert stack.demo_password not in text
