"""Tell the owner of an account by mail that somebody has signed in from a device which the account did not know.

A program that never keeps the token of its device is new each time. It is told of once an hour, for as long as browser,
system and network stay the same; every sign-in stands in the owner's list of sign-ins and in the audit log.
"""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from cec_chassis.database import Transaction
from cec_identity.accounts.domain import Account
from cec_identity.accounts.tell_owner import tell_owner
from cec_identity.mail.links import told_time
from cec_identity.sign_in.domain import Session
from cec_identity.sign_in.history import signed_in_before
from cec_identity.sign_in.visit import Visit

TEMPLATE = "new_device"
SILENT_FOR = timedelta(hours=1)
"""About the same kind of device at the same network."""

TOLD_LATELY = """
SELECT EXISTS (
    SELECT FROM mails WHERE account_id = :account_id AND template = :template AND queued_at > :since
    AND template_values ->> 'device' = :device AND template_values ->> 'address_masked' = :address_masked)
"""


async def tell_new_device(tx: Transaction, account: Account, session: Session, visit: Visit) -> None:
    """Does nothing at the first sign-in of all, for its device is the owner's; nor when the account has no address, or
    was told of such a device within SILENT_FOR. The account is held, so of two sign-ins at once the second sees the mail
    of the first."""
    if not await signed_in_before(tx, account.account_id, session.session_id):
        return
    if await _told_lately(tx, account.account_id, visit):
        return
    values = {
        "signed_in_at": told_time(tx.now),
        "device": visit.device,
        "address_masked": visit.address_masked,
    }
    await tell_owner(tx, account, TEMPLATE, values, dedupe_key=f"new-device:{session.session_id}")


async def _told_lately(tx: Transaction, account_id: UUID, visit: Visit) -> bool:
    return bool(
        await tx.scalar(
            TOLD_LATELY,
            account_id=account_id,
            template=TEMPLATE,
            since=tx.now - SILENT_FOR,
            device=visit.device,
            address_masked=visit.address_masked,
        )
    )
