"""Mails to applicants: that the application has arrived, and what was decided."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from cec_chassis.database import Transaction
from cec_identity.applications.domain import PASSWORD_LINK_LIFETIME, REFERENCE_LIFETIME, Application
from cec_identity.mail.domain import Mail
from cec_identity.mail.links import digest_of, new_token, portal_link, told_time
from cec_identity.mail.queue_mail import queue_mail
from cec_identity.proof_of_work.limits import Limit
from cec_identity.recovery.store import Addressee, insert_link
from cec_identity.settings import IdentitySettings
from cec_identity.vault import Vault

MAILS_OF_RECEIPT = Limit("application-mail", 5, timedelta(hours=24))
MAILS_ASKED_FOR = Limit("application-reference-mail", 5, timedelta(hours=24))
"""To one address, whoever gave it. Each is counted when it is queued, so what sends nothing uses nothing up."""
STATUS_PAGE = "application-status"
PASSWORD_PAGE = "recover"  # noqa: S105 - an address; the page where a link sets a password


async def tell_received(
    tx: Transaction, application: Application, token: str, settings: IdentitySettings, vault: Vault
) -> None:
    """With the reference by which its status can be read once."""
    expires_at = tx.now + REFERENCE_LIFETIME
    mail = Mail(
        template="application_received",
        to=application.applicant.email,
        language=application.applicant.language,
        values=_greeting(application) | {"expires_at": told_time(expires_at)},
        secrets={"link": portal_link(settings.portal_url, STATUS_PAGE, token)},
        useless_after=expires_at,
    )
    await queue_mail(tx, mail, vault.mails)


async def tell_approved(
    tx: Transaction, application: Application, account_id: UUID, settings: IdentitySettings, vault: Vault
) -> None:
    """With a link to the first password; it works once, and shows that the address is the applicant's."""
    applicant = application.applicant
    token, expires_at = new_token(), tx.now + PASSWORD_LINK_LIFETIME
    to = Addressee(account_id, application.name, applicant.person_name, applicant.email, applicant.language)
    await insert_link(tx, digest_of(token), to, expires_at)
    mail = Mail(
        template="application_approved",
        to=applicant.email,
        account_id=account_id,
        language=applicant.language,
        values=_greeting(application) | {"expires_at": told_time(expires_at)},
        secrets={"link": portal_link(settings.portal_url, PASSWORD_PAGE, token)},
        useless_after=expires_at,
    )
    await queue_mail(tx, mail, vault.mails)


async def tell_rejected(tx: Transaction, application: Application) -> None:
    """With the reason, and that one may apply again."""
    mail = Mail(
        template="application_rejected",
        to=application.applicant.email,
        language=application.applicant.language,
        values=_greeting(application) | {"reason": application.reason},
    )
    await queue_mail(tx, mail)


def _greeting(application: Application) -> dict[str, str]:
    return {"person_name": application.applicant.person_name, "account_name": application.name}
