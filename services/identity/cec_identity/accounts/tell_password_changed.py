"""Tell the owner of an account by mail that its password was changed."""

from __future__ import annotations

from cec_chassis.database import Transaction
from cec_identity.accounts.domain import Account
from cec_identity.accounts.profile_store import profile_by_account
from cec_identity.mail.domain import Mail
from cec_identity.mail.links import told_time
from cec_identity.mail.queue_mail import queue_mail


async def tell_password_changed(tx: Transaction, account: Account) -> None:
    """Does nothing when the account has no address."""
    profile = await profile_by_account(tx, account.account_id)
    if profile is None or profile.email is None:
        return
    values = {
        "person_name": profile.person_name,
        "account_name": account.name,
        "changed_at": told_time(tx.now),
    }
    await queue_mail(
        tx,
        Mail(
            template="password_changed",
            to=profile.email,
            account_id=account.account_id,
            language=profile.language,
            values=values,
        ),
    )
