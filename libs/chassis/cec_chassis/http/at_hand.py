"""What belongs to a process and is handed to its handlers by name: its database, its clock, whom it trusts.

It is looked up when a request comes. So the routes are put together without it, and the same routes may serve several
processes' worth of things, as they do in tests.
"""

from __future__ import annotations

from collections.abc import Mapping
from contextvars import ContextVar
from typing import Any

from litestar.di import Provide
from litestar.types import ASGIApp, Receive, Scope, Send

_AT_HAND: ContextVar[Mapping[str, Any]] = ContextVar("at_hand")


class AtHand:
    """ASGI layer: these things are at hand while a request is answered."""

    __slots__ = ("_app", "_things")

    def __init__(self, app: ASGIApp, things: Mapping[str, Any]) -> None:
        self._app = app
        self._things = things

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        before = _AT_HAND.set(self._things)
        try:
            await self._app(scope, receive, send)
        finally:
            _AT_HAND.reset(before)


def at_hand(name: str) -> Any:
    """The thing of this name, within a request."""
    return _AT_HAND.get()[name]


def handed(name: str) -> Provide:
    """As a dependency of handlers."""
    return Provide(lambda: at_hand(name), sync_to_thread=False)
