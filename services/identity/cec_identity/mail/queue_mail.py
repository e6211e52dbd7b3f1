"""Queue a mail: a row in the transaction of what the mail tells of. Either both happened or neither."""

from __future__ import annotations

from uuid import UUID

import msgspec

from cec_chassis.database import Transaction
from cec_chassis.ids import new_id
from cec_identity.mail.domain import Mail
from cec_identity.mail.store import insert_mail
from cec_identity.mail.templates import check_values
from cec_identity.sealing import Sealer


async def queue_mail(tx: Transaction, mail: Mail, sealer: Sealer | None = None) -> UUID | None:
    """The mail's id; None when one with the same `dedupe_key` was queued before.

    Args:
        tx: the transaction of what the mail tells of.
        mail: what to write, and to whom; its address has been checked.
        sealer: `vault.mails`; needed when the mail has secrets.

    Raises:
        WrongValues: the template asks for other values.
        ValueError: secrets without a sealer.
    """
    check_values(mail.template, {**mail.values, **mail.secrets})
    mail_id = new_id()
    sealed = None
    if mail.secrets:
        if sealer is None:
            raise ValueError("a mail with secrets needs the sealer of mails")
        sealed = sealer.seal(msgspec.json.encode(dict(mail.secrets)), belongs_to=str(mail_id))
    return mail_id if await insert_mail(tx, mail_id, mail, sealed) else None
