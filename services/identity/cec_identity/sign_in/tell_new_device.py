"""Tell the owner of an account by mail that somebody has signed in from a device which the account did not know."""

from __future__ import annotations

from cec_chassis.database import Transaction
from cec_identity.accounts.domain import Account
from cec_identity.accounts.profile_store import profile_by_account
from cec_identity.mail.domain import Mail
from cec_identity.mail.links import told_time
from cec_identity.mail.queue_mail import queue_mail
from cec_identity.sign_in.domain import Session
from cec_identity.sign_in.history import signed_in_before
from cec_identity.sign_in.visit import Visit


async def tell_new_device(tx: Transaction, account: Account, session: Session, visit: Visit) -> None:
    """Does nothing at the first sign-in of all, for its device is the owner's, nor when the account has no address."""
    if not await signed_in_before(tx, account.account_id, session.session_id):
        return
    profile = await profile_by_account(tx, account.account_id)
    if profile is None or profile.email is None:
        return
    mail = Mail(
        template="new_device",
        to=profile.email,
        account_id=account.account_id,
        language=profile.language,
        values={
            "person_name": profile.person_name,
            "account_name": account.name,
            "signed_in_at": told_time(tx.now),
            "device": visit.device,
            "address_masked": visit.address_masked,
        },
        dedupe_key=f"new-device:{session.session_id}",
    )
    await queue_mail(tx, mail)
