"""Who signed in when, from where, how, and when it did not work: for the person, and for the usage log."""

from __future__ import annotations

from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID

import msgspec
from sqlalchemy import ARRAY, CheckConstraint, Column, DateTime, ForeignKey, Index, Table, Text, Uuid

from cec_chassis.database import Transaction
from cec_chassis.http import Page, Paging
from cec_chassis.ids import new_id
from cec_identity.sign_in.visit import Visit
from cec_identity.tables import metadata

KEPT = timedelta(days=365)

sign_in_history = Table(
    "sign_in_history",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("account_id", Uuid, ForeignKey("accounts.id")),
    Column("at", DateTime(timezone=True), nullable=False),
    Column("outcome", Text, nullable=False),
    Column("methods", ARRAY(Text), nullable=False),
    Column("device", Text, nullable=False),
    Column("address_masked", Text, nullable=False),
    Column("session_id", Uuid),
    CheckConstraint("(outcome = 'succeeded') = (session_id IS NOT NULL)", name="only_a_success_begins_a_session"),
    Index("sign_in_history_by_account", "account_id", "at"),
    Index("sign_in_history_by_time", "at"),
)


class Outcome(StrEnum):
    """How an attempt ended."""

    SUCCEEDED = "succeeded"
    REFUSED = "refused"
    """Wrong password, passkey or card, or the account is disabled."""
    SECOND_FACTOR_REFUSED = "second_factor_refused"
    """The password was right; somebody knows it."""


class SignInLine(msgspec.Struct, kw_only=True):
    """One attempt. `methods` in the words of RFC 8176."""

    at: datetime
    outcome: Outcome
    methods: list[str]
    device: str
    address_masked: str
    session_id: UUID | None


async def note_sign_in(
    tx: Transaction,
    account_id: UUID | None,
    outcome: Outcome,
    methods: tuple[str, ...],
    visit: Visit,
    session_id: UUID | None = None,
) -> None:
    """One row more, also for a name that nobody has (None): the answer must not come sooner then. Attempts that were
    refused unseen (wait, proof of work) leave none: strangers could write millions."""
    await tx.execute(
        """
        INSERT INTO sign_in_history (id, account_id, at, outcome, methods, device, address_masked, session_id)
        VALUES (:id, :account_id, :now, :outcome, :methods, :device, :address_masked, :session_id)
        """,
        id=new_id(),
        account_id=account_id,
        outcome=outcome.value,
        methods=list(methods),
        device=visit.device,
        address_masked=visit.address_masked,
        session_id=session_id,
        now=tx.now,
    )


async def signed_in_before(tx: Transaction, account_id: UUID, session_id: UUID) -> bool:
    """Whether somebody has signed in to the account before this session. Of an account that is older than what is kept
    here nobody can know; it counts as used."""
    return bool(
        await tx.scalar(
            """
            SELECT EXISTS (SELECT FROM sign_in_history WHERE account_id = :id AND session_id <> :session_id)
                OR EXISTS (SELECT FROM accounts WHERE id = :id AND opened_at <= :since)
            """,
            id=account_id,
            session_id=session_id,
            since=tx.now - KEPT,
        )
    )


async def sign_in_history_page(tx: Transaction, paging: Paging, account_id: UUID) -> Page[SignInLine]:
    """The attempts at an account, the newest first."""
    total = await tx.scalar("SELECT count(*) FROM sign_in_history WHERE account_id = :id", id=account_id)
    rows = await tx.all(
        """
        SELECT at, outcome, methods, device, address_masked, session_id FROM sign_in_history
        WHERE account_id = :id ORDER BY at DESC, id DESC LIMIT :limit OFFSET :offset
        """,
        id=account_id,
        limit=paging.limit,
        offset=paging.offset,
    )
    return paging.of([msgspec.convert(dict(row._mapping), SignInLine) for row in rows], total)


async def forget_history(tx: Transaction) -> int:
    """Removes what is older than KEPT."""
    result = await tx.execute("DELETE FROM sign_in_history WHERE at < :before", before=tx.now - KEPT)
    return int(result.rowcount)
