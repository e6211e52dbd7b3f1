"""A TCP proxy that misbehaves on demand: cuts, refuses, or goes silent, between a client and its real server."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import struct
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from yarl import URL

_RESET_ON_CLOSE = struct.pack("ii", 1, 0)
_CHUNK = 64 * 1024


@dataclass(eq=False)
class _Link:
    """One client's connection and the one that we opened to the server for it."""

    writers: list[asyncio.StreamWriter]
    flowing: asyncio.Event = field(default_factory=asyncio.Event)

    def reset(self) -> None:
        for writer in self.writers:
            connection: socket.socket = writer.get_extra_info("socket")
            with contextlib.suppress(OSError):
                connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET_ON_CLOSE)
            writer.transport.abort()
        self.flowing.set()


class TcpProxy:
    """Forwards to `target` (any URL with host and port) from a port of its own, which it keeps while it refuses."""

    def __init__(self, target: str) -> None:
        self._target = URL(target)
        self._port = 0
        self._server: asyncio.Server | None = None
        self._links: set[_Link] = set()
        self._silent = False

    @property
    def url(self) -> str:
        """The target's address by way of the proxy."""
        return str(self._target.with_host("127.0.0.1").with_port(self._port))

    @property
    def connections(self) -> int:
        """How many clients are connected now."""
        return len(self._links)

    async def accept(self) -> None:
        """Take connections (again). Connections that were silenced stay so: nobody tells them of their end."""
        self._silent = False
        if self._server is None:
            self._server = await asyncio.start_server(self._serve, "127.0.0.1", self._port, reuse_address=True)
            self._port = self._server.sockets[0].getsockname()[1]

    def cut(self) -> None:
        """Reset every connection (RST); new ones are welcome."""
        for link in list(self._links):
            link.reset()

    async def refuse(self) -> None:
        """Reset every connection and refuse new ones, as a server that is down, until `accept`."""
        if self._server is not None:
            self._server.close()
            self._server = None
        self.cut()

    def freeze(self) -> None:
        """A black hole: connections stay open, new ones too, and not a byte passes; `accept` heals only new ones."""
        self._silent = True
        for link in self._links:
            link.flowing.clear()

    def thaw(self) -> None:
        """What was held back by `freeze` arrives after all."""
        self._silent = False
        for link in self._links:
            link.flowing.set()

    async def close(self) -> None:
        await self.refuse()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            server_reader, server_writer = await asyncio.open_connection(self._target.host, self._target.port)
        except OSError:
            writer.transport.abort()
            return
        link = _Link([writer, server_writer])
        if not self._silent:
            link.flowing.set()
        self._links.add(link)
        try:
            await asyncio.gather(
                self._pump(reader, server_writer, link), self._pump(server_reader, writer, link), return_exceptions=True
            )
        finally:
            self._links.discard(link)
            for end in link.writers:
                end.transport.abort()

    async def _pump(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, link: _Link) -> None:
        try:
            while chunk := await reader.read(_CHUNK):
                await link.flowing.wait()
                writer.write(chunk)
                await writer.drain()
            await link.flowing.wait()
        finally:
            writer.close()


@asynccontextmanager
async def proxied(target: str) -> AsyncIterator[TcpProxy]:
    """A proxy in front of `target` that is open to begin with."""
    proxy = TcpProxy(target)
    await proxy.accept()
    try:
        yield proxy
    finally:
        await proxy.close()
