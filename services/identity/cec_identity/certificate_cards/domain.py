"""What a card signs, what is refused, and what a certificate tells. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from cec_chassis.problems import Refusal

MOST = 10
"""Cards of one account."""
LONGEST_CERTIFICATE = 8_000
"""Bytes; a card's certificate has some 2,000."""


class CardsNotTaken(Refusal):
    """No authority is trusted here, so no card can be."""

    slug = "cards-not-taken"
    status = 503
    title = "本系統尚未開放憑證卡登入,請改用其他登入方式 / Certificate cards are not in use here; sign in another way"


class CardRefused(Refusal):
    """Certificate or signature do not hold, or nobody has registered the card; which of them is not said."""

    slug = "card-refused"
    status = 401
    title = "憑證卡無法驗證,或尚未登記於任何帳號 / The card could not be verified, or no account has registered it"


class CardNotAccepted(Refusal):
    """The card's own holder, who is signed in, may know what is wrong with it."""

    slug = "card-not-accepted"
    status = 422
    title = "無法登記此憑證卡 / This card cannot be registered"


class CardRegistered(Refusal):
    """The certificate opens an account already."""

    slug = "card-registered"
    status = 409
    title = "此憑證卡已登記 / This card is registered already"


class TooManyCards(Refusal):
    """An account has no more than MOST."""

    slug = "too-many-cards"
    status = 409
    title = f"憑證卡至多 {MOST} 張 / An account has at most {MOST} cards"


class CardInvalid(Exception):
    """A certificate or signature that does not hold. The text is for the log and for the card's holder, and repeats
    nothing of the certificate."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CardProof:
    """What a card's software sends: the certificate with a signature of its key over the bytes of `to_be_signed`, or a
    CMS (PKCS#7) message that has both."""

    certificate: bytes = b""
    signature: bytes = b""
    algorithm: str = ""
    cms: bytes = b""
    chain: tuple[bytes, ...] = ()
    """Certificates of the authorities in between, if the card has them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CardFacts:
    """A certificate that holds."""

    fingerprint: bytes
    """SHA-256 of the whole certificate."""
    holder: str
    authority: str
    subject_serial: str
    """`serialNumber` of the subject, which some authorities fill with the national ID; kept nowhere."""
    valid_until: datetime


def to_be_signed(challenge: str, portal: str) -> bytes:
    """The bytes that the card signs. The portal's address is in them, so that what was signed elsewhere is worthless."""
    return f"cec sign-in\n{portal}\n{challenge}".encode()
