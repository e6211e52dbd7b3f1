"""The accounts of somebody whose record is merged, or separated again: they follow the person."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from cec_chassis.database import Transaction
from cec_contracts.identity import ACCOUNT_CHANGED
from cec_contracts.vocabulary import AccountRole
from cec_identity.accounts.disable_account import disable_account
from cec_identity.accounts.store import COLUMNS, account_of
from cec_identity.publishes import account_news

TIED = "SELECT id, role FROM accounts WHERE practitioner_id = :practitioner ORDER BY id FOR UPDATE"
TIE = f"""
UPDATE accounts SET practitioner_id = :to, version = version + 1, changed_at = :now
WHERE id = ANY(CAST(:ids AS uuid[])) AND practitioner_id = :from
RETURNING {COLUMNS}
"""


async def tie_accounts_of(tx: Transaction, former: UUID, survivor: UUID, reason: str) -> list[UUID]:
    """Ties the accounts of the former record to the survivor; returns them.

    A practitioner signs in with one account: where the survivor has one, that of the former record is closed instead.
    """
    taken = any(row.role == AccountRole.PRACTITIONER for row in await tx.all(TIED, practitioner=survivor))
    moved: list[UUID] = []
    for row in await tx.all(TIED, practitioner=former):
        if row.role == AccountRole.PRACTITIONER and taken:
            await disable_account(tx, row.id, reason)
        else:
            moved.append(row.id)
    await tie_accounts(tx, moved, former, survivor, reason)
    return moved


async def tie_accounts(
    tx: Transaction, accounts: Sequence[UUID], tied_to: UUID, practitioner_id: UUID, reason: str
) -> None:
    """Those of the accounts that are tied to the one record are tied to the other; the others hear of it."""
    if not accounts:
        return
    for row in await tx.all(TIE, ids=list(accounts), to=practitioner_id, now=tx.now, **{"from": tied_to}):
        account = account_of(row)
        tx.publish(ACCOUNT_CHANGED, subject=account.account_id, sequence=account.version, body=account_news(account))
        tx.audit(
            "account.practitioner_changed",
            subject_type="account",
            subject_id=account.account_id,
            reason=reason,
            before={"practitioner_id": str(tied_to)},
            after={"practitioner_id": str(practitioner_id)},
        )
