"""Send a mail again that failed or bounced."""

from __future__ import annotations

from uuid import UUID

from cec_chassis.database import Transaction
from cec_chassis.problems import NotFound
from cec_identity.mail.domain import MailNotRetryable, MailState
from cec_identity.mail.store import mail_for_change, queue_again
from cec_identity.mail.templates import asked_for


async def retry_mail(tx: Transaction, mail_id: UUID, reason: str) -> None:
    """The mail waits again, with all its attempts before it. One that waits already just goes on waiting.

    Raises:
        NotFound: there is no such mail.
        MailNotRetryable: it was delivered, is being sent, or its link is gone or expired.
    """
    mail = await mail_for_change(tx, mail_id)
    if mail is None:
        raise NotFound
    if mail.state is MailState.WAITING:
        return
    if mail.state not in {MailState.FAILED, MailState.BOUNCED}:
        raise MailNotRetryable("已寄出或寄送中 / It was delivered or is being sent")
    complete = asked_for(mail.template) <= set(mail.values) or mail.has_secrets
    if not complete or (mail.useless_after is not None and mail.useless_after <= tx.now):
        raise MailNotRetryable("連結已失效,請當事人重新申請 / Its link has expired; the person asks for a new one")
    await queue_again(tx, mail_id)
    tx.audit("mail.retried", subject_type="mail", subject_id=mail_id, reason=reason, before={"state": mail.state.value})
