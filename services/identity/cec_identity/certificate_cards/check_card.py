"""Check what a card's software has sent, against a challenge that has been used up."""

from __future__ import annotations

from datetime import datetime

from cec_identity.certificate_cards.domain import CardFacts, CardProof, to_be_signed
from cec_identity.certificate_cards.signature import certificate_that_signed
from cec_identity.certificate_cards.trust import CardTrust


async def checked_card(trust: CardTrust, proof: CardProof, challenge: str, portal: str, now: datetime) -> CardFacts:
    """The certificate that signed and that holds.

    The signature first: nobody makes us look for the path of a certificate whose key they do not have.

    Raises:
        CardInvalid: signature or certificate do not hold.
    """
    certificate, chain = certificate_that_signed(proof, to_be_signed(challenge, portal))
    return await trust.facts_of(certificate, chain, now)
