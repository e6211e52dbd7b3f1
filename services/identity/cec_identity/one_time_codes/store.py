"""Tables of the secrets of one-time codes and of recovery codes."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import BigInteger, Column, DateTime, ForeignKey, LargeBinary, Table, Uuid

from cec_chassis.database import Transaction
from cec_identity.tables import metadata

one_time_code_secrets = Table(
    "one_time_code_secrets",
    metadata,
    Column("account_id", Uuid, ForeignKey("accounts.id"), primary_key=True),
    Column("secret_sealed", LargeBinary, nullable=False),
    Column("enrolled_at", DateTime(timezone=True), nullable=False),
    Column("confirmed_at", DateTime(timezone=True)),
    Column("last_step", BigInteger, nullable=False),
)
recovery_codes = Table(
    "recovery_codes",
    metadata,
    Column("account_id", Uuid, ForeignKey("accounts.id"), primary_key=True),
    Column("digest", LargeBinary, primary_key=True),
    Column("issued_at", DateTime(timezone=True), nullable=False),
    Column("used_at", DateTime(timezone=True)),
)


class Enrolment(NamedTuple):
    """A secret that an account has, sealed. It counts once it has been confirmed."""

    secret_sealed: bytes
    enrolled_at: datetime
    confirmed_at: datetime | None
    last_step: int


async def enrolment_of(tx: Transaction, account_id: UUID) -> Enrolment | None:
    """What the account has, confirmed or not."""
    row = await tx.one_or_none(
        """
        SELECT secret_sealed, enrolled_at, confirmed_at, last_step FROM one_time_code_secrets WHERE account_id = :id
        """,
        id=account_id,
    )
    return None if row is None else Enrolment(row.secret_sealed, row.enrolled_at, row.confirmed_at, row.last_step)


async def save_enrolment(tx: Transaction, account_id: UUID, secret_sealed: bytes) -> bool:
    """A new secret, still to be confirmed; it replaces one that never was. False when one is confirmed already."""
    row = await tx.one_or_none(
        """
        INSERT INTO one_time_code_secrets AS known (account_id, secret_sealed, enrolled_at, last_step)
        VALUES (:id, :secret, :now, 0)
        ON CONFLICT (account_id) DO UPDATE SET secret_sealed = excluded.secret_sealed, enrolled_at = excluded.enrolled_at
        WHERE known.confirmed_at IS NULL
        RETURNING account_id
        """,
        id=account_id,
        secret=secret_sealed,
        now=tx.now,
    )
    return row is not None


async def use_step(tx: Transaction, account_id: UUID, step: int) -> bool:
    """Uses up the code of a time step and all before it. False when it was used up already: of two who send one code at
    once, one is refused."""
    result = await tx.execute(
        "UPDATE one_time_code_secrets SET last_step = :step WHERE account_id = :id AND last_step < :step",
        id=account_id,
        step=step,
    )
    return result.rowcount == 1


async def mark_confirmed(tx: Transaction, account_id: UUID) -> None:
    await tx.execute(
        "UPDATE one_time_code_secrets SET confirmed_at = :now WHERE account_id = :id", id=account_id, now=tx.now
    )


async def remove_enrolment(tx: Transaction, account_id: UUID) -> bool:
    """The secret and the recovery codes are gone; False when there was no secret."""
    await tx.execute("DELETE FROM recovery_codes WHERE account_id = :id", id=account_id)
    result = await tx.execute("DELETE FROM one_time_code_secrets WHERE account_id = :id", id=account_id)
    return result.rowcount == 1


async def replace_recovery_codes(tx: Transaction, account_id: UUID, digests: Iterable[bytes]) -> None:
    """These codes and no others."""
    await tx.execute("DELETE FROM recovery_codes WHERE account_id = :id", id=account_id)
    await tx.execute(
        """
        INSERT INTO recovery_codes (account_id, digest, issued_at)
        SELECT :id, digest, :now FROM unnest(CAST(:digests AS bytea[])) AS issued (digest)
        """,
        id=account_id,
        digests=list(digests),
        now=tx.now,
    )


async def use_recovery_code(tx: Transaction, account_id: UUID, digest: bytes) -> bool:
    """False when there is no such code, or it was used before."""
    result = await tx.execute(
        """
        UPDATE recovery_codes SET used_at = :now WHERE account_id = :id AND digest = :digest AND used_at IS NULL
        """,
        id=account_id,
        digest=digest,
        now=tx.now,
    )
    return result.rowcount == 1


async def recovery_codes_left(tx: Transaction, account_id: UUID) -> int:
    """How many have not been used."""
    return int(
        await tx.scalar("SELECT count(*) FROM recovery_codes WHERE account_id = :id AND used_at IS NULL", id=account_id)
    )
