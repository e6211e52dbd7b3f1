"""Sign in with a certificate card."""

from __future__ import annotations

from uuid import UUID

import structlog

from cec_chassis.context import CommandContext
from cec_chassis.database import Transaction
from cec_chassis.problems import Refusal
from cec_contracts import national_id
from cec_identity.accounts.store import account_in_use
from cec_identity.certificate_cards.check_card import checked_card
from cec_identity.certificate_cards.domain import CardFacts, CardInvalid, CardProof, CardRefused
from cec_identity.certificate_cards.store import account_of_national_id, card_used
from cec_identity.certificate_cards.trust import CardTrust
from cec_identity.lockout.devices import known_device
from cec_identity.sign_in.begin_session import begin_session, note_refusal
from cec_identity.sign_in.challenges import Purpose, take_challenge
from cec_identity.sign_in.domain import Methods
from cec_identity.sign_in.door import Door
from cec_identity.sign_in.tokens import Tokens
from cec_identity.sign_in.visit import Visit

log = structlog.get_logger(__name__)


async def sign_in_with_card(
    door: Door,
    trust: CardTrust,
    context: CommandContext,
    visit: Visit,
    challenge: str,
    proof: CardProof,
    device_token: str | None,
) -> Tokens:
    """Begins a session of the account that registered the card, or of the practitioner whose national ID it has.

    Raises:
        CardsNotTaken: no authority is trusted.
        ChallengeInvalid: not given out, used before or too old.
        CardRefused: anything is wrong with the card, or it is nobody's.
        AccountSuspended, AccountDisabled: the card is good.
    """
    trust.require_any()
    async with door.database.transaction() as tx:  # used up, whatever comes of it
        await take_challenge(tx, challenge, Purpose.CARD_SIGN_IN)
    try:
        facts = await checked_card(trust, proof, challenge, door.settings.portal_url, door.database.clock.now())
    except CardInvalid as error:
        log.info("card_refused", why=str(error))
        raise CardRefused from None
    async with door.database.transaction(context) as tx:
        answer = await _let_in(tx, door, visit, facts, device_token)
    # Only now, when what was written down about it is committed.
    if isinstance(answer, Refusal):
        raise answer
    return answer


async def _let_in(
    tx: Transaction, door: Door, visit: Visit, facts: CardFacts, device_token: str | None
) -> Tokens | Refusal:
    """A refusal when nobody is let in; that is written down."""
    account_id = await _account_id(tx, door, facts)
    account = await account_in_use(tx, account_id) if account_id is not None else None
    if account is None or not account.active:
        await note_refusal(tx, account, Methods.CARD, visit)
        return CardRefused() if account is None else account.out_of_use()
    device = await known_device(tx, device_token, account.account_id)
    return await begin_session(tx, account, Methods.CARD, visit, door.settings, door.vault, device=device)


async def _account_id(tx: Transaction, door: Door, facts: CardFacts) -> UUID | None:
    registered = await card_used(tx, facts.fingerprint)
    if registered is not None or not door.settings.card_national_ids:
        return registered
    try:
        index = national_id.index(door.vault.index_key, facts.subject_serial)
    except national_id.InvalidNationalId:
        return None
    return await account_of_national_id(tx, index, facts.holder)
