"""Tables of what people granted to applications, and of the codes and refresh tokens that came of it."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ARRAY, Column, DateTime, ForeignKey, Index, LargeBinary, Row, Table, Text, Uuid, text

from cec_chassis.database import Transaction
from cec_identity.accounts.store import account_by_id
from cec_identity.openid.models import CodeModel, Grant, RefreshModel
from cec_identity.openid.signed_clients import UsedAssertion
from cec_identity.tables import metadata

client_grants = Table(
    "client_grants",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("client_id", Uuid, ForeignKey("clients.id"), nullable=False),
    Column("account_id", Uuid, ForeignKey("accounts.id"), nullable=False),
    Column("session_id", Uuid, ForeignKey("sessions.id", ondelete="CASCADE"), nullable=False),
    Column("scopes", ARRAY(Text), nullable=False),
    Column("authenticated_at", DateTime(timezone=True), nullable=False),
    Column("methods", ARRAY(Text), nullable=False),
    Column("begun_at", DateTime(timezone=True), nullable=False),
    Column("ended_at", DateTime(timezone=True)),
    Column("end_reason", Text),
    Index("open_grants_by_client", "client_id", postgresql_where=text("ended_at IS NULL")),
    Index("grants_by_session", "session_id"),
)
authorization_codes = Table(
    "authorization_codes",
    metadata,
    Column("digest", LargeBinary, primary_key=True),
    Column("grant_id", Uuid, ForeignKey("client_grants.id", ondelete="CASCADE"), nullable=False),
    Column("redirect_uri", Text, nullable=False),
    Column("nonce", Text),
    Column("code_challenge", Text, nullable=False),
    Column("issued_at", DateTime(timezone=True), nullable=False),
    Column("expires_at", DateTime(timezone=True), nullable=False),
    Column("used_at", DateTime(timezone=True)),
    Index("codes_by_grant", "grant_id"),
)
client_refresh_tokens = Table(
    "client_refresh_tokens",
    metadata,
    Column("digest", LargeBinary, primary_key=True),
    Column("grant_id", Uuid, ForeignKey("client_grants.id", ondelete="CASCADE"), nullable=False),
    Column("issued_at", DateTime(timezone=True), nullable=False),
    Column("expires_at", DateTime(timezone=True), nullable=False),
    Column("used_at", DateTime(timezone=True)),
    Index("client_refresh_tokens_by_grant", "grant_id"),
)
client_consents = Table(
    "client_consents",
    metadata,
    Column("account_id", Uuid, ForeignKey("accounts.id"), primary_key=True),
    Column("client_id", Uuid, ForeignKey("clients.id"), primary_key=True),
    Column("scopes", ARRAY(Text), nullable=False),
    Column("given_at", DateTime(timezone=True), nullable=False),
)
client_assertions = Table(
    "client_assertions",
    metadata,
    Column("client_id", Uuid, ForeignKey("clients.id"), primary_key=True),
    Column("jti", Text, primary_key=True),
    Column("expires_at", DateTime(timezone=True), nullable=False),
    Index("assertions_by_end", "expires_at"),
)

SELECT_GRANT = """
SELECT g.id, g.client_id, g.account_id, g.session_id, g.scopes, g.authenticated_at, g.methods,
       g.ended_at IS NULL AND s.ended_at IS NULL AND s.ends_at > :now AND a.active AS living,
       s.ends_at AS session_ends_at
FROM client_grants g JOIN sessions s ON s.id = g.session_id JOIN accounts a ON a.id = g.account_id
WHERE g.id = :id FOR UPDATE OF g
"""
INSERT_GRANT = """
INSERT INTO client_grants (id, client_id, account_id, session_id, scopes, authenticated_at, methods, begun_at)
VALUES (:id, :client_id, :account_id, :session_id, CAST(:scopes AS text[]), :authenticated_at, CAST(:methods AS text[]),
        :now)
"""
INSERT_CODE = """
INSERT INTO authorization_codes (digest, grant_id, redirect_uri, nonce, code_challenge, issued_at, expires_at)
VALUES (:digest, :grant_id, :redirect_uri, :nonce, :code_challenge, :now, :expires_at)
"""
SAVE_CONSENT = """
INSERT INTO client_consents (account_id, client_id, scopes, given_at)
VALUES (:account_id, :client_id, CAST(:scopes AS text[]), :now)
ON CONFLICT (account_id, client_id) DO UPDATE SET scopes = excluded.scopes, given_at = excluded.given_at
"""


async def insert_grant(tx: Transaction, grant: Grant) -> None:
    await tx.execute(
        INSERT_GRANT,
        id=grant.grant_id,
        client_id=grant.client_id,
        account_id=grant.account_id,
        session_id=grant.session_id,
        scopes=list(grant.scopes),
        authenticated_at=grant.authenticated_at,
        methods=list(grant.methods),
        now=tx.now,
    )


async def insert_code(
    tx: Transaction,
    digest: bytes,
    grant_id: UUID,
    *,
    redirect_uri: str,
    nonce: str | None,
    code_challenge: str,
    expires_at: datetime,
) -> None:
    await tx.execute(
        INSERT_CODE,
        digest=digest,
        grant_id=grant_id,
        redirect_uri=redirect_uri,
        nonce=nonce,
        code_challenge=code_challenge,
        expires_at=expires_at,
        now=tx.now,
    )


async def presented_code(tx: Transaction, digest: bytes) -> CodeModel | None:
    """The code of this digest. Its grant is held until `tx` ends: of two who present it at once, one finds it used."""
    grant = await _held_grant(tx, "SELECT grant_id FROM authorization_codes WHERE digest = :digest", digest)
    if grant is None:
        return None
    row = await tx.one(
        "SELECT redirect_uri, nonce, code_challenge, expires_at, used_at FROM authorization_codes WHERE digest = :digest",
        digest=digest,
    )
    account = await account_by_id(tx, grant.account_id)
    assert account is not None
    return CodeModel(
        digest=digest,
        grant=grant,
        account=account,
        redirect_uri=row.redirect_uri,
        nonce=row.nonce,
        code_challenge=row.code_challenge,
        expires_at=row.expires_at,
        used=row.used_at is not None,
    )


async def mark_code_used(tx: Transaction, digest: bytes) -> None:
    await tx.execute("UPDATE authorization_codes SET used_at = :now WHERE digest = :digest", digest=digest, now=tx.now)


async def insert_client_refresh_token(tx: Transaction, grant_id: UUID, digest: bytes, expires_at: datetime) -> None:
    await tx.execute(
        """
        INSERT INTO client_refresh_tokens (digest, grant_id, issued_at, expires_at)
        VALUES (:digest, :grant_id, :now, :expires_at)
        """,
        digest=digest,
        grant_id=grant_id,
        expires_at=expires_at,
        now=tx.now,
    )


async def presented_refresh_token(tx: Transaction, digest: bytes) -> RefreshModel | None:
    """The refresh token of this digest; its grant is held until `tx` ends."""
    grant = await _held_grant(tx, "SELECT grant_id FROM client_refresh_tokens WHERE digest = :digest", digest)
    if grant is None:
        return None
    row = await tx.one(
        "SELECT expires_at, used_at FROM client_refresh_tokens WHERE digest = :digest",
        digest=digest,
    )
    account = await account_by_id(tx, grant.account_id)
    assert account is not None
    return RefreshModel(
        digest=digest, grant=grant, account=account, expires_at=row.expires_at, used=row.used_at is not None
    )


async def mark_client_refresh_token_used(tx: Transaction, digest: bytes) -> None:
    await tx.execute(
        "UPDATE client_refresh_tokens SET used_at = :now WHERE digest = :digest", digest=digest, now=tx.now
    )


async def end_grant(tx: Transaction, grant_id: UUID, reason: str) -> bool:
    """False when it had ended before."""
    result = await tx.execute(
        "UPDATE client_grants SET ended_at = :now, end_reason = :reason WHERE id = :id AND ended_at IS NULL",
        id=grant_id,
        reason=reason,
        now=tx.now,
    )
    return result.rowcount == 1


async def end_grants_of_client(tx: Transaction, client_id: UUID, reason: str) -> None:
    """Whatever anybody granted to the client."""
    await tx.execute(
        "UPDATE client_grants SET ended_at = :now, end_reason = :reason WHERE client_id = :id AND ended_at IS NULL",
        id=client_id,
        reason=reason,
        now=tx.now,
    )


async def grant_lives(tx: Transaction, client_id: UUID, session_id: UUID) -> bool:
    """Whether what was granted to the client in this sign-in still stands."""
    return bool(
        await tx.scalar(
            """
            SELECT EXISTS (
                SELECT FROM client_grants g JOIN sessions s ON s.id = g.session_id
                WHERE g.client_id = :client_id AND g.session_id = :session_id AND g.ended_at IS NULL
                  AND s.ended_at IS NULL AND s.ends_at > :now)
            """,
            client_id=client_id,
            session_id=session_id,
            now=tx.now,
        )
    )


async def consented_scopes(tx: Transaction, account_id: UUID, client_id: UUID) -> frozenset[str]:
    """What the person has allowed this application before."""
    scopes = await tx.scalar(
        "SELECT scopes FROM client_consents WHERE account_id = :account_id AND client_id = :client_id",
        account_id=account_id,
        client_id=client_id,
    )
    return frozenset(scopes or ())


async def save_consent(tx: Transaction, account_id: UUID, client_id: UUID, scopes: frozenset[str]) -> None:
    await tx.execute(SAVE_CONSENT, account_id=account_id, client_id=client_id, scopes=sorted(scopes), now=tx.now)


async def drop_client_consents(tx: Transaction, account_id: UUID) -> int:
    """Every application asks the person anew; how many had been allowed something."""
    result = await tx.execute("DELETE FROM client_consents WHERE account_id = :account_id", account_id=account_id)
    return int(result.rowcount)


async def keep_assertion(tx: Transaction, used: UsedAssertion) -> bool:
    """False when it was used before."""
    kept = await tx.one_or_none(
        """
        INSERT INTO client_assertions (client_id, jti, expires_at) VALUES (:client_id, :jti, :expires_at)
        ON CONFLICT DO NOTHING RETURNING jti
        """,
        client_id=used.client_id,
        jti=used.jti,
        expires_at=used.expires_at,
    )
    return kept is not None


async def forget_codes(tx: Transaction, before: datetime) -> int:
    """Removes codes, refresh tokens and assertions that expired before a moment, and grants of which nothing is left."""
    forgotten = 0
    for statement in (
        "DELETE FROM authorization_codes WHERE expires_at < :before",
        "DELETE FROM client_refresh_tokens WHERE expires_at < :before",
        "DELETE FROM client_assertions WHERE expires_at < :before",
        """
        DELETE FROM client_grants g
        WHERE begun_at < :before
          AND NOT EXISTS (SELECT FROM authorization_codes WHERE grant_id = g.id)
          AND NOT EXISTS (SELECT FROM client_refresh_tokens WHERE grant_id = g.id)
        """,
    ):
        forgotten += int((await tx.execute(statement, before=before)).rowcount)
    return forgotten


async def _held_grant(tx: Transaction, by: str, digest: bytes) -> Grant | None:
    grant_id = await tx.scalar(by, digest=digest)
    if grant_id is None:
        return None
    return _grant_of(await tx.one(SELECT_GRANT, id=grant_id, now=tx.now))


def _grant_of(row: Row[Any]) -> Grant:
    return Grant(
        grant_id=row.id,
        client_id=row.client_id,
        account_id=row.account_id,
        session_id=row.session_id,
        scopes=tuple(row.scopes),
        authenticated_at=row.authenticated_at,
        methods=tuple(row.methods),
        living=row.living,
        session_ends_at=row.session_ends_at,
    )
