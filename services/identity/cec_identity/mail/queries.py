"""What administrators are told about mails: never a link, and the address masked."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec
from sqlalchemy import Row

from cec_chassis.database import Transaction
from cec_chassis.http import Page, Paging
from cec_identity.accounts.profile import masked_email
from cec_identity.mail.domain import MailState

_FILTER = """
WHERE (CAST(:state AS text) IS NULL OR state = :state)
  AND (CAST(:account_id AS uuid) IS NULL OR account_id = :account_id)
"""


class MailView(msgspec.Struct, kw_only=True):
    """A mail and what became of it. `reason` is what the mail server said, or why it was not sent."""

    mail_id: UUID
    template: str
    language: str
    recipient_masked: str
    account_id: UUID | None
    bulk: bool
    state: MailState
    attempts: int
    reason: str | None
    queued_at: datetime
    next_attempt_at: datetime | None
    ended_at: datetime | None


class MailCounts(msgspec.Struct, kw_only=True):
    """How many mails somebody may have to look after; those delivered are not counted, for they are many."""

    waiting: int = 0
    sending: int = 0
    failed: int = 0
    bounced: int = 0


def _view(row: Row[Any]) -> MailView:
    state = MailState(row.state)
    return MailView(
        mail_id=row.id,
        template=row.template,
        language=row.language,
        recipient_masked=masked_email(row.recipient),
        account_id=row.account_id,
        bulk=row.bulk,
        state=state,
        attempts=row.attempts,
        reason=None if row.reason is None else row.reason.replace(row.recipient, masked_email(row.recipient)),
        queued_at=row.queued_at,
        next_attempt_at=row.next_attempt_at if state is MailState.WAITING else None,
        ended_at=row.ended_at,
    )


async def mails_page(
    tx: Transaction, paging: Paging, *, state: MailState | None, account_id: UUID | None
) -> Page[MailView]:
    """Mails in a state or to an account, the newest first."""
    wanted = {"state": state.value if state else None, "account_id": account_id}
    total = await tx.scalar(f"SELECT count(*) FROM mails {_FILTER}", **wanted)
    rows = await tx.all(
        f"""
        SELECT id, template, language, recipient, account_id, bulk, state, attempts, reason, queued_at,
               next_attempt_at, ended_at
        FROM mails {_FILTER} ORDER BY queued_at DESC, id DESC LIMIT :limit OFFSET :offset
        """,
        **wanted,
        limit=paging.limit,
        offset=paging.offset,
    )
    return paging.of([_view(row) for row in rows], total)


async def mail_by_id(tx: Transaction, mail_id: UUID) -> MailView | None:
    """One mail, or None."""
    row = await tx.one_or_none(
        """
        SELECT id, template, language, recipient, account_id, bulk, state, attempts, reason, queued_at,
               next_attempt_at, ended_at
        FROM mails WHERE id = :id
        """,
        id=mail_id,
    )
    return None if row is None else _view(row)


async def mail_counts(tx: Transaction) -> MailCounts:
    """For gauges."""
    rows = await tx.all(
        "SELECT state, count(*) AS mails FROM mails WHERE state IN ('waiting', 'sending', 'failed', 'bounced') GROUP BY state"
    )
    return MailCounts(**{row.state: row.mails for row in rows})
