"""Other systems on the public exchange: one account each, that reads its own queue and nothing else."""

from __future__ import annotations

import asyncio
import re
from urllib.parse import quote, urlsplit

import aio_pika

from cec_chassis.bus.topology import declare_subscriber
from cec_local.rabbitmq_admin import NOTHING, RabbitAdmin
from cec_local.secret_files import SecretFiles

_EVERY_PUBLIC_EVENT = "cec.public.#"


async def add_subscriber(name: str, *, public_url: str, admin: RabbitAdmin, secrets: SecretFiles) -> tuple[str, str]:
    """An account and a queue for the outside system `name`; returns its broker address and its queue's name.

    The queue is declared and bound by us, under `public_url`; the account may read it and may do nothing else.
    """
    async with await aio_pika.connect(public_url, timeout=10) as connection:
        queue = await declare_subscriber(await connection.channel(), name, [_EVERY_PUBLIC_EVENT])
    user, password = f"gov.{name}", secrets.read(f"subscriber-{name}")
    parts = urlsplit(public_url)
    vhost = parts.path.removeprefix("/")

    def allow() -> None:
        admin.create_user(user, password)
        admin.set_permissions(user, vhost, configure=NOTHING, write=NOTHING, read=f"^{re.escape(queue)}$")

    await asyncio.to_thread(allow)
    place = f"{parts.hostname}:{parts.port or 5672}"
    return parts._replace(netloc=f"{quote(user)}:{quote(password)}@{place}").geturl(), queue
