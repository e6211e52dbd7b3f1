"""Tell the owner of an account by mail that its password was changed."""

from __future__ import annotations

from cec_chassis.database import Transaction
from cec_identity.accounts.domain import Account
from cec_identity.accounts.tell_owner import tell_owner
from cec_identity.mail.links import told_time


async def tell_password_changed(tx: Transaction, account: Account) -> None:
    """Each time: nobody changes it without meaning to."""
    await tell_owner(tx, account, "password_changed", {"changed_at": told_time(tx.now)})
