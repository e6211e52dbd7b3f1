"""A bounded load of GET requests over keep-alive connections, cheap enough not to be what is measured."""

from __future__ import annotations

import asyncio
import time
from urllib.parse import urlsplit


async def requests_per_second(url: str, token: str, *, connections: int = 16, seconds: float = 4.0) -> float:
    """Answered requests per second. Raises when an answer is not 200; only loopback addresses are asked."""
    parts = urlsplit(url)
    if parts.hostname != "127.0.0.1":
        raise ValueError("load goes to this machine only")
    path = parts.path + (f"?{parts.query}" if parts.query else "")
    request = (
        f"GET {path} HTTP/1.1\r\nHost: {parts.netloc}\r\nAuthorization: Bearer {token}\r\n"
        "Accept: application/json\r\n\r\n"
    ).encode()
    until = time.monotonic() + seconds
    begun = time.perf_counter()
    counts = await asyncio.gather(
        *(_keep_asking(parts.hostname, parts.port or 80, request, until) for _ in range(connections))
    )
    return sum(counts) / (time.perf_counter() - begun)


async def _keep_asking(host: str, port: int, request: bytes, until: float) -> int:
    reader, writer = await asyncio.open_connection(host, port)
    answered = 0
    try:
        while time.monotonic() < until:
            writer.write(request)
            head = await reader.readuntil(b"\r\n\r\n")
            if not head.startswith(b"HTTP/1.1 200"):
                raise RuntimeError(head.decode())
            await _read_body(reader, head.lower())
            answered += 1
            if b"connection: close" in head.lower():  # a server ends a connection after some hundred requests
                writer.close()
                reader, writer = await asyncio.open_connection(host, port)
    finally:
        writer.close()
    return answered


async def _read_body(reader: asyncio.StreamReader, head: bytes) -> None:
    if b"content-length:" in head:
        length = int(head.split(b"content-length:")[1].split(b"\r\n")[0])
        await reader.readexactly(length)
        return
    while size := int((await reader.readline()).strip() or b"0", 16):
        await reader.readexactly(size + 2)
    await reader.readline()
