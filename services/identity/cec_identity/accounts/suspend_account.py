"""Suspend an account 停權: for misuse, by an administrator, against the terms that its owner agreed to."""

from __future__ import annotations

from uuid import UUID

from cec_chassis.database import Transaction
from cec_chassis.problems import NotFound
from cec_contracts.vocabulary import AccountState
from cec_identity.accounts.change_state import change_state
from cec_identity.accounts.domain import Account, StateBy
from cec_identity.accounts.store import account_for_change, active_administrators


async def suspend_account(tx: Transaction, account_id: UUID, reason: str) -> Account:
    """The account as it now is, disabled before or not. Suspending it twice changes nothing the second time.

    Raises:
        NotFound: there is no such account.
        LastAdministrator: nobody would be left to open accounts.
    """
    administrators = await active_administrators(tx)
    account = await account_for_change(tx, account_id)
    if account is None:
        raise NotFound
    if account.state is AccountState.SUSPENDED:
        return account
    return await change_state(
        tx, account, AccountState.SUSPENDED, StateBy.ADMINISTRATOR, reason, administrators=administrators
    )
