"""Withdraw a consent: a new fact beside the one that it was given, and the end of all that rests on it alone."""

from __future__ import annotations

from cec_chassis.database import Transaction
from cec_identity.accounts.disable_account import disable_account
from cec_identity.accounts.domain import Account, StateBy
from cec_identity.accounts.tell_owner import tell_owner
from cec_identity.consents.domain import NoConsent, agreed_last, require_consequences_read
from cec_identity.consents.store import consents_of, mark_withdrawn
from cec_identity.consents.texts import ConsentKind
from cec_identity.mail.links import told_time
from cec_identity.mail.queue_many import cancel_waiting_for
from cec_identity.openid.store import drop_client_consents

REASON = "本人撤回同意 / The owner withdrew the consent"


async def withdraw_consent(
    tx: Transaction, account: Account, kind: ConsentKind, *, consequences_read: bool
) -> list[str]:
    """The versions that were withdrawn. The account is closed and signed out; mails that wait for it are not sent, but
    one that confirms. Credits, decisions and the audit log rest on the law and not on the consent.

    Raises:
        NoConsent: none of this kind stands.
        ConsequencesUnread: the caller does not say that they know; it tells them.
    """
    if agreed_last(kind, await consents_of(tx, account.account_id)) is None:
        raise NoConsent
    require_consequences_read(kind, read=consequences_read)
    # First: accounts are held before what hangs on them, here as everywhere.
    await disable_account(tx, account.account_id, REASON, StateBy.OWNER, mailed=False)
    versions = await mark_withdrawn(tx, account.account_id, kind)
    if not versions:
        raise NoConsent  # withdrawn a moment ago, from another window
    applications = await drop_client_consents(tx, account.account_id)
    mails = await cancel_waiting_for(tx, account.account_id, "consent withdrawn")
    tx.audit(
        "consent.withdrawn",
        subject_type="account",
        subject_id=account.account_id,
        after={
            "kind": kind.value,
            "versions": versions,
            "application_consents_ended": applications,
            "mails_cancelled": mails,
        },
    )
    await tell_owner(tx, account, "consent_withdrawn", {"withdrawn_at": told_time(tx.now)})
    return versions
