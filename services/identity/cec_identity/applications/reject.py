"""Reject an application, with the reason that the applicant is told."""

from __future__ import annotations

from dataclasses import replace
from uuid import UUID

from cec_chassis.database import Transaction
from cec_chassis.problems import NotFound
from cec_identity.applications.domain import Application, ApplicationStatus
from cec_identity.applications.store import application_by_id, save_decision
from cec_identity.applications.tell_applicant import tell_rejected


async def reject(tx: Transaction, application_id: UUID, reason: str) -> Application:
    """The rejected application; its name is free again, and its owner may apply again.

    Raises:
        NotFound, ApplicationDecided.
    """
    application = await application_by_id(tx, application_id, held=True)
    if application is None:
        raise NotFound
    application.require_pending()
    rejected = replace(application, status=ApplicationStatus.REJECTED, reason=reason, decided_at=tx.now)
    await save_decision(tx, rejected)
    await tell_rejected(tx, rejected)
    tx.audit("application.rejected", subject_type="application", subject_id=application_id, reason=reason)
    return rejected
