"""What tests do with mail: queue some, deliver them to a real server, look what became of them."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import msgspec
from tests.component.identity.conftest import Identity
from tests.support.mail_server import MailServer

from cec_identity.mail.deliver_mails import Delivery
from cec_identity.mail.domain import Mail
from cec_identity.mail.queue_mail import queue_mail
from cec_identity.settings import IdentitySettings
from cec_identity.vault import Vault

VALUES = {"person_name": "林技師", "account_name": "lin-ji-shi", "new_email_masked": "l***@example.org"}
LINK = "http://127.0.0.1:8080/activate#verify=a-secret-token"


def settings_of(identity: Identity, server: MailServer | None = None, **changes: Any) -> IdentitySettings:
    """The service's settings with the address of the mail server."""
    settings = identity.runtime.settings
    assert isinstance(settings, IdentitySettings)
    known = {"mail_from": "no-reply@cec.example", "smtp_timeout_seconds": 10.0}
    where = {"smtp_host": server.host, "smtp_port": server.port} if server else {}
    return msgspec.structs.replace(settings, **known | where | changes)


def delivery(identity: Identity, server: MailServer, **changes: Any) -> Delivery:
    """A worker's way to the server."""
    settings = settings_of(identity, server, **changes)
    return Delivery(identity.database, settings, Vault.of(settings))


async def queued(identity: Identity, to: str = "lin@example.org", **changes: Any) -> UUID:
    """A mail in the queue."""
    mail = Mail(**{"template": "email_changed", "to": to, "values": VALUES} | changes)
    async with identity.database.transaction() as tx:
        mail_id = await queue_mail(tx, mail, Vault.of(settings_of(identity)).mails)
    assert mail_id is not None
    return mail_id


async def a_secret_one(identity: Identity, **changes: Any) -> UUID:
    """A mail with a link in it."""
    values = {"person_name": "林技師", "account_name": "lin-ji-shi", "expires_at": "2026-03-03 12:00"}
    return await queued(identity, **{"template": "activation", "values": values, "secrets": {"link": LINK}} | changes)


async def state(identity: Identity, mail_id: UUID) -> tuple[str, int, str | None]:
    """Where a mail is, after how many attempts, and why."""
    row = (await identity.rows("SELECT state, attempts, reason FROM mails WHERE id = :id", id=mail_id))[0]
    return row.state, row.attempts, row.reason
