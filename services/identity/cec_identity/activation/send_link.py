"""Third step: the link goes to the e-mail address that the person gave. An earlier link of theirs is worth nothing now."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from cec_chassis.clock import taipei_date
from cec_chassis.database import Transaction
from cec_identity.accounts.profile import email_key
from cec_identity.activation.domain import (
    BETWEEN_MAILS,
    LINK_LIFETIME,
    MOST_MAILS,
    Activation,
    ActivationState,
    MailJustSent,
    TicketInvalid,
    TooManyMails,
    Wish,
)
from cec_identity.activation.store import save_sending
from cec_identity.activation.tickets import unopened
from cec_identity.consents.texts import ConsentKind, require_current
from cec_identity.mail.domain import Mail
from cec_identity.mail.links import digest_of, new_token, portal_link, told_time
from cec_identity.mail.queue_mail import queue_mail
from cec_identity.proof_of_work.limits import Limit, Limiter
from cec_identity.settings import IdentitySettings
from cec_identity.vault import Vault

MAILS_TO_ADDRESS = Limit("activation-mail", 10, timedelta(hours=24))
PAGE = "activate"


async def send_link(
    tx: Transaction, ticket: str, wish: Wish, settings: IdentitySettings, vault: Vault, limiter: Limiter
) -> Activation:
    """Asked twice within a minute for the same, it sends once.

    Raises:
        TicketInvalid, ConsentOutdated, TooManyMails.
        TooManyRequests: the address got so many mails today, from whichever activations.
        AccountNameTaken: somebody has the name, or another activation has asked for it.
    """
    activation = await unopened(tx, ticket)
    require_current(ConsentKind.ACTIVATION, wish.consent_version, taipei_date(tx.now))
    if activation.wish == wish and _just_sent(tx, activation):
        return activation
    sent = await _send(tx, replace(activation, wish=wish), settings, vault)
    await limiter.require_within(tx, MAILS_TO_ADDRESS, email_key(wish.email))
    return sent


async def send_again(tx: Transaction, ticket: str, settings: IdentitySettings, vault: Vault) -> Activation:
    """The same once more, with a new link.

    Raises:
        TicketInvalid: also when nothing was sent before.
        MailJustSent: within a minute of the last mail; nothing is sent.
        TooManyMails, AccountNameTaken.
    """
    activation = await unopened(tx, ticket)
    if activation.wish is None:
        raise TicketInvalid
    if activation.mailed_at is not None and activation.mails_sent < MOST_MAILS and _just_sent(tx, activation):
        raise MailJustSent.ago(tx.now - activation.mailed_at)
    return await _send(tx, activation, settings, vault)


def _just_sent(tx: Transaction, activation: Activation) -> bool:
    return activation.mailed_at is not None and tx.now < activation.mailed_at + BETWEEN_MAILS


async def _send(tx: Transaction, activation: Activation, settings: IdentitySettings, vault: Vault) -> Activation:
    wish = activation.wish
    assert wish is not None
    if activation.mails_sent >= MOST_MAILS:
        raise TooManyMails
    token, expires_at = new_token(), tx.now + LINK_LIFETIME
    mail = Mail(
        template="activation",
        to=wish.email,
        language=wish.language,
        values={
            "person_name": activation.person_name,
            "account_name": wish.name,
            "expires_at": told_time(expires_at),
        },
        secrets={"link": portal_link(settings.portal_url, PAGE, token)},
        useless_after=expires_at,
    )
    sent = replace(
        activation,
        state=ActivationState.MAILED,
        mail_id=await queue_mail(tx, mail, vault.mails),
        mails_sent=activation.mails_sent + 1,
        mailed_at=tx.now,
        link_digest=digest_of(token),
        link_expires_at=expires_at,
    )
    await save_sending(tx, sent)
    tx.audit(
        "activation.mailed",
        subject_type="practitioner",
        subject_id=activation.practitioner_id,
        after={
            "activation_id": str(activation.activation_id),
            "mail_id": str(sent.mail_id),
            "consent_version": wish.consent_version,
        },
    )
    return sent
