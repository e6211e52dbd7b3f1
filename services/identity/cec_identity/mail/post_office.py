"""The way to the mail server: one connection for a few mails."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from email.message import EmailMessage

from aiosmtplib import SMTP
from aiosmtplib.errors import SMTPException, SMTPRecipientsRefused, SMTPResponseException

from cec_identity.accounts.profile import checked_email
from cec_identity.mail.verdict import DELIVERED, Verdict, verdict_of
from cec_identity.settings import IdentitySettings


class ServerAway(Exception):
    """No connection, or the server does not let us in; the text is for the log."""


class PostOffice:
    """Sends over one connection after another; a hanging server costs `smtp_timeout_seconds` and no more."""

    def __init__(self, settings: IdentitySettings) -> None:
        """Raises ValidationFailed when CEC_MAIL_FROM is no address: every single mail would fail for it."""
        self._settings = settings
        self._from = checked_email(settings.mail_from, "CEC_MAIL_FROM")

    @asynccontextmanager
    async def connected(self) -> AsyncIterator[Counter]:
        """An open counter.

        Raises:
            ServerAway: connecting, TLS or signing in failed.
        """
        settings = self._settings
        client = SMTP(
            hostname=settings.smtp_host,
            port=settings.smtp_port,
            username=settings.smtp_user or None,
            password=settings.smtp_password or None,
            start_tls=settings.smtp_starttls or None,
            timeout=settings.smtp_timeout_seconds,
            local_hostname=self._from.rpartition("@")[2],
        )
        try:
            await client.connect()
        except (SMTPException, OSError, ValueError) as error:
            client.close()
            # The type only: an answer to the sign-in may repeat what was sent.
            raise ServerAway(type(error).__name__) from None
        try:
            yield Counter(client)
        finally:
            with contextlib.suppress(SMTPException, OSError):
                await client.quit()
            client.close()


class Counter:
    """An open connection. After `open` has become False nothing more can be sent over it."""

    def __init__(self, client: SMTP) -> None:
        self._client = client

    @property
    def open(self) -> bool:
        """Whether the server still listens."""
        return self._client.is_connected

    async def send(self, mail: EmailMessage, to: str) -> Verdict:
        """Hands one mail over; never raises for what the server or the network does."""
        try:
            await self._client.send_message(mail, recipients=[to])
        except (SMTPResponseException, SMTPRecipientsRefused, ValueError) as error:
            return verdict_of(error)
        except (SMTPException, OSError) as error:
            # Nobody knows what the server has heard; a new connection begins from the beginning.
            self._client.close()
            return verdict_of(error)
        return DELIVERED
