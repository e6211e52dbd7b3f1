"""The account of whoever asks, for acts on how it is signed in to."""

from __future__ import annotations

from cec_chassis.database import Transaction
from cec_chassis.http import HttpRequest
from cec_chassis.problems import Forbidden
from cec_identity.accounts.domain import Account
from cec_identity.accounts.store import account_by_id, account_in_use


async def own_account(tx: Transaction, request: HttpRequest, *, held: bool = True) -> Account:
    """The caller's account; `held` until `tx` ends, because what is asked for at sign-in is about to change.

    Raises:
        Forbidden: it is not one of ours.
        AccountSuspended, AccountDisabled: since the token was given out.
    """
    find = account_in_use if held else account_by_id
    account = await find(tx, request.user.account_id)
    if account is None:
        raise Forbidden
    if not account.active:
        raise account.out_of_use()
    return account
