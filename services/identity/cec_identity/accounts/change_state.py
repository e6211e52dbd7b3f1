"""The states of an account and who may bring it from one into another.

    active ──disable (owner, unit, administrator)──▶ disabled ──resume (unit, administrator)──▶ active
    active, disabled ──suspend (administrator)──▶ suspended ──resume (administrator)──▶ active

What an administrator disabled, only an administrator resumes. Nobody resumes their own account.
"""

from __future__ import annotations

from dataclasses import replace

from cec_chassis.database import Transaction
from cec_chassis.problems import Refusal
from cec_contracts.identity import ACCOUNT_CHANGED
from cec_contracts.vocabulary import AccountRole, AccountState
from cec_identity.accounts.domain import Account, LastAdministrator, StateBy
from cec_identity.accounts.store import save_account
from cec_identity.accounts.tell_owner import tell_owner
from cec_identity.lockout.devices import forget_devices_of
from cec_identity.mail.links import told_time
from cec_identity.publishes import account_news
from cec_identity.sign_in.challenges import drop_challenges_of
from cec_identity.sign_in.store import end_sessions_of

_ACTIONS = {
    AccountState.ACTIVE: "account.resumed",
    AccountState.DISABLED: "account.disabled",
    AccountState.SUSPENDED: "account.suspended",
}


_MAILS = {
    AccountState.ACTIVE: "account_resumed",
    AccountState.DISABLED: "account_disabled",
    AccountState.SUSPENDED: "account_suspended",
}


class OnlyAdministratorsResume(Refusal):
    """An administrator put the account out of use."""

    slug = "only-administrators-resume"
    status = 409
    title = "帳號由系統管理者停用或停權，請洽系統管理者 / An administrator disabled or suspended the account; ask there"


def require_resumable(account: Account, by: StateBy) -> None:
    """Raises OnlyAdministratorsResume."""
    if by is not StateBy.ADMINISTRATOR and (
        account.state is AccountState.SUSPENDED or account.state_by is StateBy.ADMINISTRATOR
    ):
        raise OnlyAdministratorsResume


async def change_state(
    tx: Transaction,
    account: Account,
    state: AccountState,
    by: StateBy,
    reason: str,
    *,
    administrators: int,
    mailed: bool = True,
) -> Account:
    """The account, held by the caller, in the wanted state; told, also to its owner by mail, and signed out everywhere
    unless it may sign in.

    Args:
        tx: the transaction.
        account: as it is now, in another state.
        state: the wanted one; the transition has been found allowed.
        by: who wants it.
        reason: why, for the owner and the audit log.
        administrators: how many active ones there are, counted and held before the account was.
        mailed: whether this mail is to be written; the caller writes another one otherwise.

    Raises:
        LastAdministrator: nobody would be left to open accounts.
    """
    if account.active and account.role is AccountRole.SYSTEM_ADMINISTRATOR and administrators == 1:
        raise LastAdministrator
    after = replace(account, state=state, state_by=by, state_reason=reason, version=account.version + 1)
    await save_account(tx, after)
    if not after.active:
        await end_sessions_of(tx, after.account_id, f"account-{state.value}")
        await drop_challenges_of(tx, after.account_id)
        await forget_devices_of(tx, after.account_id)
    await tell_change(tx, account, after, _ACTIONS[state], reason)
    if mailed:
        told = {"changed_at": told_time(tx.now), "reason": reason}
        if state is not AccountState.SUSPENDED:  # only administrators suspend
            told["by"] = by.value
        await tell_owner(tx, after, _MAILS[state], told)
    return after


async def tell_change(tx: Transaction, before: Account, after: Account, action: str, reason: str) -> None:
    """Others hear of the account as it now is, and the audit log of what was done."""
    news = account_news(after)
    tx.publish(ACCOUNT_CHANGED, subject=after.account_id, sequence=after.version, body=news)
    tx.audit(
        action,
        subject_type="account",
        subject_id=after.account_id,
        reason=reason,
        before=account_news(before),
        after=news,
    )
