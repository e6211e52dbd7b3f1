"""A national ID is in identity, sealed, and nowhere else: not in a log, a trace, an event, a table or a refusal."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable
from email.message import EmailMessage
from pathlib import Path
from typing import NamedTuple

import asyncpg
import pytest
from tests.support.collector import Collector
from tests.support.eventually import eventually
from tests.system import errands
from tests.system.logs import log_files
from tests.system.misplaced import MISTAKES, NUMBER
from tests.system.people import World
from tests.system.spy import Spy
from tests.system.tables import Tables

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


NUMBERS = [*numbers_of_the_demo(), *errands.NUMBERS]
ANY_NUMBER = re.compile("|".join(NUMBERS), re.IGNORECASE)


@pytest.fixture(scope="module", autouse=True)
async def everything_done(world: World, stack: Stack) -> None:
    """The main job, and whatever else has to do with national IDs; else silence would prove little."""
    await errands.errands(world, stack)


def assert_silent(what: str, text: str) -> None:
    found = ANY_NUMBER.search(text)
    assert found is None, f"{what} has {text[max(0, found.start() - 60) : found.end() + 20]!r}"


def assert_logs_are_silent(stack: Stack) -> None:
    for file in log_files(stack):
        assert_silent(file.name, file.read_text(encoding="utf-8", errors="replace"))


def test_the_demo_has_numbers_to_look_for() -> None:
    assert len(numbers_of_the_demo()) >= 3
    assert NUMBER in NUMBERS
    assert all(re.fullmatch("[A-Z][A-Z0-9][0-9]{8}", number) for number in NUMBERS)


def test_no_log_has_one(stack: Stack) -> None:
    names = {file.stem for file in log_files(stack)}
    assert names >= {*SERVICES, "postgres", "rabbitmq", "gateway", "access"}
    told = (stack.log_directory / "identity.log").read_text(encoding="utf-8")
    for path in ("registry/imports", "activation/password", "/apply", "/national-id", "/merge", "recovery/password"):
        assert path in told
    assert_logs_are_silent(stack)


async def test_no_trace_or_metric_has_one(collector: Collector) -> None:
    await eventually(lambda: collector.services() >= set(SERVICES), within=30, what="spans of all six services arrived")
    named = {span.name for spans in collector.spans() for scope in spans.scope_spans for span in scope.spans}
    assert {"POST /registry/imports", "POST /activation/checks", "POST /apply", "enrolment batch"} <= named
    assert_exports_are_silent(collector)


def assert_exports_are_silent(collector: Collector) -> None:
    for path, bodies in list(collector.bodies.items()):
        for body in list(bodies):
            assert_silent(f"an export to {path}", body.decode("utf-8", "replace"))


def test_no_message_on_the_bus_has_one(spy: Spy) -> None:
    assert_heard_enough(spy.all())
    for body in spy.bodies:
        assert_silent("a message", body.decode())


def assert_heard_enough(events: Iterable[CloudEvent]) -> None:
    """Else silence would prove nothing."""
    heard = {event.type for event in events}
    assert heard >= {
        "cec.identity.practitioner_registered.v1",
        "cec.identity.practitioner_changed.v1",
        "cec.identity.account_opened.v1",
        "cec.enrolment.attendance_recorded.v1",
        "cec.public.standing_changed.v1",
    }


class Found(NamedTuple):
    """The column that has what was looked for, and its row."""

    column: str
    row: str


COLUMNS = """
SELECT attname AS name, atttypid = 'bytea'::regtype AS bytes FROM pg_attribute
WHERE attrelid = CAST($1 AS regclass) AND attnum > 0 AND NOT attisdropped ORDER BY attnum
"""


async def found_in(connection: asyncpg.Connection[asyncpg.Record], table: str, pattern: str) -> Found | None:
    """The first row of a table in which the pattern is found, in any column; those of bytes are searched as text."""
    for column in await connection.fetch(COLUMNS, table):
        name = f'"{column["name"]}"'
        text = f"encode({name}, 'escape')" if column["bytes"] else f"CAST({name} AS text)"
        row = await connection.fetchval(f"SELECT CAST(t AS text) FROM {table} AS t WHERE {text} ~* $1 LIMIT 1", pattern)
        if row is not None:
            return Found(column["name"], row)
    return None


@pytest.mark.parametrize("service", SERVICES)
async def test_no_row_of_any_table_has_one(tables: Tables, service: str) -> None:
    """The outbox is one of them."""
    searched = await tables.names(service)
    assert {"outbox", "audit_log", "inbox"} <= set(searched)
    for table in searched:
        assert await found_in(tables.connections[service], table, ANY_NUMBER.pattern) is None, table


PLANTED = {"text": "CAST($1 AS text)", "jsonb": "jsonb_build_object('deep', jsonb_build_array(CAST($1 AS text)))"} | {
    "bytea": "convert_to('{\"national_id\": \"' || $1 || '\"}', 'UTF8')",
    "_text": "ARRAY['', CAST($1 AS text)]",
}
"""How a value of each type has a number in it."""
PLANTABLE = """
SELECT attname AS name, typname AS type FROM pg_attribute JOIN pg_type ON pg_type.oid = atttypid
WHERE attrelid = CAST($1 AS regclass) AND attnum > 0 AND NOT attisdropped AND typname = ANY($2)
"""


@pytest.mark.parametrize("service", SERVICES)
async def test_the_search_finds_one_that_was_planted_in_any_column_of_any_table(tables: Tables, service: str) -> None:
    """In a copy of each table that has no rows and lasts as long as the transaction."""
    connection, planted = tables.connections[service], set()
    for table in await tables.names(service):
        for column in await connection.fetch(PLANTABLE, table, list(PLANTED)):
            transaction = connection.transaction()
            await transaction.start()
            try:
                await connection.execute(f"CREATE TEMP TABLE planted AS SELECT * FROM {table} WITH NO DATA")
                assert await found_in(connection, "planted", ANY_NUMBER.pattern) is None
                plant = f'INSERT INTO planted ("{column["name"]}") VALUES ({PLANTED[column["type"]]})'
                await connection.execute(plant, NUMBERS[-1].lower())
                found = await found_in(connection, "planted", ANY_NUMBER.pattern)
                assert found is not None, f"{table}.{column['name']}"
                assert found.column == column["name"]
            finally:
                await transaction.rollback()
            planted.add((table, column["type"]))
    assert {("outbox", "jsonb"), ("audit_log", "text")} <= planted
    if service == "identity":
        assert {("announcement_files", "bytea"), ("mails", "jsonb")} <= planted


@pytest.mark.parametrize("mistake", MISTAKES)
async def test_a_refusal_does_not_repeat_it_and_no_log_keeps_it(world: World, stack: Stack, mistake: str) -> None:
    who, path, sent = MISTAKES[mistake]
    method, _, path = path.rpartition(" ")
    answer = await getattr(world, who).ask(method or "POST", _path(path, world), **sent)
    assert 400 <= answer.status_code < 500, answer.text
    assert_silent("the answer", answer.text + str(answer.headers))
    assert_logs_are_silent(stack)


def _path(path: str, world: World) -> str:
    return path.format(course=world.course["course_id"], practitioner=world.practitioner_id)


async def test_an_institution_is_looked_up_with_a_national_id_and_no_log_keeps_it(world: World, stack: Stack) -> None:
    """People type the wrong one of two numbers of ten characters."""
    answer = await world.nobody.ask("GET", "/identity/institutions", params={"code": NUMBER})
    assert answer.status_code in {200, 422}
    assert_silent("the answer", answer.text)
    assert_logs_are_silent(stack)


def secrets_of(world: World, stack: Stack) -> list[str]:
    """Passwords that were typed and tokens that were given out."""
    callers = (world.admin, world.offering, world.review, world.committee, world.practitioner, world.other_system)
    tokens = [caller.tokens[name] for caller in callers for name in ("access_token", "refresh_token")]
    return [stack.demo_password, errands.NEW_PASSWORD, stack.administrator[1], *tokens]


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


def test_no_mail_has_a_national_id_or_a_password(stack: Stack) -> None:
    """Headers and every text of it, decoded as a program for mail does: what is in base64 hides from a search."""
    mails = errands.mail_files(stack)
    kinds = {part for mail in mails for part in errands.kinds_of(mail)}
    assert len(mails) >= 5
    assert kinds >= {"text/plain", "text/html"}
    for mail in mails:
        for text in errands.parts_of(mail):
            assert_silent(mail.name, text)
            assert stack.demo_password not in text
            assert errands.NEW_PASSWORD not in text


def test_a_national_id_in_the_html_of_a_mail_would_be_found(tmp_path: Path) -> None:
    mail = EmailMessage()
    mail.set_content("王示範 您好")
    mail.add_alternative(f"<p>王示範 {NUMBERS[0]}</p>", subtype="html", cte="base64")
    path = tmp_path / "0001-x@example.org.eml"
    path.write_bytes(mail.as_bytes())
    assert NUMBERS[0] not in path.read_text(encoding="utf-8")
    assert sum(ANY_NUMBER.search(text) is not None for text in errands.parts_of(path)) == 1
