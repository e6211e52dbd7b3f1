"""Certificate cards over HTTP: signing in with one, and everybody's own."""

from __future__ import annotations

from base64 import b64encode
from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

import msgspec
from litestar import Controller, Response, delete, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody
from msgspec import Meta

from cec_chassis.database import Database, Transaction
from cec_chassis.http import HttpRequest, Request, needs
from cec_chassis.problems import FieldError, ValidationFailed
from cec_identity.certificate_cards.domain import LONGEST_CERTIFICATE, CardProof, to_be_signed
from cec_identity.certificate_cards.register_card import register_card, remove_card
from cec_identity.certificate_cards.sign_in_with_card import sign_in_with_card
from cec_identity.certificate_cards.store import Card, cards_of
from cec_identity.certificate_cards.trust import CardTrust
from cec_identity.sessions.own_account import own_account
from cec_identity.sign_in.challenges import LIFETIME, Purpose, give_challenge
from cec_identity.sign_in.door import Door
from cec_identity.sign_in.http import MAY_FIND_OUT_OF_USE, MAY_REFUSE, NOT_KEPT, Challenge, DeviceToken, refused
from cec_identity.sign_in.tokens import Tokens
from cec_identity.sign_in.visit import visit_of

Certificate = Annotated[bytes, Meta(min_length=1, max_length=LONGEST_CERTIFICATE, description="DER, base64")]
Algorithm = Literal["RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512"]
_MAY_REFUSE = MAY_REFUSE | {503: refused("未開放憑證卡 / Cards are not in use here")}


class CardChallenge(msgspec.Struct, kw_only=True):
    """What the card signs: the bytes of `to_be_signed` (base64), as they are. `challenge` is sent back beside it."""

    challenge: str
    to_be_signed: str
    expires_at: datetime


class CardRequest(Request):
    """Either `certificate`, `signature` and `algorithm` (names of RFC 7518; ES… in DER), or `cms`: a CMS signed message
    with the certificate in it, with or without the bytes that were signed. All in base64."""

    challenge: Challenge
    certificate: Certificate | None = None
    signature: Annotated[bytes, Meta(max_length=2_000, description="base64")] | None = None
    algorithm: Algorithm | None = None
    cms: Annotated[bytes, Meta(min_length=1, max_length=40_000, description="base64")] | None = None
    chain: Annotated[list[Certificate], Meta(max_length=5, description="中繼憑證 / authorities in between")] = (
        msgspec.field(default_factory=list)
    )

    def __repr__(self) -> str:
        """Nothing of it."""
        return f"{type(self).__name__}()"

    def proof(self) -> CardProof:
        """Raises ValidationFailed: neither of the two ways is complete, or both are begun."""
        if self.cms is not None and self.certificate is None and self.signature is None:
            return CardProof(cms=self.cms)
        if self.cms is None and self.certificate and self.signature and self.algorithm:
            return CardProof(
                certificate=self.certificate,
                signature=self.signature,
                algorithm=self.algorithm,
                chain=tuple(self.chain),
            )
        message = "請附 cms,或 certificate、signature、algorithm / Send cms, or certificate, signature and algorithm"
        raise ValidationFailed(errors=[FieldError("body", "missing-field", message)])


class CardSignInRequest(CardRequest):
    """What the card signed."""

    device_token: DeviceToken | None = None


class CardView(msgspec.Struct, kw_only=True):
    """A card as its owner recognises it."""

    card_id: UUID
    holder: str
    authority: str
    valid_until: datetime
    registered_at: datetime
    last_used_at: datetime | None


class CardList(msgspec.Struct, kw_only=True):
    """The oldest first."""

    items: list[CardView]


def _view(card: Card) -> CardView:
    return CardView(
        card_id=card.card_id,
        holder=card.holder,
        authority=card.authority,
        valid_until=card.valid_until,
        registered_at=card.registered_at,
        last_used_at=card.last_used_at,
    )


async def _challenge(tx: Transaction, door: Door, purpose: Purpose, account_id: UUID | None = None) -> CardChallenge:
    challenge = await give_challenge(tx, purpose, account_id)
    signed = b64encode(to_be_signed(challenge, door.settings.portal_url)).decode()
    return CardChallenge(challenge=challenge, to_be_signed=signed, expires_at=tx.now + LIFETIME)


class CertificateCardController(Controller):
    tags = ("certificate cards",)

    @post(
        "/sign-in/certificate-card/challenge",
        status_code=200,
        responses=_MAY_REFUSE,
        guards=[needs("identity.sign_in.begin")],
    )
    async def sign_in_challenge(
        self, door: NamedDependency[Door], card_trust: NamedDependency[CardTrust]
    ) -> Response[CardChallenge]:
        """What a card signs to sign in; good for five minutes and once. 503 `cards-not-taken`."""
        card_trust.require_any()
        async with door.database.transaction() as tx:
            challenge = await _challenge(tx, door, Purpose.CARD_SIGN_IN)
        return Response(challenge, headers=NOT_KEPT)

    @post(
        "/sign-in/certificate-card",
        status_code=200,
        responses=MAY_FIND_OUT_OF_USE | _MAY_REFUSE,
        guards=[needs("identity.sign_in.begin")],
    )
    async def sign_in(
        self,
        request: HttpRequest,
        data: JSONBody[CardSignInRequest],
        door: NamedDependency[Door],
        card_trust: NamedDependency[CardTrust],
    ) -> Response[Tokens]:
        """Sign in with a card. 401 `challenge-invalid`, `card-refused`; 403 `account-suspended`, `account-disabled`; 503
        `cards-not-taken`."""
        tokens = await sign_in_with_card(
            door,
            card_trust,
            request.command_context(),
            visit_of(request),
            data.challenge,
            data.proof(),
            data.device_token,
        )
        return Response(tokens, headers=NOT_KEPT)

    @get("/certificate-cards", guards=[needs("identity.authenticators.own")])
    async def list_cards(self, request: HttpRequest, database: NamedDependency[Database]) -> CardList:
        """One's own cards."""
        async with database.reading() as tx:
            return CardList(items=[_view(card) for card in await cards_of(tx, request.user.account_id)])

    @post(
        "/certificate-cards/challenge",
        status_code=200,
        guards=[needs("identity.authenticators.change")],
    )
    async def registration_challenge(
        self, request: HttpRequest, door: NamedDependency[Door], card_trust: NamedDependency[CardTrust]
    ) -> Response[CardChallenge]:
        """What a card signs to be registered. 401 `fresh-sign-in-needed`, 503 `cards-not-taken`."""
        card_trust.require_any()
        async with door.database.transaction(request.command_context()) as tx:
            account = await own_account(tx, request)
            challenge = await _challenge(tx, door, Purpose.CARD_REGISTRATION, account.account_id)
        return Response(challenge, headers=NOT_KEPT)

    @post("/certificate-cards", status_code=201, guards=[needs("identity.authenticators.change")])
    async def register(
        self,
        request: HttpRequest,
        data: JSONBody[CardRequest],
        door: NamedDependency[Door],
        card_trust: NamedDependency[CardTrust],
    ) -> Response[CardView]:
        """Register a card. 401 `challenge-invalid`, `fresh-sign-in-needed`; 409 `card-registered`, `too-many-cards`;
        422 `card-not-accepted`; 503 `cards-not-taken`."""
        async with door.database.reading() as tx:
            account = await own_account(tx, request, held=False)
        card = await register_card(door, card_trust, request.command_context(), account, data.challenge, data.proof())
        return Response(_view(card), status_code=201)

    @delete(
        "/certificate-cards/{card_id:uuid}",
        status_code=204,
        guards=[needs("identity.authenticators.change")],
    )
    async def remove(self, request: HttpRequest, card_id: FromPath[UUID], database: NamedDependency[Database]) -> None:
        """Remove one's own card. 401 `fresh-sign-in-needed`, 404."""
        async with database.transaction(request.command_context()) as tx:
            await remove_card(tx, request.user.account_id, card_id)
