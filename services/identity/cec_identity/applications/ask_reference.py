"""Ask for another reference: the mail with the first one got lost, or it was used."""

from __future__ import annotations

from cec_chassis.database import Transaction
from cec_identity.accounts.profile import email_key
from cec_identity.applications.domain import REFERENCE_LIFETIME
from cec_identity.applications.store import give_reference, has_reference, newest_application
from cec_identity.applications.tell_applicant import MAILS_ASKED_FOR, tell_received
from cec_identity.mail.links import digest_of, new_token
from cec_identity.proof_of_work.limits import Limiter
from cec_identity.settings import IdentitySettings
from cec_identity.vault import Vault


async def ask_reference(
    tx: Transaction, name: str, email: str, settings: IdentitySettings, vault: Vault, limiter: Limiter
) -> None:
    """Mails one when name and address are those of an application; says nothing of whether they are.

    Beyond the limit nothing is sent while the last reference is still good. Whoever has used it reads the mailbox, and
    gets another.
    """
    application = await newest_application(tx, name, email)
    if application is None:
        return
    allowed = await limiter.allows(tx, MAILS_ASKED_FOR, email_key(email))
    if not allowed and await has_reference(tx, application.application_id):
        return
    reference = new_token()
    await give_reference(tx, application.application_id, digest_of(reference), tx.now + REFERENCE_LIFETIME)
    await tell_received(tx, application, reference, settings, vault)
