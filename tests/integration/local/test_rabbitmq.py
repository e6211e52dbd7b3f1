"""The private RabbitMQ survives what happens to it, meets no other node and leaves nothing behind."""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import aio_pika
import aiormq
import pytest
from pamqp.common import FieldTable

from cec_local.process_table import await_end, identify, with_descendants
from cec_local.rabbitmq import ADMINISTRATOR, PUBLIC_VHOST, YOUNG_QUEUE_SECONDS, EmbeddedRabbit

QUORUM: FieldTable = {"x-queue-type": "quorum"}


@pytest.fixture(scope="module")
def rabbit(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EmbeddedRabbit]:
    node = EmbeddedRabbit(tmp_path_factory.mktemp("rabbit"))
    node.start()
    yield node
    node.stop(graceful=False)


async def put(url: str, queue: str) -> None:
    """One confirmed persistent message in a quorum queue."""
    async with await aio_pika.connect(url) as connection:
        channel = await connection.channel(on_return_raises=True)
        await channel.declare_queue(queue, durable=True, arguments=QUORUM)
        message = aio_pika.Message(b"kept", delivery_mode=aio_pika.DeliveryMode.PERSISTENT)
        await channel.default_exchange.publish(message, queue, timeout=10)


async def take(url: str, queue: str) -> bytes:
    async with await aio_pika.connect(url) as connection:
        channel = await connection.channel()
        found = await channel.declare_queue(queue, durable=True, arguments=QUORUM)
        message = await found.get(timeout=10)
        assert message is not None
        await message.ack()
        return message.body


async def test_what_was_confirmed_is_there_after_a_crash_at_the_same_address(rabbit: EmbeddedRabbit) -> None:
    url = rabbit.amqp_url()
    await put(url, "crash")
    await asyncio.sleep(YOUNG_QUEUE_SECONDS)
    rabbit.restart()
    assert rabbit.amqp_url() == url
    assert await take(url, "crash") == b"kept"


async def test_a_node_killed_by_somebody_else_does_not_hinder_the_next_start(rabbit: EmbeddedRabbit) -> None:
    await put(rabbit.amqp_url(), "killed")
    await asyncio.sleep(YOUNG_QUEUE_SECONDS)
    assert rabbit.pid is not None
    os.kill(rabbit.pid, signal.SIGKILL)
    rabbit.start()
    assert await take(rabbit.amqp_url(), "killed") == b"kept"


async def test_a_fresh_vhost_is_usable_at_once_and_separate(rabbit: EmbeddedRabbit) -> None:
    one, other = rabbit.create_vhost("one"), rabbit.create_vhost("other")
    await put(one, "mine")
    await put(other, "theirs")
    assert set(rabbit.admin.messages("one")) == {"mine"}


async def test_the_services_account_is_no_administrator_and_guest_is_unknown(rabbit: EmbeddedRabbit) -> None:
    await put(rabbit.amqp_url(PUBLIC_VHOST), "public")
    users = {line.split()[0]: line for line in rabbit.ctl("list_users").splitlines()[1:]}
    assert {ADMINISTRATOR, "cec-services"} <= set(users)
    assert "guest" not in users
    assert "[]" in users["cec-services"]


async def test_an_account_reads_its_queue_and_nothing_else(rabbit: EmbeddedRabbit) -> None:
    vhost = "subscribers"
    await put(rabbit.create_vhost(vhost), "gov.one.events")
    await put(rabbit.amqp_url(vhost), "gov.two.events")
    rabbit.admin.create_user("gov.one", "its-password")
    rabbit.admin.set_permissions("gov.one", vhost, configure="^$", write="^$", read=r"^gov\.one\.events$")
    url = f"amqp://gov.one:its-password@127.0.0.1:{rabbit.amqp_port}/{vhost}"
    async with await aio_pika.connect(url) as connection:
        channel = await connection.channel()
        own = await channel.get_queue("gov.one.events", ensure=False)
        message = await own.get()
        assert message.body == b"kept"
        foreign = await channel.get_queue("gov.two.events", ensure=False)
        with pytest.raises(aiormq.exceptions.ChannelAccessRefused):
            await foreign.get()


def test_everything_listens_on_the_loopback_only(rabbit: EmbeddedRabbit) -> None:
    assert rabbit.pid is not None
    sockets = set()
    for link in Path(f"/proc/{rabbit.pid}/fd").iterdir():
        with suppress(FileNotFoundError):  # closed since the list was made
            sockets.add(str(link.readlink()).removeprefix("socket:[").removesuffix("]"))
    addresses = {
        fields[1].split(":")[0]
        for table in ("tcp", "tcp6")
        for fields in (line.split() for line in Path(f"/proc/net/{table}").read_text().splitlines()[1:])
        if fields[3] == "0A" and fields[9] in sockets
    }
    assert addresses == {"0100007F"}


def test_a_second_node_side_by_side_and_nothing_is_left_of_it(rabbit: EmbeddedRabbit, tmp_path: Path) -> None:
    second = EmbeddedRabbit(tmp_path)
    second.start()
    assert second.pid is not None
    root = identify(second.pid)
    assert root is not None
    processes = with_descendants(root)
    second.create_vhost("only-here")
    assert "only-here" not in rabbit.ctl("list_vhosts")
    second.stop()
    assert await_end(processes, 5)
    assert not [pid for pid in Path("/proc").iterdir() if pid.name.isdigit() and names(pid, str(tmp_path))]


def names(process: Path, text: str) -> bool:
    """Whether a living process mentions `text` in its command or environment."""
    try:
        return text.encode() in (process / "cmdline").read_bytes() + (process / "environ").read_bytes()
    except (FileNotFoundError, ProcessLookupError, PermissionError):
        return False
