"""The rest of a request that is answered before it has been read.

A server that answers and closes while the body is still coming in makes the kernel reset the connection, and the
answer is lost on the way: the gateway then tells the client 502 instead of the 401, 403 or 413 that was said.
"""

from __future__ import annotations

import asyncio

import structlog
from litestar.types import Receive, ReceiveMessage

LARGEST = 16_000_000
"""Bytes that are read for nobody; the gateway lets no larger body through."""
SECONDS = 10.0

log = structlog.get_logger(__name__)


class IncomingBody:
    """Stands between server and application, and remembers whether the whole body has been taken."""

    __slots__ = ("_receive", "ended")

    def __init__(self, receive: Receive) -> None:
        self._receive = receive
        self.ended = False

    async def receive(self) -> ReceiveMessage:
        """The next message of the server, as ASGI defines it."""
        message = await self._receive()
        self.ended = message["type"] != "http.request" or not message.get("more_body", False)
        return message

    async def drain(self) -> None:
        """Take and throw away what is still to come, up to a limit: who sends without end is cut off after all."""
        taken = 0
        try:
            async with asyncio.timeout(SECONDS):
                while not self.ended and taken < LARGEST:
                    message = await self.receive()
                    taken += len(message.get("body", b"")) if message["type"] == "http.request" else 0
        except TimeoutError:
            log.info("unread_body_left", bytes_taken=taken)
