"""Disable an account: its sessions end at once, its access tokens within their ten minutes."""

from __future__ import annotations

from dataclasses import replace
from uuid import UUID

from cec_chassis.database import Transaction
from cec_chassis.problems import NotFound
from cec_contracts.identity import ACCOUNT_CHANGED
from cec_contracts.vocabulary import AccountRole
from cec_identity.accounts.domain import Account, LastAdministrator
from cec_identity.accounts.store import account_for_change, active_administrators, save_account
from cec_identity.publishes import account_news
from cec_identity.sign_in.store import end_sessions_of


async def disable_account(tx: Transaction, account_id: UUID, reason: str) -> Account:
    """The account as it now is. Disabling it twice changes nothing the second time.

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
    if account.role is AccountRole.SYSTEM_ADMINISTRATOR and administrators == 1:
        raise LastAdministrator
    disabled = replace(account, active=False, version=account.version + 1)
    await save_account(tx, disabled)
    await end_sessions_of(tx, account_id, "account-disabled")
    news = account_news(disabled)
    tx.publish(ACCOUNT_CHANGED, subject=account_id, sequence=disabled.version, body=news)
    tx.audit(
        "account.disabled",
        subject_type="account",
        subject_id=account_id,
        reason=reason,
        before=account_news(account),
        after=news,
    )
    return disabled
