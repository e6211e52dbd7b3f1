"""Refuse a token whose session has ended, where the ten minutes that it may still live are too long."""

from __future__ import annotations

from cec_chassis.context import Actor
from cec_chassis.database import Database
from cec_chassis.http import RequireSession
from cec_identity.sign_in.domain import SessionEnded

STANDS = "SELECT EXISTS (SELECT FROM sessions WHERE id = :id AND ended_at IS NULL AND ends_at > :now)"
_CHALLENGE = {"WWW-Authenticate": 'Bearer realm="cec", error="invalid_token"'}


def sessions_of(database: Database) -> RequireSession:
    """The check of sensitive routes: one read by primary key, in front of the act."""

    async def require_session(actor: Actor) -> None:
        """Raises SessionEnded; also for a token of a person that names no session, because none of ours is like that."""
        async with database.reading() as tx:
            stands = await tx.scalar(STANDS, id=actor.session_id, now=tx.now)
        if not stands:
            raise SessionEnded(headers=dict(_CHALLENGE))

    return require_session
