"""A message that can never be taken in is parked at once, under a reason that stays the same, and blocks nobody."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any

import aio_pika
import msgspec
import pytest
from pamqp.encode import field_table
from tests.support.eventually import eventually
from tests.support.probe import Probe, event

from cec_chassis.bus.delivery import ATTEMPT_HEADER
from cec_chassis.bus.publisher import ConfirmedPublisher
from cec_chassis.bus.settle import _carried
from cec_chassis.bus.topology import DELIVERY_LIMIT


def changed(**fields: Any) -> bytes:
    """A good event whose envelope is changed; None removes a field."""
    envelope = msgspec.json.decode(event("poison", 1)) | fields
    return msgspec.json.encode({k: v for k, v in envelope.items() if v is not None})


POISON = {
    "no JSON": (b"{not json", "not-a-cloudevent"),
    "empty": (b"", "not-a-cloudevent"),
    "no UTF-8": (b'{"id": "\xff\xfe"}', "not-a-cloudevent"),
    "a list": (b"[]", "not-a-cloudevent"),
    "nested without end": (b"[" * 100_000, "not-a-cloudevent"),
    "an unknown field nested without end": (
        changed(data={"amount": 1, "more": 0}).replace(b'"more":0', b'"more":' + b"[" * 5_000 + b"]" * 5_000),
        "not-a-cloudevent",
    ),
    "no id": (changed(id=None), "not-a-cloudevent"),
    "no subject": (changed(subject=None), "not-a-cloudevent"),
    "no data": (changed(data=None), "not-a-cloudevent"),
    "a time that is none": (changed(time="yesterday"), "not-a-cloudevent"),
    "a type nobody knows": (changed(type="cec.probe.invented.v9"), "unknown-type"),
    "a newer version of a type": (changed(type="cec.probe.counted.v2"), "unknown-type"),
    "sequence nought": (changed(sequence="0"), "bad-sequence"),
    "a negative sequence": (changed(sequence="-1"), "bad-sequence"),
    "a sequence in words": (changed(sequence="first"), "bad-sequence"),
    "a sequence beyond bigint": (changed(sequence="9" * 20), "bad-sequence"),
    "a sequence in other digits": (changed(sequence="１"), "bad-sequence"),
    "a body of another shape": (changed(data={"amount": "many"}), "schema-mismatch"),
    "a body without its field": (changed(data={}), "schema-mismatch"),
    "a body that is no object": (changed(data=7), "schema-mismatch"),
}


async def test_poison_is_parked_with_its_reason_and_the_others_of_the_batch_count_once(probe: Probe) -> None:
    bodies = [event(f"s{i}", i) for i in range(40)]
    for position, (poison, _) in enumerate(POISON.values()):
        bodies.insert(2 * position, poison)
    await probe.send(*bodies)
    async with probe.working():
        await eventually(lambda: probe.has_counted(40))
        await eventually(lambda: probe.has_parked(len(POISON)))
        await eventually(probe.is_quiet)
    assert {row["times"] for row in await probe.fetch("SELECT times FROM counts")} == {1}
    by_body = {row["body"]: row for row in await probe.parked()}
    for what, (body, reason) in POISON.items():
        row = by_body[body]
        assert (row["reason"], row["attempts"], row["state"]) == (reason, 1, "parked"), what
        assert row["error"], what


async def test_what_cannot_be_put_aside_yet_holds_up_nobody_and_is_not_acknowledged_with_the_others(
    probe: Probe, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def never(*_: object, **__: object) -> None:
        await asyncio.sleep(3600)

    await probe.send(b"poison", *(event(f"s{i}", i) for i in range(10)))
    with monkeypatch.context() as patch:
        patch.setattr(ConfirmedPublisher, "publish", never)
        dying = asyncio.create_task(probe.bus_worker().run(asyncio.Event()))
        await eventually(lambda: probe.has_counted(10))
        dying.cancel()
        with suppress(asyncio.CancelledError):
            await dying
    await eventually(lambda: _has_waiting(probe, b"poison"))
    async with probe.working():
        await eventually(lambda: probe.has_parked(1))
        await eventually(probe.is_quiet)


async def test_unknown_fields_are_no_poison(probe: Probe) -> None:
    """Publishers may add; only what is missing or of another kind is wrong."""
    await probe.send(changed(data={"amount": 3, "new": True}, extension="new"))
    async with probe.working():
        await eventually(lambda: probe.has_counted(1))
    assert await probe.amounts() == {"poison": 3}


ODD_HEADERS: tuple[dict[str, Any], ...] = (
    {ATTEMPT_HEADER: "many"},
    {ATTEMPT_HEADER: -5},
    {ATTEMPT_HEADER: 2**40},
    {ATTEMPT_HEADER: None},
    {"x-odd": "a\0b"},
    {"x-when": datetime(2026, 1, 1, tzinfo=UTC), "x-bytes": bytearray(b"\xff"), "x-list": [1, {"deep": None}]},
)


async def test_odd_headers_neither_stop_the_worker_nor_keep_poison_out_of_parking(probe: Probe) -> None:
    for number, headers in enumerate(ODD_HEADERS):
        await probe.send(f"poison {number}".encode(), event(f"good {number}", 1), headers=headers)
    async with probe.working() as worker:
        await eventually(lambda: probe.has_parked(len(ODD_HEADERS)))
        await eventually(lambda: probe.has_counted(len(ODD_HEADERS)))
        assert worker.depths.connected


def test_headers_that_only_other_clients_can_write_can_still_be_sent_on() -> None:
    """Text that is no UTF-8 arrives as bytes, which our own client library refuses to send."""
    foreign: dict[str, Any] = {
        "x-bytes": b"\xff",
        "x-table": {"deep": b"\xff"},
        "x-list": [b"\xff"],
        "x-death": [{"count": 1}],
    }
    with pytest.raises(TypeError):
        field_table(foreign)
    assert field_table(_carried(foreign))
    assert "x-death" not in _carried(foreign)


class Big5(str):
    """Text as a client of another age sends it: its bytes are no UTF-8."""

    __slots__ = ()

    def encode(self, encoding: str = "big5", errors: str = "strict") -> bytes:
        return super().encode("big5", errors)


async def test_poison_from_a_client_that_writes_no_utf_8_is_parked_with_its_header_in_our_words(probe: Probe) -> None:
    """Our client library reads such a header as bytes and cannot send it on: unless it is made writable first, the
    worker would fail on the message for ever."""
    await probe.send(b"poison", event("good", 1), headers={"x-unit": Big5("學會")})
    async with probe.working() as worker:
        await eventually(lambda: probe.has_parked(1))
        await eventually(lambda: probe.has_counted(1))
        await eventually(probe.is_quiet)
        assert worker.depths.connected
    (row,) = await probe.parked()
    assert msgspec.json.decode(row["headers"])["x-unit"] == str("學會".encode("big5"))


async def test_poison_without_message_id_and_headers_is_parked(probe: Probe) -> None:
    async with await aio_pika.connect(probe.amqp_url) as connection:
        channel = await connection.channel()
        await channel.default_exchange.publish(aio_pika.Message(b"nameless"), probe.names.events)
    async with probe.working():
        await eventually(lambda: probe.has_parked(1))


async def test_text_that_postgresql_cannot_hold_is_parked_and_its_bytes_kept(probe: Probe) -> None:
    body = changed(type="cec\0probe", subject="nul\0inside")
    await probe.send(body, event("good", 1))
    async with probe.working():
        await eventually(lambda: probe.has_parked(1))
        await eventually(lambda: probe.has_counted(1))
    (row,) = await probe.parked()
    assert (row["body"], row["subject"]) == (body, "nul\ufffdinside")


async def test_two_different_messages_under_one_id_are_both_kept(probe: Probe) -> None:
    await probe.send(b"one", b"two", message_id="the same")
    async with probe.working():
        await eventually(lambda: probe.has_parked(2))
    assert {row["body"] for row in await probe.parked()} == {b"one", b"two"}


async def test_a_message_that_kills_its_consumer_again_and_again_is_parked_by_the_broker(probe: Probe) -> None:
    await probe.send(event("killer", 1))
    for _ in range(DELIVERY_LIMIT + 1):
        async with await aio_pika.connect(probe.amqp_url) as connection:
            channel = await connection.channel()
            queue = await channel.get_queue(probe.names.events)
            await queue.get(timeout=5)  # and dies without a word
    await probe.send(event("good", 2))
    async with probe.working():
        await eventually(lambda: probe.has_parked(1))
        await eventually(lambda: probe.has_counted(1))
    (row,) = await probe.parked()
    assert (row["reason"], row["subject"]) == ("delivery-limit", "killer")


async def _has_waiting(probe: Probe, body: bytes) -> bool:
    async with await aio_pika.connect(probe.amqp_url) as connection:
        channel = await connection.channel()
        queue = await channel.get_queue(probe.names.events)
        found = set()
        while (message := await queue.get(fail=False)) is not None:
            found.add(message.body)
        return body in found
