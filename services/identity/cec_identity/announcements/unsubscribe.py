"""No more mails about announcements: by one click in the mail program, without signing in (RFC 8058).

The link carries the account and a signature, so nothing is stored for it and it never expires: an old mail must be good
for unsubscribing, too. It can do nothing else.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
from uuid import UUID

from cec_chassis.database import Transaction
from cec_chassis.problems import Refusal

_SIGNATURE_BYTES = 16
LONGEST_TOKEN = 60


class UnsubscribeLinkInvalid(Refusal):
    """The link was cut or changed on its way."""

    slug = "unsubscribe-link-invalid"
    status = 404
    title = "連結無效,請由信件完整複製,或登入後於個人資料取消 / Not valid; copy it whole, or change it in your profile"


def unsubscribe_url(portal_url: str, key: bytes, account_id: UUID) -> str:
    """The address of somebody's link. In the query: paths stand in the logs of gateways."""
    token = base64.urlsafe_b64encode(account_id.bytes + _signature(key, account_id)).decode().rstrip("=")
    return f"{portal_url.rstrip('/')}/api/v1/identity/announcement-mails/unsubscribe?token={token}"


def account_of(key: bytes, token: str) -> UUID:
    """Whose link it is.

    Raises:
        UnsubscribeLinkInvalid: it was not made by us.
    """
    try:
        raw = base64.b64decode(token.encode("ascii") + b"=" * (-len(token) % 4), altchars=b"-_", validate=True)
    except (UnicodeEncodeError, binascii.Error, ValueError):
        raise UnsubscribeLinkInvalid from None
    if len(raw) != 16 + _SIGNATURE_BYTES:
        raise UnsubscribeLinkInvalid
    account_id = UUID(bytes=raw[:16])
    if not hmac.compare_digest(raw[16:], _signature(key, account_id)):
        raise UnsubscribeLinkInvalid
    return account_id


async def unsubscribe(tx: Transaction, account_id: UUID) -> None:
    """Once or again: the account gets no mail about announcements any more, not even one that waits already."""
    changed = await tx.one_or_none(
        """
        UPDATE account_profiles SET notify_announcements = false, version = version + 1, changed_at = :now
        WHERE account_id = :id AND notify_announcements RETURNING account_id
        """,
        id=account_id,
        now=tx.now,
    )
    if changed is None:
        return
    await tx.execute(
        """
        UPDATE mails SET state = 'failed', reason = 'unsubscribed', ended_at = :now, secrets_sealed = NULL
        WHERE account_id = :id AND template = 'announcement' AND state = 'waiting'
        """,
        id=account_id,
        now=tx.now,
    )
    tx.audit(
        "account.unsubscribed", subject_type="account", subject_id=account_id, after={"notify_announcements": False}
    )


def _signature(key: bytes, account_id: UUID) -> bytes:
    return hmac.digest(key, b"unsubscribe\0" + account_id.bytes, hashlib.sha256)[:_SIGNATURE_BYTES]
