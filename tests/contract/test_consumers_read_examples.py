"""Every consumer reads the golden example of every event it subscribes to, with the decoder that runs in production."""

from __future__ import annotations

import msgspec
import pytest
from deploy.documents.services import services
from tests.contract.messages import delivered

from cec_chassis.bus.delivery import Decoder
from cec_chassis.bus.faults import Unprocessable
from cec_chassis.service import Service
from cec_contracts.examples import example_of

SUBSCRIBING = [(name, s.event.name) for name, service in services().items() for s in service.subscriptions]


@pytest.fixture(scope="module")
def known() -> dict[str, Service]:
    return services()


@pytest.mark.parametrize(("consumer", "event"), SUBSCRIBING, ids=[f"{c}-{e}" for c, e in SUBSCRIBING])
def test_a_consumer_reads_the_example(known: dict[str, Service], consumer: str, event: str) -> None:
    body = example_of(event)
    delivery = Decoder(known[consumer].subscriptions).decode(delivered(body, event))
    written = msgspec.json.decode(body)
    assert delivery.subscription.event.name == event
    assert str(delivery.event.id) == written["id"]
    assert delivery.event.sequence == int(written["sequence"])
    assert msgspec.json.decode(msgspec.json.encode(delivery.event.body)) == written["data"]


@pytest.mark.parametrize(("consumer", "event"), SUBSCRIBING, ids=[f"{c}-{e}" for c, e in SUBSCRIBING])
def test_a_field_that_a_newer_publisher_added_disturbs_nobody(
    known: dict[str, Service], consumer: str, event: str
) -> None:
    written = msgspec.json.decode(example_of(event))
    written["data"]["added_later"] = {"anything": 1}
    written["extension"] = "added later"
    Decoder(known[consumer].subscriptions).decode(delivered(msgspec.json.encode(written), event))


@pytest.mark.parametrize(
    ("spoilt", "reason"),
    [
        ({"specversion": "0.3"}, "not-a-cloudevent"),
        ({"sequence": "first"}, "bad-sequence"),
        ({"sequence": "0"}, "bad-sequence"),
        ({"time": "2016-05-09T02:00:00"}, "not-a-cloudevent"),
        ({"type": "cec.enrolment.attendance_recorded.v2"}, "unknown-type"),
        ({"data": {"attendance_id": "no id"}}, "schema-mismatch"),
    ],
)
def test_a_message_that_breaks_the_contract_is_named_for_what_it_is(
    known: dict[str, Service], spoilt: dict[str, object], reason: str
) -> None:
    event = "cec.enrolment.attendance_recorded.v1"
    body = msgspec.json.encode(msgspec.json.decode(example_of(event)) | spoilt)
    with pytest.raises(Unprocessable) as refused:
        Decoder(known["credits"].subscriptions).decode(delivered(body, event))
    assert refused.value.slug == reason
