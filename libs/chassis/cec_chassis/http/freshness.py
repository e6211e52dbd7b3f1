"""Acts that a stolen session must not be enough for: the caller has to have signed in a short while ago.

Which acts those are says the table of access (`fresh`), and `needs` asks for it. The answer is that of RFC 9470, so a
client knows what to do: let its user sign in again, then ask again.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta

from cec_chassis.context import Actor
from cec_chassis.problems import Refusal

FRESH = timedelta(minutes=10)
"""How long a sign-in is fresh. Refreshing a token does not make it so again."""

RequireSession = Callable[[Actor], Awaitable[None]]
"""How a service that keeps sessions refuses a token whose session has ended, before the token itself expires."""


class FreshSignInNeeded(Refusal):
    """The caller signed in too long ago for this act."""

    slug = "fresh-sign-in-needed"
    status = 401
    title = "請重新登入後再進行此操作 / Sign in again, then do this again"


def require_fresh(actor: Actor, now: datetime) -> None:
    """Raises FreshSignInNeeded."""
    if actor.authenticated_at is None or now - actor.authenticated_at > FRESH:
        seconds = int(FRESH.total_seconds())
        challenge = f'Bearer realm="cec", error="insufficient_user_authentication", max_age="{seconds}"'
        raise FreshSignInNeeded(headers={"WWW-Authenticate": challenge})
