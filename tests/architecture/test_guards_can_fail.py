"""Each guard complains about something that is wrong on purpose; a guard that cannot fail guards nothing."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import msgspec
import pytest
from litestar import Litestar
from sqlalchemy import MetaData
from tests.architecture import guards

from cec_chassis.bus.subscription import Received, Subscription
from cec_chassis.database import Transaction
from cec_chassis.database.migrations import heads
from cec_chassis.http import RouteAccess
from cec_chassis.service import Runtime, Service
from cec_contracts.asyncapi import Queue, Topology
from cec_contracts.envelope import EventType


class Nothing(msgspec.Struct):
    """The body of an event that carries none."""


def event(name: str) -> EventType[Nothing]:
    return EventType(name, Nothing, "無", "Nothing")


MADE, SOLD = event("cec.shop.made.v1"), event("cec.shop.sold.v1")


def _no_app(_runtime: Runtime) -> Litestar:
    raise NotImplementedError


async def _no_handler(_tx: Transaction, _events: Sequence[Received[Any]]) -> None:
    raise NotImplementedError


def service(name: str, publishes: tuple[EventType[Any], ...] = (), hears: tuple[EventType[Any], ...] = ()) -> Service:
    subscriptions = tuple(Subscription(heard, _no_handler) for heard in hears)
    return Service(name, Path(), MetaData(), _no_app, subscriptions=subscriptions, publishes=publishes)


def test_a_route_outside_the_table_of_access_is_seen() -> None:
    table = [
        RouteAccess("GET", "/listed", ("public",), "shop.things.list"),
        RouteAccess("GET", "/health", ("public",)),
        RouteAccess("GET", "/open", ("public",)),
        RouteAccess("POST", "/silent", (), "shop.things.make"),
        RouteAccess("GET", "/guarded", ("practitioner",)),
    ]
    assert guards.outside_the_table(table, frozenset({("GET", "/health")})) == [
        "GET /open names no permission of the table",
        "POST /silent names no permission of the table",
        "GET /guarded names no permission of the table",
    ]


def test_an_act_that_an_old_session_can_do_is_seen() -> None:
    table = [
        RouteAccess("GET", "/things", ("clerk",), "shop.things.read"),
        RouteAccess("POST", "/things", ("clerk",), "shop.things.make", fresh=True),
        RouteAccess("PUT", "/things", ("clerk", "other_system"), "shop.things.change"),
        RouteAccess("POST", "/wishes", ("clerk", "guest"), "shop.wishes.make"),
        RouteAccess("POST", "/secrets", ("guest",), "shop.secrets.make"),
        RouteAccess("POST", "/drafts", ("clerk",), "shop.drafts.make"),
    ]
    excepted = frozenset({"shop.drafts.make", "shop.things.make"})
    assert guards.not_asked_again(table, "clerk", frozenset({"shop.secrets.make"}), excepted) == [
        "shop.secrets.make needs no fresh sign-in",
        "shop.things.change needs no fresh sign-in",
        "shop.things.make is on the list and needs none",
    ]


def test_an_event_with_no_publisher_or_two_is_seen() -> None:
    services = {"shop": service("shop", (MADE,)), "other": service("other", (MADE, event("cec.other.new.v1")))}
    assert guards.published_once(services, [MADE.name, SOLD.name]) == [
        "cec.shop.sold.v1 is published by nobody",
        "cec.shop.made.v1 is published by 2 services",
        "cec.other.new.v1 is not in the catalogue",
    ]


def test_a_binding_without_a_publisher_is_seen() -> None:
    queue = Queue(name="shop.events", bindings=(("cec.shop", MADE.name), ("cec.shop", "cec.shop.mdae.v1")))
    assert guards.bound_to_somebody(Topology(queues=(queue,)), [MADE.name]) == [
        "shop.events is bound to cec.shop.mdae.v1, which nobody publishes"
    ]


def test_an_event_that_nobody_hears_is_seen_and_so_is_a_stale_exception() -> None:
    services = {"shop": service("shop", hears=(MADE,))}
    assert guards.heard_by_somebody(services, [MADE.name, SOLD.name], frozenset({MADE.name, "cec.gone.v1"})) == [
        "cec.shop.sold.v1 has no consumer",
        "cec.shop.made.v1 has a consumer now: take it off the list",
        "cec.gone.v1 is on the list and does not exist",
    ]


GOOD = {
    "x-queue-type": "quorum",
    "x-dead-letter-exchange": "",
    "x-dead-letter-routing-key": "dead",
    "x-dead-letter-strategy": "at-least-once",
    "x-overflow": "reject-publish",
}


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        ({}, "live has no dead-letter queue"),
        (GOOD | {"x-dead-letter-exchange": "somewhere"}, "live has no dead-letter queue"),
        (GOOD | {"x-dead-letter-routing-key": "gone"}, "live sends its dead letters to gone, which is not declared"),
        (GOOD | {"x-dead-letter-strategy": "at-most-once"}, "live may lose dead letters"),
        (GOOD | {"x-overflow": "drop-head"}, "live may lose dead letters"),
    ],
)
def test_a_queue_that_loses_dead_letters_is_seen(arguments: dict[str, Any], complaint: str) -> None:
    topology = Topology(queues=(Queue(name="live", arguments=arguments), Queue(name="dead")))
    assert guards.dead_letters_kept(topology, frozenset({"dead"})) == [complaint]
    good = Topology(queues=(Queue(name="live", arguments=GOOD), Queue(name="dead")))
    assert guards.dead_letters_kept(good, frozenset({"dead"})) == []


def test_a_queue_of_another_type_is_seen() -> None:
    topology = Topology(queues=(Queue(name="a"), Queue(name="b", arguments={"x-queue-type": "classic"})))
    assert guards.quorum_everywhere(topology, frozenset()) == ["a is of type None", "b is of type classic"]


def test_an_event_published_beside_the_list_is_seen(tmp_path: Path) -> None:
    (tmp_path / "publishes.py").write_text("PUBLISHES = (MADE,)")
    (tmp_path / "subscribes.py").write_text("SUBSCRIPTIONS = (HEARD,)")
    (tmp_path / "sell.py").write_text("tx.publish(shop.SOLD, body=None)")
    constants = {"MADE": MADE.name, "SOLD": SOLD.name, "HEARD": "cec.other.heard.v1"}
    used = guards.used_events(tmp_path, constants)
    assert used["sell.py"] == Counter({SOLD.name: 1})
    assert guards.registered(used, [MADE.name]) == [
        "sell.py publishes cec.shop.sold.v1, which publishes.py does not list",
        "publishes.py lists cec.shop.made.v1, which no operation publishes",
    ]


@pytest.mark.parametrize(
    "source",
    [
        "class Award:\n    points: float",
        "total = float(text)",
        "points = Decimal(0.1)",
        "Column('points', Float)",
        "Column('points', sqlalchemy.Float)",
        "def add(points: float) -> None: ...",
        'SQL = "CREATE TABLE t (points double precision)"',
        'SQL = "points float8 NOT NULL"',
        "RATE = 0.5",
    ],
)
def test_a_binary_fraction_is_seen(source: str) -> None:
    assert len(guards.floats_in(source, "file.py")) == 1


@pytest.mark.parametrize(
    "source",
    [
        "POLL_SECONDS = 0.25",
        "def wait(seconds: float) -> None: ...",
        "await asyncio.sleep(0.1)",
        "points = Decimal('0.1')",
    ],
)
def test_a_length_of_time_may_be_a_fraction(source: str) -> None:
    assert guards.floats_in(source, "file.py") == []


def test_a_missing_file_is_seen(tmp_path: Path) -> None:
    found = guards.missing_files(tmp_path / "shop", "cec_shop")
    assert "shop has no cec_shop/publishes.py" in found
    assert "shop has no migration" in found
    assert len(found) == len(guards.SERVICE_FILES) + 1


def test_a_question_that_a_readme_leaves_open_is_seen() -> None:
    readme = "# shop\n## Owns\n| publishes | x |\n**Consumes** nothing.\n**Tables** `a`\n## Run\nWhen it breaks, run.\n"
    assert guards.missing_topics(readme, "shop") == ["shop does not say: when it breaks"]


def test_a_file_that_is_too_long_is_seen() -> None:
    files = [("short.py", "line\n" * guards.LONGEST_FILE), ("long.py", "line\n" * (guards.LONGEST_FILE + 1))]
    assert guards.too_long(files) == [f"long.py has {guards.LONGEST_FILE + 1} lines"]


def test_two_migration_heads_are_seen(tmp_path: Path) -> None:
    versions = tmp_path / "versions"
    versions.mkdir()
    for revision, before in (("0001", None), ("0002", "0001"), ("0003", "0001")):
        (versions / f"{revision}.py").write_text(f"revision = {revision!r}\ndown_revision = {before!r}\n")
    assert sorted(heads(tmp_path)) == ["0002", "0003"]
