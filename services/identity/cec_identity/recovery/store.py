"""Tables of requests that wait for an answer, and of links that were mailed."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import Column, DateTime, ForeignKey, Index, LargeBinary, Table, Text, Uuid

from cec_chassis.database import Transaction
from cec_identity.accounts.domain import name_key
from cec_identity.accounts.profile import Language, email_key
from cec_identity.tables import metadata

recovery_requests = Table(
    "recovery_requests",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("who_sealed", LargeBinary, nullable=False),
    Column("requested_at", DateTime(timezone=True), nullable=False),
)
recovery_links = Table(
    "recovery_links",
    metadata,
    Column("digest", LargeBinary, primary_key=True),
    Column("account_id", Uuid, ForeignKey("accounts.id"), nullable=False),
    Column("email", Text, nullable=False),
    Column("made_at", DateTime(timezone=True), nullable=False),
    Column("expires_at", DateTime(timezone=True), nullable=False),
    Column("ended_at", DateTime(timezone=True)),
    Index("recovery_links_by_account", "account_id", "made_at"),
)

FIND = """
SELECT a.id, a.name, f.person_name, f.email, f.language FROM accounts a JOIN account_profiles f ON f.account_id = a.id
WHERE (a.name_key = :name_key OR f.email_key = :email_key) AND a.active AND a.role <> 'other_system'
  AND f.email IS NOT NULL
ORDER BY a.id LIMIT :limit
"""
LINK = """
SELECT r.account_id, a.name, r.email FROM recovery_links r
JOIN accounts a ON a.id = r.account_id JOIN account_profiles f ON f.account_id = a.id
WHERE r.digest = :digest AND r.ended_at IS NULL AND r.expires_at > :now AND a.active AND f.email_key = lower(r.email)
"""


class Addressee(NamedTuple):
    """Somebody who is written to."""

    account_id: UUID
    name: str
    person_name: str
    email: str
    language: Language


class GoodLink(NamedTuple):
    """A link that may be used."""

    account_id: UUID
    name: str
    email: str


async def insert_request(tx: Transaction, request_id: UUID, who_sealed: bytes) -> None:
    await tx.execute(
        "INSERT INTO recovery_requests (id, who_sealed, requested_at) VALUES (:id, :who, :now)",
        id=request_id,
        who=who_sealed,
        now=tx.now,
    )


async def take_requests(tx: Transaction, limit: int) -> list[tuple[UUID, bytes]]:
    """The oldest ones, gone when `tx` is committed; two workers take different ones."""
    rows = await tx.all(
        """
        DELETE FROM recovery_requests
        WHERE id IN (SELECT id FROM recovery_requests ORDER BY id LIMIT :limit FOR UPDATE SKIP LOCKED)
        RETURNING id, who_sealed
        """,
        limit=limit,
    )
    return [(row.id, row.who_sealed) for row in rows]


async def addressees(tx: Transaction, who: str, limit: int) -> list[Addressee]:
    """The accounts of this name or with this registered address that are in use."""
    rows = await tx.all(FIND, name_key=name_key(who), email_key=email_key(who), limit=limit)
    return [Addressee(row.id, row.name, row.person_name, row.email, Language(row.language)) for row in rows]


async def links_since(tx: Transaction, account_id: UUID, since: datetime) -> int:
    """How many were mailed to the account's owner since then."""
    count = await tx.scalar(
        "SELECT count(*) FROM recovery_links WHERE account_id = :id AND made_at > :since", id=account_id, since=since
    )
    return int(count)


async def has_link_until(tx: Transaction, to: Addressee, until: datetime) -> bool:
    """Whether one was mailed to this address that is still good then, if nobody uses it."""
    return bool(
        await tx.scalar(
            """
            SELECT EXISTS (SELECT FROM recovery_links WHERE account_id = :id AND lower(email) = :email
                           AND ended_at IS NULL AND expires_at > :until)
            """,
            id=to.account_id,
            email=email_key(to.email),
            until=until,
        )
    )


async def insert_link(tx: Transaction, digest: bytes, to: Addressee, expires_at: datetime) -> None:
    await tx.execute(
        """
        INSERT INTO recovery_links (digest, account_id, email, made_at, expires_at)
        VALUES (:digest, :account_id, :email, :now, :expires_at)
        """,
        digest=digest,
        account_id=to.account_id,
        email=to.email,
        expires_at=expires_at,
        now=tx.now,
    )


async def good_link(tx: Transaction, digest: bytes, *, held: bool = False) -> GoodLink | None:
    """The link, if it was not used, has not expired, and went to the address that is still the account's."""
    row = await tx.one_or_none(LINK + (" FOR UPDATE OF r" if held else ""), digest=digest, now=tx.now)
    return None if row is None else GoodLink(row.account_id, row.name, row.email)


async def end_links_of(tx: Transaction, account_id: UUID) -> None:
    """Whatever was mailed before is worth nothing any more."""
    await tx.execute(
        "UPDATE recovery_links SET ended_at = :now WHERE account_id = :id AND ended_at IS NULL",
        id=account_id,
        now=tx.now,
    )


async def forget_links(tx: Transaction, kept: timedelta) -> int:
    """Removes links that expired longer than `kept` ago."""
    result = await tx.execute("DELETE FROM recovery_links WHERE expires_at < :before", before=tx.now - kept)
    return int(result.rowcount)
