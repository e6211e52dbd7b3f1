"""Acts that a stolen session must not be enough for: the caller has to have signed in a short while ago.

The answer is that of RFC 9470, so a client knows what to do: let its user sign in again, then ask again.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from litestar.connection import ASGIConnection
from litestar.handlers import BaseRouteHandler

from cec_chassis.clock import Clock
from cec_chassis.context import Actor
from cec_chassis.problems import Refusal

FRESH = timedelta(minutes=10)
"""How long a sign-in is fresh. Refreshing a token does not make it so again."""


class FreshSignInNeeded(Refusal):
    """The caller signed in too long ago for this act, or is no person."""

    slug = "fresh-sign-in-needed"
    status = 401
    title = "請重新登入後再進行此操作 / Sign in again, then do this again"


class SignedInLately:
    """Lets in callers whose sign-in is fresh. Made by :func:`signed_in_lately`."""

    __slots__ = ("_within",)

    def __init__(self, within: timedelta) -> None:
        self._within = within

    async def __call__(self, connection: ASGIConnection[Any, Any, Any, Any], _handler: BaseRouteHandler) -> None:
        """Raises FreshSignInNeeded."""
        actor: Actor = connection.scope["user"]
        clock: Clock = connection.app.state.clock
        if actor.authenticated_at is None or clock.now() - actor.authenticated_at > self._within:
            seconds = int(self._within.total_seconds())
            challenge = f'Bearer realm="cec", error="insufficient_user_authentication", max_age="{seconds}"'
            raise FreshSignInNeeded(headers={"WWW-Authenticate": challenge})


def signed_in_lately(within: timedelta = FRESH) -> SignedInLately:
    """A guard beside `allow(…)`: `guards=[allow(Role.PRACTITIONER), signed_in_lately()]`."""
    return SignedInLately(within)
