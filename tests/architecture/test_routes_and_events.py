"""Every route says who may call it; every event has one publisher, a hearer, and queues that lose nothing."""

from __future__ import annotations

from collections.abc import Mapping

import pytest
from deploy.documents.services import ROOT, service_names
from tests.architecture import guards

from cec_chassis.bus.names import PUBLIC_LOG, UNROUTED, QueueNames
from cec_chassis.http import route_table
from cec_chassis.service import Runtime, Service
from cec_contracts.asyncapi import Topology
from cec_contracts.catalogue import EVENTS, PUBLISHER_MODULES
from cec_contracts.envelope import EventType

NAMES = service_names()

MECHANICS = frozenset(
    {("GET", "/health/live"), ("GET", "/health/ready"), ("GET", "/health/version"), ("GET", "/openapi.json")}
)

NOT_HEARD = frozenset(
    {
        # For other systems: they have queues of their own in the public virtual host.
        "cec.public.standing_changed.v1",
    }
)

CONSTANTS = {
    name: value.name
    for module in PUBLISHER_MODULES
    for name, value in vars(module).items()
    if isinstance(value, EventType)
}


@pytest.mark.parametrize("name", NAMES)
def test_every_route_names_a_permission_of_the_table(services: Mapping[str, Service], name: str) -> None:
    """Whom the table lets in, tests/integration/access asks over HTTP."""
    service = services[name]
    table = route_table(service.create_app(Runtime(service, service.documentation_settings())))
    assert guards.outside_the_table(table, MECHANICS) == []
    stale = MECHANICS - {(route.method, route.path) for route in table}
    assert not stale, "the list of the mechanics' routes names some that are not there"


ADMINISTRATOR = "system_administrator"
SENSITIVE = frozenset(
    {
        # of others than administrators alone, by harm that is not mended
        "identity.announcements.publish",
        "identity.authenticators.change",
        "identity.consents.withdraw",
        "identity.personal_data.own",
        "identity.profile.secure",
        "identity.unit.users",
    }
)
LEFT_TO_AN_OLD_SESSION = frozenset(
    {
        "identity.sessions.end",  # takes something from a thief, and nothing from anybody else that a sign-in does not bring
        "identity.practitioners.trace",  # a look, by POST because addresses are logged
        "credits.rules.write",  # drafts; publishing them is another permission
    }
)
"""What administrators alone may do although they signed in long ago, and why."""


def test_what_a_stolen_session_of_an_administrator_could_spoil_needs_a_fresh_one(
    services: Mapping[str, Service],
) -> None:
    """The table of access says so; that it is asked for, tests/integration/access shows over HTTP."""
    table = [
        route
        for service in services.values()
        for route in route_table(service.create_app(Runtime(service, service.documentation_settings())))
    ]
    assert guards.not_asked_again(table, ADMINISTRATOR, SENSITIVE, LEFT_TO_AN_OLD_SESSION) == []
    assert {route.permission for route in table} >= SENSITIVE


def test_every_event_has_exactly_one_publisher(services: Mapping[str, Service]) -> None:
    assert guards.published_once(services, EVENTS) == []


def test_no_two_events_share_a_constant() -> None:
    assert len(CONSTANTS) == len(EVENTS)


@pytest.mark.parametrize("name", NAMES)
def test_what_a_service_publishes_stands_in_its_publishes_file(services: Mapping[str, Service], name: str) -> None:
    used = guards.used_events(ROOT / "services" / name / f"cec_{name}", CONSTANTS)
    assert guards.registered(used, (event.name for event in services[name].publishes)) == []


def test_every_binding_has_a_publisher(services: Mapping[str, Service], topologies: Mapping[str, Topology]) -> None:
    published = {event.name for service in services.values() for event in service.publishes}
    for name in NAMES:
        assert guards.bound_to_somebody(topologies[name], published) == []


def test_every_event_has_a_consumer_or_a_reason_for_having_none(services: Mapping[str, Service]) -> None:
    assert guards.heard_by_somebody(services, EVENTS, NOT_HEARD) == []


@pytest.mark.parametrize("name", NAMES)
def test_every_queue_has_a_dead_letter_queue(topologies: Mapping[str, Topology], name: str) -> None:
    # The last stops: what is in them is moved into the table of parked messages, or is an alarm in itself.
    last = frozenset({QueueNames(name).dead, UNROUTED})
    assert guards.dead_letters_kept(topologies[name], last) == []
    assert guards.quorum_everywhere(topologies[name], frozenset()) == []


def test_what_other_systems_read_is_bounded_and_of_a_type_that_survives(topologies: Mapping[str, Topology]) -> None:
    public = topologies["public"]
    assert guards.quorum_everywhere(public, frozenset({PUBLIC_LOG})) == []
    for queue in public.queues:
        bounds = {"x-max-age"} if queue.name == PUBLIC_LOG else {"x-max-length", "x-message-ttl", "x-overflow"}
        assert bounds <= set(queue.arguments), f"{queue.name} could fill the disk"


def test_the_same_thing_is_declared_alike_by_everybody(topologies: Mapping[str, Topology]) -> None:
    """The broker closes the channel of whoever declares it differently (406)."""
    seen: dict[str, object] = {}
    for topology in topologies.values():
        for exchange in topology.exchanges:
            facts = (exchange.type, exchange.arguments)
            assert seen.setdefault(f"exchange {exchange.name}", facts) == facts, exchange.name
        for queue in topology.queues:
            assert seen.setdefault(f"queue {queue.name}", queue.arguments) == queue.arguments, queue.name
