"""Send the link to the first password again: the mail got lost, or a week was too short."""

from __future__ import annotations

from uuid import UUID

from cec_chassis.database import Transaction
from cec_chassis.problems import NotFound
from cec_identity.applications.domain import Application, NotApproved
from cec_identity.applications.store import application_by_id
from cec_identity.applications.tell_applicant import tell_approved
from cec_identity.settings import IdentitySettings
from cec_identity.vault import Vault


async def send_link_again(
    tx: Transaction, application_id: UUID, settings: IdentitySettings, vault: Vault
) -> Application:
    """The application. To the address of the application, whatever the profile says by now: afterwards there is recovery.

    Raises:
        NotFound, NotApproved.
    """
    application = await application_by_id(tx, application_id, held=True)
    if application is None:
        raise NotFound
    if application.account_id is None:
        raise NotApproved
    await tell_approved(tx, application, application.account_id, settings, vault)
    tx.audit("application.link_sent", subject_type="application", subject_id=application_id)
    return application
