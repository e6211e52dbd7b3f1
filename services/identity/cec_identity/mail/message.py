"""The mail as it goes over the wire: headers, text and HTML. A Message-ID that stays the same at every attempt."""

from __future__ import annotations

import hashlib
import hmac
import re
from collections.abc import Iterator
from datetime import datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from uuid import UUID

from cec_identity.accounts.profile import Language
from cec_identity.mail.templates import Rendered

SENDER_NAME = {
    Language.CHINESE: "醫事人員繼續教育積分管理系統",
    Language.ENGLISH: "Continuing education credits",
}
_SIGNATURE_BYTES = 10
_OUR_ID = re.compile(rb"<([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})\.([0-9a-f]{20})@")


def message_id(key: bytes, mail_id: UUID, mail_from: str) -> str:
    """Carries a signature: a report that quotes it comes from somebody who was sent the mail."""
    return f"<{mail_id}.{_signature(key, mail_id)}@{mail_from.rpartition('@')[2]}>"


def ids_of_ours(key: bytes, text: bytes) -> Iterator[UUID]:
    """The mails whose signed ids stand in the text."""
    for found in _OUR_ID.finditer(text):
        mail_id = UUID(found[1].decode())
        if hmac.compare_digest(_signature(key, mail_id), found[2].decode()):
            yield mail_id


def message(
    parts: Rendered,
    *,
    language: Language,
    to: str,
    mail_from: str,
    identified_as: str,
    at: datetime,
    unsubscribe_url: str | None = None,
) -> EmailMessage:
    """The message. A header with a line end in it cannot be made: the library refuses it.

    `unsubscribe_url` makes the headers by which mail programs show a button of their own (RFC 8058).
    """
    mail = EmailMessage(policy=SMTP)
    mail["From"] = Address(SENDER_NAME[language], addr_spec=mail_from)
    mail["To"] = Address(addr_spec=to)
    mail["Subject"] = parts.subject
    mail["Date"] = at
    mail["Message-ID"] = identified_as
    mail["Auto-Submitted"] = "auto-generated"
    mail["X-Auto-Response-Suppress"] = "All"
    mail["Content-Language"] = language.value
    if unsubscribe_url is not None:
        mail["List-Unsubscribe"] = f"<{unsubscribe_url}>"
        mail["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    mail.set_content(parts.text, cte="base64")
    mail.add_alternative(parts.html, subtype="html", cte="base64")
    return mail


def _signature(key: bytes, mail_id: UUID) -> str:
    return hmac.digest(key, b"mail\0" + mail_id.bytes, hashlib.sha256)[:_SIGNATURE_BYTES].hex()
