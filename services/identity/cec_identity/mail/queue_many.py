"""Queue many mails of one template with one statement, and call back those that still wait."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

import msgspec

from cec_chassis.database import Transaction
from cec_chassis.ids import new_id
from cec_identity.mail.domain import Mail
from cec_identity.mail.templates import check_values

INSERT_MANY = """
INSERT INTO mails (id, dedupe_key, template, language, recipient, account_id, bulk, template_values, state,
                   next_attempt_at, useless_after, queued_at)
SELECT id, dedupe_key, template, language, recipient, account_id, true, template_values, 'waiting',
       greatest(next_attempt_at, :now), useless_after, :now
FROM unnest(CAST(:ids AS uuid[]), CAST(:keys AS text[]), CAST(:templates AS text[]), CAST(:languages AS text[]),
            CAST(:recipients AS text[]), CAST(:accounts AS uuid[]), CAST(:template_values AS jsonb[]),
            CAST(:not_before AS timestamptz[]), CAST(:useless_after AS timestamptz[]))
     AS mail (id, dedupe_key, template, language, recipient, account_id, template_values, next_attempt_at, useless_after)
ON CONFLICT (dedupe_key) DO NOTHING
"""
CANCEL = """
UPDATE mails SET state = 'failed', reason = :reason, ended_at = :now, secrets_sealed = NULL
WHERE state = 'waiting' AND bulk AND starts_with(dedupe_key, :prefix)
"""
CANCEL_FOR = """
UPDATE mails SET state = 'failed', reason = :reason, ended_at = :now, secrets_sealed = NULL
WHERE state = 'waiting' AND bulk AND account_id = :account_id
"""
WAITING = "SELECT count(*) FROM (SELECT FROM mails WHERE state = 'waiting' AND bulk LIMIT :most) AS waiting"


async def queue_many(tx: Transaction, mails: Sequence[Mail]) -> int:
    """How many were queued: one whose `dedupe_key` was queued before is not. All are bulk mail, none has secrets.

    Raises:
        WrongValues: a template asks for other values.
        ValueError: a mail has secrets.
    """
    for mail in mails:
        check_values(mail.template, mail.values)
        if mail.secrets:
            raise ValueError("mails with secrets are queued one by one")
    result = await tx.execute(
        INSERT_MANY,
        ids=[new_id() for _ in mails],
        keys=[mail.dedupe_key for mail in mails],
        templates=[mail.template for mail in mails],
        languages=[mail.language.value for mail in mails],
        recipients=[mail.to for mail in mails],
        accounts=[mail.account_id for mail in mails],
        template_values=[msgspec.json.encode(dict(mail.values)).decode() for mail in mails],
        not_before=[mail.not_before or tx.now for mail in mails],
        useless_after=[mail.useless_after for mail in mails],
        now=tx.now,
    )
    return int(result.rowcount)


async def cancel_waiting(tx: Transaction, prefix: str, reason: str) -> int:
    """Bulk mails that wait and whose key begins like this are not sent; how many. What is being sent arrives."""
    return int((await tx.execute(CANCEL, prefix=prefix, reason=reason, now=tx.now)).rowcount)


async def cancel_waiting_for(tx: Transaction, account_id: UUID, reason: str) -> int:
    """Bulk mails to the owner of this account that wait are not sent; how many. What is being sent arrives."""
    return int((await tx.execute(CANCEL_FOR, account_id=account_id, reason=reason, now=tx.now)).rowcount)


async def bulk_waiting(tx: Transaction, most: int) -> int:
    """How many bulk mails wait; nobody counts beyond `most`."""
    return int(await tx.scalar(WAITING, most=most))
