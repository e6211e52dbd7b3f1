"""Tables of mails and of addresses that take none; claiming mails and writing down what became of them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import NamedTuple
from uuid import UUID

import msgspec
from sqlalchemy import Boolean, Column, DateTime, ForeignKey, Index, Integer, LargeBinary, Table, Text, Uuid, text
from sqlalchemy.dialects.postgresql import JSONB

from cec_chassis.database import Transaction
from cec_identity.accounts.profile import Language, email_key
from cec_identity.mail.domain import Mail, MailState
from cec_identity.tables import metadata

mails = Table(
    "mails",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("dedupe_key", Text, unique=True),
    Column("template", Text, nullable=False),
    Column("language", Text, nullable=False),
    Column("recipient", Text, nullable=False),
    Column("account_id", Uuid, ForeignKey("accounts.id")),
    Column("bulk", Boolean, nullable=False),
    Column("template_values", JSONB, nullable=False),
    Column("secrets_sealed", LargeBinary),
    Column("state", Text, nullable=False),
    Column("attempts", Integer, nullable=False, server_default=text("0")),
    Column("next_attempt_at", DateTime(timezone=True), nullable=False),
    Column("attempted_at", DateTime(timezone=True)),
    Column("leased_until", DateTime(timezone=True)),
    Column("useless_after", DateTime(timezone=True)),
    Column("reason", Text),
    Column("queued_at", DateTime(timezone=True), nullable=False),
    Column("ended_at", DateTime(timezone=True)),
    Index("mails_to_send", "bulk", "next_attempt_at", postgresql_where=text("state = 'waiting'")),
    Index("mails_being_sent", "leased_until", postgresql_where=text("state = 'sending'")),
    Index("mails_by_attempt", "attempted_at"),
    Index("mails_by_state", "state", "queued_at"),
    Index("mails_by_account", "account_id"),
)
undeliverable_addresses = Table(
    "undeliverable_addresses",
    metadata,
    Column("address", Text, primary_key=True),
    Column("since", DateTime(timezone=True), nullable=False),
    Column("reason", Text, nullable=False),
)

_ONE_CLAIM_AT_A_TIME = 0x0CEC_1003

INSERT = """
INSERT INTO mails (id, dedupe_key, template, language, recipient, account_id, bulk, template_values, secrets_sealed,
                   state, next_attempt_at, useless_after, queued_at)
VALUES (:id, :dedupe_key, :template, :language, :recipient, :account_id, :bulk, CAST(:template_values AS jsonb),
        :secrets, 'waiting', :next_attempt_at, :useless_after, :now)
ON CONFLICT (dedupe_key) DO NOTHING RETURNING id
"""
LATELY = "SELECT count(*) FROM mails WHERE attempted_at > :since"
RELEASE = """
UPDATE mails SET state = 'waiting', leased_until = NULL WHERE state = 'sending' AND leased_until <= :now
"""
CLAIM = """
WITH due AS (
    SELECT id FROM mails WHERE state = 'waiting' AND bulk = :bulk AND next_attempt_at <= :now
    ORDER BY next_attempt_at LIMIT :limit FOR UPDATE SKIP LOCKED
)
UPDATE mails SET state = 'sending', attempts = attempts + 1, attempted_at = :now, leased_until = :leased_until
FROM due WHERE mails.id = due.id
RETURNING mails.id, template, language, recipient, bulk, CAST(template_values AS text) AS template_values,
          secrets_sealed, attempts, useless_after,
          EXISTS (SELECT FROM undeliverable_addresses WHERE address = lower(recipient)) AS undeliverable
"""
END = """
UPDATE mails
SET state = :state, reason = :reason, ended_at = :now, leased_until = NULL,
    secrets_sealed = CASE WHEN :erase THEN NULL ELSE secrets_sealed END
WHERE id = :id AND state = 'sending' AND attempts = :attempts
"""
POSTPONE = """
UPDATE mails SET state = 'waiting', reason = :reason, next_attempt_at = :at, leased_until = NULL
WHERE id = :id AND state = 'sending' AND attempts = :attempts
"""
GIVE_BACK = """
UPDATE mails
SET state = 'waiting', reason = :reason, next_attempt_at = :at, leased_until = NULL, attempts = mails.attempts - 1
FROM unnest(CAST(:ids AS uuid[]), CAST(:attempts AS integer[])) AS mine (id, attempts)
WHERE mails.id = mine.id AND mails.attempts = mine.attempts AND state = 'sending'
"""


class Claimed(NamedTuple):
    """A mail that this worker may send until its lease ends."""

    mail_id: UUID
    template: str
    language: Language
    recipient: str
    bulk: bool
    values: dict[str, str]
    secrets_sealed: bytes | None
    attempts: int
    useless_after: datetime | None
    undeliverable: bool


async def insert_mail(tx: Transaction, mail_id: UUID, mail: Mail, secrets_sealed: bytes | None) -> bool:
    """False when a mail of the same key is there already."""
    row = await tx.one_or_none(
        INSERT,
        id=mail_id,
        dedupe_key=mail.dedupe_key,
        template=mail.template,
        language=mail.language.value,
        recipient=mail.to,
        account_id=mail.account_id,
        bulk=mail.bulk,
        template_values=msgspec.json.encode(dict(mail.values)).decode(),
        secrets=secrets_sealed,
        next_attempt_at=max(mail.not_before or tx.now, tx.now),
        useless_after=mail.useless_after,
        now=tx.now,
    )
    return row is not None


async def claim_mails(tx: Transaction, *, most: int, per_minute: int, lease: timedelta) -> list[Claimed]:
    """Up to `most` mails that are due, those somebody waits for first, and no more in a minute than `per_minute`
    whatever the number of workers; a quarter of that is never used by bulk mail.

    They are this worker's until the lease ends; then another one takes them over.
    """
    await tx.execute("SELECT pg_advisory_xact_lock(:key)", key=_ONE_CLAIM_AT_A_TIME)
    await tx.execute(RELEASE, now=tx.now)
    lately = await tx.scalar(LATELY, since=tx.now - timedelta(minutes=1))
    room = min(most, per_minute - lately)
    claimed = await _claim(tx, bulk=False, limit=room, leased_until=tx.now + lease)
    bulk_room = min(room - len(claimed), per_minute - per_minute // 4 - lately - len(claimed))
    return claimed + await _claim(tx, bulk=True, limit=bulk_room, leased_until=tx.now + lease)


async def _claim(tx: Transaction, *, bulk: bool, limit: int, leased_until: datetime) -> list[Claimed]:
    if limit <= 0:
        return []
    rows = await tx.all(CLAIM, bulk=bulk, limit=limit, leased_until=leased_until, now=tx.now)
    claimed = [
        Claimed(
            mail_id=row.id,
            template=row.template,
            language=Language(row.language),
            recipient=row.recipient,
            bulk=row.bulk,
            values=msgspec.json.decode(row.template_values, type=dict[str, str]),
            secrets_sealed=row.secrets_sealed,
            attempts=row.attempts,
            useless_after=row.useless_after,
            undeliverable=row.undeliverable,
        )
        for row in rows
    ]
    return sorted(claimed, key=lambda mail: mail.mail_id)  # ids grow with time


async def end_mail(
    tx: Transaction, mail_id: UUID, attempts: int, state: MailState, reason: str = "", *, erase: bool
) -> bool:
    """What became of it. False when the lease had ended and another worker has taken the mail over."""
    result = await tx.execute(
        END, id=mail_id, attempts=attempts, state=state.value, reason=reason or None, erase=erase, now=tx.now
    )
    return bool(result.rowcount)


async def postpone_mail(tx: Transaction, mail_id: UUID, attempts: int, at: datetime, reason: str) -> bool:
    """To be tried again at `at`. False as in `end_mail`."""
    return bool((await tx.execute(POSTPONE, id=mail_id, attempts=attempts, at=at, reason=reason)).rowcount)


async def give_back(tx: Transaction, mails: Sequence[Claimed], at: datetime, reason: str | None = None) -> None:
    """Nobody was asked to take these: they wait until `at`, and the attempt does not count."""
    await tx.execute(
        GIVE_BACK,
        ids=[mail.mail_id for mail in mails],
        attempts=[mail.attempts for mail in mails],
        at=at,
        reason=reason,
    )


async def mark_returned(tx: Transaction, mail_id: UUID, state: MailState, reason: str) -> str | None:
    """A mail that the server had taken over came back. Its address; None when no such mail was delivered, or it has
    come back before."""
    row = await tx.one_or_none(
        """
        UPDATE mails SET state = :state, reason = :reason, ended_at = :now
        WHERE id = :id AND state = 'delivered' RETURNING recipient
        """,
        id=mail_id,
        state=state.value,
        reason=reason,
        now=tx.now,
    )
    return None if row is None else str(row.recipient)


async def mark_undeliverable(tx: Transaction, address: str, reason: str) -> None:
    """Nothing of a bulk goes there until something else has arrived."""
    await tx.execute(
        """
        INSERT INTO undeliverable_addresses (address, since, reason) VALUES (:address, :now, :reason)
        ON CONFLICT (address) DO UPDATE SET reason = excluded.reason
        """,
        address=email_key(address),
        reason=reason,
        now=tx.now,
    )


async def mark_deliverable(tx: Transaction, address: str) -> None:
    """A server has taken a mail for it."""
    await tx.execute("DELETE FROM undeliverable_addresses WHERE address = :address", address=email_key(address))


async def undeliverable_since(tx: Transaction, addresses: Sequence[str]) -> dict[str, datetime]:
    """Of these addresses those that take no mail, and since when; by the address in lower case."""
    rows = await tx.all(
        "SELECT address, since FROM undeliverable_addresses WHERE address = ANY(CAST(:addresses AS text[]))",
        addresses=[email_key(address) for address in addresses],
    )
    return {row.address: row.since for row in rows}


class Kept(NamedTuple):
    """A mail's row as far as sending it again depends on it."""

    template: str
    state: MailState
    values: dict[str, str]
    has_secrets: bool
    useless_after: datetime | None


async def mail_for_change(tx: Transaction, mail_id: UUID) -> Kept | None:
    """The mail, which nobody else can change until `tx` ends; None when there is none."""
    row = await tx.one_or_none(
        """
        SELECT template, state, CAST(template_values AS text) AS template_values, secrets_sealed IS NOT NULL AS secret,
               useless_after
        FROM mails WHERE id = :id FOR UPDATE
        """,
        id=mail_id,
    )
    if row is None:
        return None
    values = msgspec.json.decode(row.template_values, type=dict[str, str])
    return Kept(row.template, MailState(row.state), values, row.secret, row.useless_after)


async def queue_again(tx: Transaction, mail_id: UUID) -> None:
    """As if it had just been queued. The row is held by `mail_for_change`."""
    await tx.execute(
        """
        UPDATE mails
        SET state = 'waiting', attempts = 0, next_attempt_at = :now, reason = NULL, ended_at = NULL, leased_until = NULL
        WHERE id = :id
        """,
        id=mail_id,
        now=tx.now,
    )


async def forget_mails(tx: Transaction, kept: timedelta) -> int:
    """Erases links that have expired, and removes mails that ended longer than `kept` ago; how many were removed."""
    await tx.execute(
        "UPDATE mails SET secrets_sealed = NULL WHERE secrets_sealed IS NOT NULL AND useless_after < :now", now=tx.now
    )
    result = await tx.execute("DELETE FROM mails WHERE ended_at < :before", before=tx.now - kept)
    return int(result.rowcount)
