"""Answer requests: a mail with name and link to each account that was meant; a loop of the worker."""

from __future__ import annotations

import asyncio
import contextlib
from datetime import timedelta

import structlog

from cec_chassis.database import Transaction
from cec_chassis.service import Runtime
from cec_identity.mail.domain import Mail
from cec_identity.mail.links import digest_of, new_token, portal_link, told_time
from cec_identity.mail.queue_mail import queue_mail
from cec_identity.recovery.store import (
    Addressee,
    addressees,
    has_link_until,
    insert_link,
    links_since,
    take_requests,
)
from cec_identity.sealing import CannotUnseal
from cec_identity.settings import IdentitySettings, settings_of
from cec_identity.vault import Vault

AT_ONCE = 20
POLL_SECONDS = 1.0
PAGE = "recover"
LINK_LIFETIME = timedelta(hours=1)
MOST_ACCOUNTS = 10
"""Of one address; a unit's mailbox may have several accounts."""
MOST_LINKS, WITHIN = 3, timedelta(hours=1)
"""To one account, whoever asks; more only when its owner has none that is still good."""
TIME_TO_FOLLOW = timedelta(minutes=10)
"""A link that is good for less is no reason to send no other."""

log = structlog.get_logger(__name__)


async def answer_recovery_requests(runtime: Runtime, stop: asyncio.Event) -> None:
    """Until stopped. Several workers take different requests."""
    settings = settings_of(runtime)
    database, vault = runtime.database("mail", 2), Vault.of(settings)
    while not stop.is_set():
        async with database.transaction() as tx:
            answered = await answer_requests(tx, settings, vault)
        if not answered:
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(stop.wait(), POLL_SECONDS)


async def answer_requests(tx: Transaction, settings: IdentitySettings, vault: Vault) -> int:
    """Takes a few requests and queues their mails in the same transaction; how many requests there were."""
    requests = await take_requests(tx, AT_ONCE)
    for request_id, who_sealed in requests:
        try:
            who = vault.mails.open(who_sealed, belongs_to=str(request_id)).decode()
        except CannotUnseal:
            log.error("recovery.unreadable", request_id=str(request_id))
            continue
        for to in await addressees(tx, who, MOST_ACCOUNTS):
            if await _needs_one(tx, to):
                await _mail(tx, to, settings, vault)
    return len(requests)


async def _needs_one(tx: Transaction, to: Addressee) -> bool:
    """Whoever else asks can neither fill the mailbox nor keep its owner from a link."""
    if await links_since(tx, to.account_id, tx.now - WITHIN) < MOST_LINKS:
        return True
    return not await has_link_until(tx, to, tx.now + TIME_TO_FOLLOW)


async def _mail(tx: Transaction, to: Addressee, settings: IdentitySettings, vault: Vault) -> None:
    token, expires_at = new_token(), tx.now + LINK_LIFETIME
    await insert_link(tx, digest_of(token), to, expires_at)
    await queue_mail(
        tx,
        Mail(
            template="recovery",
            to=to.email,
            account_id=to.account_id,
            language=to.language,
            values={
                "person_name": to.person_name,
                "account_name": to.name,
                "expires_at": told_time(expires_at),
            },
            secrets={"link": portal_link(settings.portal_url, PAGE, token)},
            useless_after=expires_at,
        ),
        vault.mails,
    )
    tx.audit("recovery.mailed", subject_type="account", subject_id=to.account_id)
