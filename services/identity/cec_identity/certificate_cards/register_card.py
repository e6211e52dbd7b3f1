"""Register a certificate card, and remove one."""

from __future__ import annotations

from uuid import UUID

from cec_chassis.context import CommandContext
from cec_chassis.database import Transaction
from cec_chassis.ids import new_id
from cec_chassis.problems import NotFound
from cec_identity.accounts.domain import Account
from cec_identity.accounts.store import account_in_use
from cec_identity.certificate_cards.check_card import checked_card
from cec_identity.certificate_cards.domain import (
    MOST,
    CardInvalid,
    CardNotAccepted,
    CardProof,
    CardRegistered,
    TooManyCards,
)
from cec_identity.certificate_cards.store import Card, cards_of, delete_card, insert_card
from cec_identity.certificate_cards.trust import CardTrust
from cec_identity.sign_in.challenges import ChallengeInvalid, Purpose, take_challenge
from cec_identity.sign_in.door import Door


async def register_card(
    door: Door, trust: CardTrust, context: CommandContext, account: Account, challenge: str, proof: CardProof
) -> Card:
    """The card, which from now on opens the account.

    Raises:
        CardsNotTaken: no authority is trusted.
        ChallengeInvalid: the challenge was not given to this account, was used before or is too old.
        CardNotAccepted: certificate or signature do not hold; the detail says which.
        CardRegistered, TooManyCards.
    """
    trust.require_any()
    async with door.database.transaction() as tx:  # used up, whatever comes of it
        given = await take_challenge(tx, challenge, Purpose.CARD_REGISTRATION)
    if given.account_id != account.account_id:
        raise ChallengeInvalid
    try:
        facts = await checked_card(trust, proof, challenge, door.settings.portal_url, door.database.clock.now())
    except CardInvalid as error:
        raise CardNotAccepted(f"憑證或簽章不符 / Certificate or signature do not hold: {error}") from None
    async with door.database.transaction(context) as tx:
        await account_in_use(tx, account.account_id)  # held, so that two at once are counted one after the other
        if len(await cards_of(tx, account.account_id)) >= MOST:
            raise TooManyCards
        card = Card(
            card_id=new_id(),
            account_id=account.account_id,
            holder=facts.holder,
            authority=facts.authority,
            valid_until=facts.valid_until,
            registered_at=tx.now,
        )
        if not await insert_card(tx, card, facts.fingerprint):
            raise CardRegistered
        tx.audit(
            "card.registered",
            subject_type="account",
            subject_id=account.account_id,
            after={"card_id": str(card.card_id), "authority": card.authority},
        )
    return card


async def remove_card(tx: Transaction, account_id: UUID, card_id: UUID) -> None:
    """It opens the account no more.

    Raises:
        NotFound: the account has no such card.
    """
    if not await delete_card(tx, account_id, card_id):
        raise NotFound
    tx.audit("card.removed", subject_type="account", subject_id=account_id, before={"card_id": str(card_id)})
