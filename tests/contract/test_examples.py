"""The golden examples: one of each event, exactly what the contract says, and nothing that must not travel."""

from __future__ import annotations

import re
from typing import Any

import msgspec
import pytest

from cec_contracts import examples, national_id
from cec_contracts.catalogue import EVENTS
from cec_contracts.envelope import CloudEvent, padded

NAMES = sorted(EVENTS)
_TEN_CHARACTERS = re.compile(r"(?=([A-Za-z][0-9A-Za-z][0-9]{8}))")


def test_every_event_has_one_example_and_every_example_an_event() -> None:
    assert examples.names() == set(EVENTS)


@pytest.mark.parametrize("name", NAMES)
def test_an_example_is_exactly_what_its_contract_encodes(name: str) -> None:
    """Neither a field the contract does not know nor one that it would add."""
    written = examples.example_of(name)
    envelope = msgspec.json.decode(written, type=CloudEvent)
    body = msgspec.json.decode(envelope.data, type=EVENTS[name].body)
    again = msgspec.structs.replace(envelope, data=msgspec.Raw(msgspec.json.encode(body)))
    assert msgspec.json.decode(msgspec.json.encode(again)) == msgspec.json.decode(written)


@pytest.mark.parametrize("name", NAMES)
def test_an_example_is_a_cloudevent_of_its_type(name: str) -> None:
    written: dict[str, Any] = msgspec.json.decode(examples.example_of(name))
    envelope = msgspec.json.decode(examples.example_of(name), type=CloudEvent)
    assert written["specversion"] == "1.0"
    assert written["datacontenttype"] == "application/json"
    assert envelope.type == name
    assert envelope.sequence == padded(envelope.version)
    assert envelope.partitionkey == envelope.subject
    assert re.fullmatch("00-[0-9a-f]{32}-[0-9a-f]{16}-0[01]", envelope.traceparent or "")


def national_ids_in(text: str) -> list[str]:
    """Everything in a text whose form and checksum are those of a national ID, wherever it stands."""
    found: list[str] = []
    for match in _TEN_CHARACTERS.finditer(text):
        try:
            found.append(national_id.validate(match[1]))
        except national_id.InvalidNationalId:
            continue
    return found


@pytest.mark.parametrize("name", NAMES)
def test_no_example_contains_a_national_id(name: str) -> None:
    assert national_ids_in(examples.example_of(name).decode()) == []


def test_the_search_for_national_ids_finds_them() -> None:
    assert national_ids_in('{"name": "王示範 A123456789", "key": "-a800000014."}') == ["A123456789", "A800000014"]


@pytest.mark.parametrize("event", EVENTS.values(), ids=list(EVENTS))
def test_no_event_has_a_field_for_the_national_id_itself(event: Any) -> None:
    """Only its keyed index and its mask may travel."""
    _, schemas = msgspec.json.schema_components([event.body])
    fields = {field for schema in schemas.values() for field in schema.get("properties", {})}
    allowed = {"national_id_index", "national_id_masked", "former_national_id_indexes"}
    assert {field for field in fields if "national_id" in field or "idno" in field} <= allowed
