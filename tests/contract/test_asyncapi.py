"""The AsyncAPI document says what the services and the broker really do."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest
from deploy.documents.make import ASYNCAPI, FOLDER
from deploy.documents.services import services
from jsonschema import Draft202012Validator

from cec_chassis.bus.names import PUBLIC_PUBLISHER, RETRY_DELAYS
from cec_contracts.catalogue import EVENTS

DOCUMENT: dict[str, Any] = msgspec.json.decode((FOLDER / ASYNCAPI).read_bytes())
CHANNELS: dict[str, Any] = DOCUMENT["channels"]


def _names(operation: dict[str, Any]) -> set[str]:
    return {reference["$ref"].rsplit("/", 1)[1] for reference in operation["messages"]}


@pytest.mark.parametrize("name", sorted(EVENTS))
def test_every_event_has_its_channel_message_meaning_and_example(name: str) -> None:
    event, channel, message = EVENTS[name], CHANNELS[name], DOCUMENT["components"]["messages"][name]
    assert channel["address"] == name
    assert channel["bindings"]["amqp"]["exchange"]["name"] == event.exchange
    assert (message["title"], message["summary"]) == (event.chinese, event.english)
    assert message["examples"][0]["payload"]["type"] == name


@pytest.mark.parametrize("name", sorted(EVENTS))
def test_the_example_satisfies_the_schema_that_stands_beside_it(name: str) -> None:
    message = DOCUMENT["components"]["messages"][name]
    schema = {**message["payload"], "components": DOCUMENT["components"]}
    Draft202012Validator(schema).validate(message["examples"][0]["payload"])


@pytest.mark.parametrize("name", sorted(EVENTS))
def test_another_events_envelope_does_not_satisfy_the_schema(name: str) -> None:
    message = DOCUMENT["components"]["messages"][name]
    schema = {**message["payload"], "components": DOCUMENT["components"]}
    wrong = message["examples"][0]["payload"] | {"type": "cec.other.event.v1"}
    assert not Draft202012Validator(schema).is_valid(wrong)


def test_every_service_sends_and_receives_what_it_says() -> None:
    operations = DOCUMENT["operations"]
    for name, service in services().items():
        sent = {
            message
            for operation in operations.values()
            if operation["action"] == "send" and operation["tags"] == [{"name": name}]
            for message in _names(operation)
        }
        assert sent == {event.name for event in service.publishes}
        received = _names(operations[f"{name}.receives"]) if service.subscriptions else set()
        assert received == {subscription.event.name for subscription in service.subscriptions}


def test_the_queue_of_every_consumer_is_described_with_its_dead_letters_and_its_ladder() -> None:
    for name, service in services().items():
        if not service.subscriptions:
            continue
        channel = CHANNELS[f"{name}.events"]
        assert channel["x-arguments"]["x-queue-type"] == "quorum"
        assert channel["x-dead-letter-queue"] == f"{name}.events.dead"
        ladder = [(rung["queue"], rung["delayMilliseconds"]) for rung in channel["x-retry-ladder"]]
        assert ladder == [(f"{name}.events.retry.{label}", delay) for label, delay in RETRY_DELAYS]
        bound = {binding["routingKey"] for binding in channel["x-bindings"]}
        assert bound == {subscription.event.name for subscription in service.subscriptions}


def test_other_systems_find_their_queue_their_log_and_what_they_are_promised() -> None:
    public = {name for name, event in EVENTS.items() if event.publisher == PUBLIC_PUBLISHER}
    queue, log = CHANNELS["gov.subscriber.events"], CHANNELS["cec.public.log"]
    for channel in (queue, log):
        assert set(channel["messages"]) == public
        assert channel["servers"] == [{"$ref": "#/servers/public"}]
        assert all(promise["zh"] and promise["en"] for promise in channel["x-promises"])
    assert queue["address"] == "gov.{subscriber}.events"
    assert queue["x-arguments"]["x-overflow"] == "drop-head"
    assert log["x-arguments"] == {"x-queue-type": "stream", "x-max-age": "30D"}


def test_operations_refer_to_messages_that_their_channel_carries() -> None:
    for operation in DOCUMENT["operations"].values():
        channel = CHANNELS[operation["channel"]["$ref"].rsplit("/", 1)[1]]
        assert _names(operation) <= set(channel["messages"])
