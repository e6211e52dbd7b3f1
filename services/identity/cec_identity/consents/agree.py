"""Agree to the terms of today: after they were changed, or for the first time in an account that others opened."""

from __future__ import annotations

from cec_chassis.clock import taipei_date
from cec_chassis.database import Transaction
from cec_identity.accounts.domain import Account
from cec_identity.consents.domain import ConsentNotAsked, kind_asked_of
from cec_identity.consents.store import keep_consent
from cec_identity.consents.texts import ConsentKind, require_current


async def agree(tx: Transaction, account: Account, kind: ConsentKind, version: str) -> None:
    """Agreeing twice is no fault, and one consent. Earlier versions stay what they were.

    Raises:
        ConsentNotAsked: the terms are not for accounts of this role.
        ConsentOutdated: the version is not today's.
    """
    if kind is not kind_asked_of(account.role):
        raise ConsentNotAsked
    text = require_current(kind, version, taipei_date(tx.now))
    if await keep_consent(tx, account.account_id, text, tx.now):
        tx.audit(
            "consent.given",
            subject_type="account",
            subject_id=account.account_id,
            after={"kind": kind.value, "version": version},
        )
