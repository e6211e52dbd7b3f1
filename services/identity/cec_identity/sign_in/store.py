"""Tables of sessions and refresh tokens."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import ARRAY, Column, DateTime, ForeignKey, Index, LargeBinary, Table, Text, Uuid, text

from cec_chassis.database import Transaction
from cec_identity.sign_in.domain import RefreshToken, Session
from cec_identity.sign_in.visit import Visit
from cec_identity.tables import metadata

sessions = Table(
    "sessions",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("account_id", Uuid, ForeignKey("accounts.id"), nullable=False),
    Column("started_at", DateTime(timezone=True), nullable=False),
    Column("ends_at", DateTime(timezone=True), nullable=False),
    Column("ended_at", DateTime(timezone=True)),
    Column("end_reason", Text),
    Column("authenticated_at", DateTime(timezone=True), nullable=False),
    Column("methods", ARRAY(Text), nullable=False),
    Column("last_used_at", DateTime(timezone=True), nullable=False),
    Column("device", Text, nullable=False),
    Column("address_masked", Text, nullable=False),
    Index("open_sessions_by_account", "account_id", postgresql_where=text("ended_at IS NULL")),
    Index("sessions_by_end", "ends_at"),
)
refresh_tokens = Table(
    "refresh_tokens",
    metadata,
    Column("digest", LargeBinary, primary_key=True),
    Column("session_id", Uuid, ForeignKey("sessions.id", ondelete="CASCADE"), nullable=False),
    Column("issued_at", DateTime(timezone=True), nullable=False),
    Column("expires_at", DateTime(timezone=True), nullable=False),
    Column("used_at", DateTime(timezone=True)),
    Index("refresh_tokens_by_session", "session_id"),
)


class Presented(NamedTuple):
    """A token that somebody presented, and the session it belongs to."""

    token: RefreshToken
    session: Session


async def insert_session(tx: Transaction, session: Session, visit: Visit) -> None:
    """A session that begins now."""
    await tx.execute(
        """
        INSERT INTO sessions (id, account_id, started_at, ends_at, authenticated_at, methods, last_used_at, device,
                              address_masked)
        VALUES (:id, :account_id, :now, :ends_at, :now, :methods, :now, :device, :address_masked)
        """,
        id=session.session_id,
        account_id=session.account_id,
        ends_at=session.ends_at,
        methods=list(session.methods),
        device=visit.device,
        address_masked=visit.address_masked,
        now=tx.now,
    )


async def insert_refresh_token(tx: Transaction, session_id: UUID, digest: bytes, expires_at: datetime) -> None:
    await tx.execute(
        """
        INSERT INTO refresh_tokens (digest, session_id, issued_at, expires_at)
        VALUES (:digest, :session_id, :now, :expires_at)
        """,
        digest=digest,
        session_id=session_id,
        expires_at=expires_at,
        now=tx.now,
    )


async def presented(tx: Transaction, digest: bytes) -> Presented | None:
    """The token of this digest. Its session is held until `tx` ends: of two who present one token at once, the second
    finds it used."""
    held = await tx.one_or_none(
        """
        SELECT id, account_id, ends_at, ended_at, authenticated_at, methods FROM sessions
        WHERE id = (SELECT session_id FROM refresh_tokens WHERE digest = :digest) FOR UPDATE
        """,
        digest=digest,
    )
    if held is None:
        return None
    # Read after the session is held; a join would show the token as it was before the wait.
    row = await tx.one("SELECT digest, expires_at, used_at FROM refresh_tokens WHERE digest = :digest", digest=digest)
    return Presented(
        RefreshToken(digest=row.digest, expires_at=row.expires_at, used_at=row.used_at),
        Session(
            session_id=held.id,
            account_id=held.account_id,
            ends_at=held.ends_at,
            ended_at=held.ended_at,
            authenticated_at=held.authenticated_at,
            methods=tuple(held.methods),
        ),
    )


async def mark_used(tx: Transaction, digest: bytes) -> None:
    """The token is good no more, and its session is in use."""
    await tx.execute(
        """
        WITH used AS (UPDATE refresh_tokens SET used_at = :now WHERE digest = :digest RETURNING session_id)
        UPDATE sessions SET last_used_at = :now WHERE id = (SELECT session_id FROM used)
        """,
        digest=digest,
        now=tx.now,
    )


async def end_session(tx: Transaction, session_id: UUID, reason: str) -> bool:
    """False when it had ended before."""
    result = await tx.execute(
        "UPDATE sessions SET ended_at = :now, end_reason = :reason WHERE id = :id AND ended_at IS NULL",
        id=session_id,
        reason=reason,
        now=tx.now,
    )
    return result.rowcount == 1


async def end_sessions_of(tx: Transaction, account_id: UUID, reason: str) -> int:
    """All of an account; how many there were."""
    result = await tx.execute(
        "UPDATE sessions SET ended_at = :now, end_reason = :reason WHERE account_id = :id AND ended_at IS NULL",
        id=account_id,
        reason=reason,
        now=tx.now,
    )
    return int(result.rowcount)


async def forget_sessions(tx: Transaction, kept: timedelta) -> int:
    """Removes sessions that were over `kept` ago, with their tokens; the audit log keeps who signed in when."""
    result = await tx.execute("DELETE FROM sessions WHERE ends_at < :before", before=tx.now - kept)
    return int(result.rowcount)
