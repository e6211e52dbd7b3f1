"""Open the account of a practitioner again who had withdrawn the consent, and activates it anew."""

from __future__ import annotations

from dataclasses import replace
from uuid import UUID

from sqlalchemy.exc import IntegrityError

from cec_chassis.database import Transaction
from cec_contracts.vocabulary import AccountState
from cec_identity.accounts.change_state import tell_change
from cec_identity.accounts.domain import Account, AccountNameTaken, StateBy, name_key
from cec_identity.accounts.open_account import OpenAccount
from cec_identity.accounts.store import COLUMNS, account_of, save_account
from cec_identity.consents.store import WITHDRAWN
from cec_identity.practitioners.survivors import line_in_use

CLOSED = f"""
SELECT {COLUMNS} FROM accounts a
WHERE a.practitioner_id = :practitioner_id AND a.role = 'practitioner' AND {WITHDRAWN} FOR UPDATE OF a
"""
RENAME = "UPDATE accounts SET name = :name, name_key = :key, password_hash = :hash WHERE id = :id"


async def reopen_account(tx: Transaction, practitioner_id: UUID, command: OpenAccount) -> Account | None:
    """The same account under the name and password of today, or None when there is none to come back to; of the survivor,
    when the record was merged into another one. The second factors that its owner had set up still count: who knows the
    facts of the registry alone does not get past them.

    Raises:
        AccountNameTaken: somebody was quicker.
    """
    line = await line_in_use(tx, practitioner_id)
    row = await tx.one_or_none(CLOSED, practitioner_id=line[-1] if line else practitioner_id)
    if row is None:
        return None
    before = account_of(row)
    after = replace(
        before,
        name=command.name,
        state=AccountState.ACTIVE,
        state_by=StateBy.OWNER,
        state_reason="",
        version=before.version + 1,
    )
    try:
        await tx.execute(
            RENAME, id=after.account_id, name=after.name, key=name_key(after.name), hash=command.password_hash
        )
    except IntegrityError:
        raise AccountNameTaken from None
    await save_account(tx, after)
    await tell_change(tx, before, after, "account.reopened", "再次開通並同意 / Activated again, with a new consent")
    return after
