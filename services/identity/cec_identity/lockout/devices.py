"""Devices from which somebody has signed in to an account: what lets its owner in while others guess.

The device keeps a random token, we keep its digest. The token alone opens nothing; it says only that guesses of others
are not to be held against whoever brings it along.
"""

from __future__ import annotations

from datetime import timedelta
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import Column, DateTime, ForeignKey, Index, LargeBinary, Table, Text, Uuid

from cec_chassis.database import Transaction
from cec_identity.sign_in.domain import digest_of, new_refresh_token
from cec_identity.sign_in.visit import Visit
from cec_identity.tables import metadata

KNOWN_FOR = timedelta(days=180)
"""After its last use."""
MOST = 20
"""Devices of an account; the one that was not used for longest is forgotten."""

known_devices = Table(
    "known_devices",
    metadata,
    Column("digest", LargeBinary, primary_key=True),
    Column("account_id", Uuid, ForeignKey("accounts.id"), nullable=False),
    Column("device", Text, nullable=False),
    Column("known_since", DateTime(timezone=True), nullable=False),
    Column("last_used_at", DateTime(timezone=True), nullable=False),
    Index("known_devices_by_account", "account_id", "last_used_at"),
)


class Device(NamedTuple):
    """A device that some account knows, by the digest of its token."""

    digest: bytes
    account_id: UUID


async def device_of(tx: Transaction, token: str | None) -> Device | None:
    """Whose device this is; None when no account knows it."""
    if not token:
        return None
    row = await tx.one_or_none(
        "SELECT digest, account_id FROM known_devices WHERE digest = :digest AND last_used_at > :since",
        digest=digest_of(token),
        since=tx.now - KNOWN_FOR,
    )
    return None if row is None else Device(row.digest, row.account_id)


async def known_device(tx: Transaction, token: str | None, account_id: UUID) -> bytes | None:
    """The digest by which the account knows this device; None when it does not."""
    device = await device_of(tx, token)
    return device.digest if device is not None and device.account_id == account_id else None


async def meet_device(tx: Transaction, account_id: UUID, device: bytes | None, visit: Visit) -> str | None:
    """Somebody has signed in with it. A new device gets a token, a known one (by its digest) has one already."""
    if device is not None:
        await tx.execute(
            "UPDATE known_devices SET last_used_at = :now WHERE digest = :digest", digest=device, now=tx.now
        )
        return None
    token = new_refresh_token()
    await tx.execute(
        """
        INSERT INTO known_devices (digest, account_id, device, known_since, last_used_at)
        VALUES (:digest, :account_id, :device, :now, :now)
        """,
        digest=digest_of(token),
        account_id=account_id,
        device=visit.device,
        now=tx.now,
    )
    await tx.execute(
        """
        DELETE FROM known_devices WHERE digest IN (
            SELECT digest FROM known_devices WHERE account_id = :account_id
            ORDER BY last_used_at DESC, digest OFFSET :most)
        """,
        account_id=account_id,
        most=MOST,
    )
    return token


async def forget_devices_of(tx: Transaction, account_id: UUID) -> None:
    """All of an account: it was in foreign hands, perhaps from one of them."""
    await tx.execute("DELETE FROM known_devices WHERE account_id = :id", id=account_id)


async def forget_unused_devices(tx: Transaction) -> int:
    """Removes what nobody has used for so long that it counts no more."""
    result = await tx.execute("DELETE FROM known_devices WHERE last_used_at <= :since", since=tx.now - KNOWN_FOR)
    return int(result.rowcount)
