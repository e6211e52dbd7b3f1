"""The unit of whoever asks, and its colleagues: what the account says today, not what a token said ten minutes ago."""

from __future__ import annotations

from typing import NamedTuple
from uuid import UUID

from cec_chassis.database import Transaction
from cec_chassis.problems import Forbidden, NotFound
from cec_contracts.vocabulary import AccountRole
from cec_identity.accounts.domain import Account
from cec_identity.accounts.store import account_by_id

COLLEAGUES = {
    AccountRole.OFFERING_UNIT: (AccountRole.OFFERING_UNIT,),
    AccountRole.REVIEW_UNIT: (AccountRole.REVIEW_UNIT, AccountRole.COMMITTEE_MEMBER),
}
"""Whose accounts somebody of this role looks after, within the same unit."""


class Member(NamedTuple):
    """Somebody who acts for a unit."""

    account: Account
    organisation_id: UUID

    @property
    def looks_after(self) -> tuple[AccountRole, ...]:
        """The roles of the accounts they may disable and resume."""
        return COLLEAGUES[self.account.role]


async def member_of_unit(tx: Transaction) -> Member:
    """The caller as a member of their unit.

    Raises:
        Forbidden: the account has been changed since the token was given out, or belongs to no unit.
        AccountSuspended, AccountDisabled: since the token was given out.
    """
    account = await account_by_id(tx, tx.actor.account_id)
    if account is not None and not account.active:
        raise account.out_of_use()
    if account is None or account.organisation_id is None or account.role not in COLLEAGUES:
        raise Forbidden
    return Member(account, account.organisation_id)


async def colleague(tx: Transaction, member: Member, account_id: UUID) -> Account:
    """A colleague's account.

    Raises:
        NotFound: no account of this unit and of those roles; whether another unit has it is not said.
        Forbidden: it is one's own: nobody raises or lowers themselves here.
    """
    account = await account_by_id(tx, account_id)
    if account is None or account.organisation_id != member.organisation_id or account.role not in member.looks_after:
        raise NotFound
    if account.account_id == member.account.account_id:
        raise Forbidden(
            "不得變更自己的帳號狀態；停用請至個人資料維護 / Not one's own account; disable it in your profile"
        )
    return account
