"""Deliver the mails that are due; a loop of the worker.

A mail is claimed in one transaction, sent outside any, and written off in another. A worker that dies between leaves
the mail to the next one when its lease ends, so a mail may arrive twice, under the same Message-ID, and is never lost.
"""

from __future__ import annotations

import asyncio
import contextlib
from datetime import timedelta
from email.message import EmailMessage

import msgspec
import structlog
from jinja2 import TemplateError

from cec_chassis.database import Database
from cec_chassis.failpoints import hit
from cec_chassis.service import Runtime
from cec_identity.mail.domain import MailState, wait_after
from cec_identity.mail.message import message, message_id
from cec_identity.mail.post_office import Counter, PostOffice, ServerAway
from cec_identity.mail.store import (
    Claimed,
    claim_mails,
    end_mail,
    give_back,
    mark_deliverable,
    mark_undeliverable,
    postpone_mail,
)
from cec_identity.mail.templates import render
from cec_identity.mail.verdict import UNWRITABLE, Outcome, Verdict
from cec_identity.sealing import CannotUnseal
from cec_identity.settings import IdentitySettings, settings_of
from cec_identity.vault import Vault

AT_ONCE = 10
POLL_SECONDS = 1.0
SERVER_AWAY = timedelta(seconds=30)
"""How long all mails wait when there is no connection; it counts for none of them as an attempt."""

log = structlog.get_logger(__name__)


async def deliver_mails(runtime: Runtime, stop: asyncio.Event) -> None:
    """Until stopped. Several workers share the mails and the limit of mails in a minute."""
    settings = settings_of(runtime)
    if not settings.smtp_host:
        log.warning("mail.no_server", hint="CEC_SMTP_HOST")
        await stop.wait()
        return
    delivery = Delivery(runtime.database("mail", 2), settings, Vault.of(settings))
    while not stop.is_set():
        if not await delivery.batch():
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(stop.wait(), POLL_SECONDS)


class Delivery:
    """Delivers batch after batch."""

    def __init__(self, database: Database, settings: IdentitySettings, vault: Vault) -> None:
        self._database = database
        self._settings = settings
        self._vault = vault
        self._office = PostOffice(settings)
        # Every mail of a batch may hang until the time is up, and then some.
        self._lease = timedelta(seconds=(AT_ONCE + 2) * 3 * settings.smtp_timeout_seconds)

    async def batch(self) -> int:
        """Claims and sends a few; how many were claimed."""
        async with self._database.transaction() as tx:
            claimed = await claim_mails(tx, most=AT_ONCE, per_minute=self._settings.mails_per_minute, lease=self._lease)
        await hit("mail.after_claim")
        waiting = [mail for mail in claimed if not await self._pointless(mail)]
        if waiting:
            await self._send(waiting)
        return len(claimed)

    async def _pointless(self, mail: Claimed) -> bool:
        """Writes off what is not worth sending."""
        async with self._database.transaction() as tx:
            if mail.useless_after is not None and mail.useless_after <= tx.now:
                return await end_mail(tx, mail.mail_id, mail.attempts, MailState.FAILED, "outdated", erase=True)
            if mail.attempts > self._settings.mail_tries:
                # Whoever claimed it never came back, again and again.
                reason = "given up after attempts that had no end"
                return await end_mail(tx, mail.mail_id, mail.attempts, MailState.FAILED, reason, erase=False)
            if mail.bulk and mail.undeliverable:
                reason = "the address takes no mail"
                return await end_mail(tx, mail.mail_id, mail.attempts, MailState.FAILED, reason, erase=True)
        return False

    async def _send(self, mails: list[Claimed]) -> None:
        try:
            async with self._office.connected() as counter:
                while mails and counter.open:
                    await self._send_one(counter, mails[0])
                    mails.pop(0)
        except ServerAway as away:
            log.warning("mail.server_away", error=str(away), waiting=len(mails))
        if mails:
            async with self._database.transaction() as tx:
                await give_back(tx, mails, tx.now + SERVER_AWAY)

    async def _send_one(self, counter: Counter, mail: Claimed) -> None:
        try:
            written = self._written(mail)
        except (CannotUnseal, TemplateError, ValueError) as error:
            # One that cannot be written must not stand in the way of the others, now or after its lease.
            log.error("mail.unwritable", mail_id=str(mail.mail_id), template=mail.template, error=type(error).__name__)
            verdict = UNWRITABLE
        else:
            verdict = await counter.send(written, mail.recipient)
        await hit("mail.after_send")
        await self._write_down(mail, verdict)

    def _written(self, mail: Claimed) -> EmailMessage:
        secrets: dict[str, str] = {}
        if mail.secrets_sealed is not None:
            opened = self._vault.mails.open(mail.secrets_sealed, belongs_to=str(mail.mail_id))
            secrets = msgspec.json.decode(opened, type=dict[str, str])
        values = {**mail.values, **secrets}
        settings = self._settings
        return message(
            render(mail.template, mail.language, values, settings.portal_url),
            language=mail.language,
            to=mail.recipient,
            mail_from=settings.mail_from,
            identified_as=message_id(self._vault.proof_key, mail.mail_id, settings.mail_from),
            at=self._database.clock.now(),
            unsubscribe_url=values.get("unsubscribe_url"),
        )

    async def _write_down(self, mail: Claimed, verdict: Verdict) -> None:
        who, attempts, reason = mail.mail_id, mail.attempts, verdict.reason
        async with self._database.transaction() as tx:
            match verdict.outcome:
                case Outcome.DELIVERED:
                    await end_mail(tx, who, attempts, MailState.DELIVERED, erase=True)
                    await mark_deliverable(tx, mail.recipient)
                case Outcome.BOUNCED:
                    await end_mail(tx, who, attempts, MailState.BOUNCED, reason, erase=False)
                    await mark_undeliverable(tx, mail.recipient, reason)
                case Outcome.SERVER:
                    await give_back(tx, [mail], tx.now + SERVER_AWAY, reason)
                case Outcome.RETRY if attempts < self._settings.mail_tries:
                    await postpone_mail(tx, who, attempts, tx.now + wait_after(attempts), reason)
                case Outcome.RETRY | Outcome.FAILED:
                    await end_mail(tx, who, attempts, MailState.FAILED, reason, erase=False)
        write = log.debug if verdict.outcome is Outcome.DELIVERED else log.info
        write("mail.attempted", mail_id=str(who), template=mail.template, outcome=verdict.outcome.name.lower())
