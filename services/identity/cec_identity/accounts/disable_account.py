"""Disable an account: its sessions end at once, its access tokens within their ten minutes."""

from __future__ import annotations

from uuid import UUID

from cec_chassis.database import Transaction
from cec_chassis.problems import NotFound
from cec_contracts.vocabulary import AccountState
from cec_identity.accounts.change_state import change_state
from cec_identity.accounts.domain import Account, StateBy
from cec_identity.accounts.store import account_for_change, active_administrators


async def disable_account(
    tx: Transaction, account_id: UUID, reason: str, by: StateBy = StateBy.ADMINISTRATOR, *, mailed: bool = True
) -> Account:
    """The account as it now is; its owner is told by mail, unless the caller does it. Disabling it twice, or one that is
    suspended, changes nothing.

    Raises:
        NotFound: there is no such account.
        LastAdministrator: nobody would be left to open accounts.
    """
    administrators = await active_administrators(tx)
    account = await account_for_change(tx, account_id)
    if account is None:
        raise NotFound
    if not account.active:
        return account
    return await change_state(
        tx, account, AccountState.DISABLED, by, reason, administrators=administrators, mailed=mailed
    )
