"""Wakes the relay soon after a commit, without touching the transaction.

NOTIFY inside the business transaction makes commits wait for a cluster-wide lock (measured: a third of the
throughput), so it is sent after commit, on a connection of its own, at most once every 20 ms. A lost NOTIFY costs
the relay's poll interval of one second, never data.
"""

from __future__ import annotations

import asyncio
import contextlib

import asyncpg
import structlog

CHANNEL = "cec_outbox"
DEBOUNCE_SECONDS = 0.02

log = structlog.get_logger(__name__)


class OutboxSignal:
    """`wake()` is cheap and never fails; the sending task starts with the first call and ends with `close()`."""

    def __init__(self, dsn: str) -> None:
        self._dsn = dsn
        self._news = asyncio.Event()
        self._task: asyncio.Task[None] | None = None

    def wake(self) -> None:
        self._news.set()
        if self._task is None:
            self._task = asyncio.create_task(self._send(), name="outbox-signal")

    async def close(self) -> None:
        if self._task is not None:
            self._task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._task
            self._task = None

    async def _send(self) -> None:
        connection: asyncpg.Connection[asyncpg.Record] | None = None
        try:
            while True:
                await self._news.wait()
                self._news.clear()
                try:
                    if connection is None or connection.is_closed():
                        connection = await asyncpg.connect(self._dsn, timeout=5, command_timeout=5)
                    await connection.execute(f"NOTIFY {CHANNEL}")
                except Exception as error:  # noqa: BLE001 - no wake-up is worth more than the next one
                    log.warning("outbox.signal_failed", error=str(error))
                    connection = None
                await asyncio.sleep(DEBOUNCE_SECONDS)
        finally:
            if connection is not None:
                connection.terminate()
