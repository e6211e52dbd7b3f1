"""Remove one-time codes, and issue recovery codes anew."""

from __future__ import annotations

from cec_chassis.database import Transaction
from cec_identity.accounts.domain import Account
from cec_identity.one_time_codes.check_code import enrolled
from cec_identity.one_time_codes.domain import NotEnrolled
from cec_identity.one_time_codes.enrol import RecoveryCodes, issue_recovery_codes
from cec_identity.one_time_codes.store import remove_enrolment


async def remove(tx: Transaction, account: Account, reason: str = "") -> None:
    """No code is asked for any more, unless the role has to have a second factor: it is set up anew then.

    Raises:
        NotEnrolled: there are none.
    """
    if not await remove_enrolment(tx, account.account_id):
        raise NotEnrolled
    tx.audit("one_time_codes.removed", subject_type="account", subject_id=account.account_id, reason=reason)


async def renew_recovery_codes(tx: Transaction, account: Account) -> RecoveryCodes:
    """New codes in place of the old ones.

    Raises:
        NotEnrolled: there are no one-time codes that they could stand in for.
    """
    if not await enrolled(tx, account.account_id):
        raise NotEnrolled
    return await issue_recovery_codes(tx, account)
