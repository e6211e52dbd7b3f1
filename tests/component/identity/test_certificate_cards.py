"""Certificate cards: keys and certificates are real, only the card around them is missing."""

from __future__ import annotations

import asyncio
from base64 import b64encode
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding, pkcs7
from tests.component.identity.card_authority import ENCRYPTION_ONLY, Authority, Card
from tests.component.identity.conftest import LIN, Identity, good, refusal, settings_for
from tests.component.identity.test_sign_in import claims_of
from tests.conftest import MakeDatabase
from tests.support.one_service import NOON

from cec_identity.certificate_cards.domain import CardInvalid
from cec_identity.certificate_cards.trust import CardTrust, CardTrustUnreadable

ROOT = Authority("Test Root CA")
BETWEEN = Authority("Test Card CA", issuer=ROOT)
STRANGER = Authority("Another CA")
NAMESAKE = Authority("Test Card CA", issuer=Authority("Test Root CA"))
"""By the same names, with other keys."""


@dataclass
class Desk:
    """The service, where cards are taken."""

    identity: Identity
    revocations: Path
    tokens: dict[str, Any]

    async def ask(self, method: str, path: str, body: Any = None) -> httpx.Response:
        headers = {"Authorization": f"Bearer {self.tokens['access_token']}"}
        return await self.identity.ask(None, method, path, body, headers)

    async def register(self, card: Card) -> httpx.Response:
        challenge = good(await self.ask("POST", "/certificate-cards/challenge"))
        return await self.ask("POST", "/certificate-cards", card.answer(challenge))

    async def challenge(self) -> dict[str, Any]:
        return good(await self.identity.ask(None, "POST", "/sign-in/certificate-card/challenge"))

    async def enter(self, answer: dict[str, Any]) -> httpx.Response:
        return await self.identity.ask(None, "POST", "/sign-in/certificate-card", answer)


@pytest.fixture(autouse=True)
def nothing_revoked_yet() -> None:
    """Whatever another test has revoked, and in whichever order they run."""
    for authority in (ROOT, BETWEEN):
        authority.revoked.clear()


@pytest.fixture
async def desk(make_database: MakeDatabase, tmp_path: Path) -> AsyncIterator[Desk]:
    url, revocations = await make_database("identity"), tmp_path / "revocations"
    revocations.mkdir()
    for authority in (ROOT, BETWEEN):
        authority.write_revocations(revocations)
    settings = settings_for(
        url,
        card_authorities=ROOT.pem(tmp_path),
        card_intermediates=BETWEEN.pem(tmp_path),
        card_revocations=str(revocations),
        card_national_ids=True,
    )
    identity = await Identity.on(url, settings)
    yield Desk(identity, revocations, good(await identity.sign_in()))
    await identity.close()


@pytest.mark.parametrize("algorithm", ["RS256", "PS256", "RS512", "PS384", "ES256", "ES384"])
async def test_a_registered_card_signs_in_by_every_good_algorithm(desk: Desk, algorithm: str) -> None:
    card = BETWEEN.card(key=ec.generate_private_key(ec.SECP256R1()) if algorithm[0] == "E" else None)
    registered = good(await desk.register(card), 201)
    assert (registered["holder"], registered["authority"]) == ("林技師", "Test Card CA")
    tokens = good(await desk.enter(card.answer(await desk.challenge(), algorithm)))
    assert tokens["account_id"] == desk.tokens["account_id"]
    assert claims_of(tokens)["amr"] == ["sc", "pin", "mfa"]
    listed = good(await desk.ask("GET", "/certificate-cards"))["items"]
    assert listed[0]["last_used_at"]


@pytest.mark.parametrize(
    "options",
    [
        (),
        (pkcs7.PKCS7Options.DetachedSignature,),
        (pkcs7.PKCS7Options.NoAttributes,),
        (pkcs7.PKCS7Options.NoAttributes, pkcs7.PKCS7Options.DetachedSignature),
    ],
)
async def test_a_cms_message_does_as_well(desk: Desk, options: tuple[pkcs7.PKCS7Options, ...]) -> None:
    for card in (BETWEEN.card(), BETWEEN.card(key=ec.generate_private_key(ec.SECP256R1()))):
        good(await desk.register(card), 201)
        good(await desk.enter(card.cms_answer(await desk.challenge(), *options)))
    other = await desk.challenge()
    answer = card.cms_answer(await desk.challenge(), *options) | {"challenge": other["challenge"]}
    assert refusal(await desk.enter(answer))[:2] == (401, "card-refused")


async def test_a_signed_challenge_is_good_once_soon_and_for_what_it_was_given(desk: Desk) -> None:
    card = BETWEEN.card()
    good(await desk.register(card), 201)
    answer = card.answer(await desk.challenge())
    good(await desk.enter(answer))
    assert refusal(await desk.enter(answer))[:2] == (401, "challenge-invalid")
    late = card.answer(await desk.challenge())
    desk.identity.clock.advance(timedelta(minutes=5))
    assert refusal(await desk.enter(late))[1] == "challenge-invalid"
    for_registration = good(await desk.ask("POST", "/certificate-cards/challenge"))
    assert refusal(await desk.enter(card.answer(for_registration)))[1] == "challenge-invalid"
    at_once = card.answer(await desk.challenge())
    answers = await asyncio.gather(*(desk.enter(at_once) for _ in range(3)))
    assert sorted(each.status_code for each in answers) == [200, 401, 401]


async def test_the_signature_of_another_challenge_portal_or_key_is_refused(desk: Desk) -> None:
    card = BETWEEN.card()
    good(await desk.register(card), 201)
    first, second = await desk.challenge(), await desk.challenge()
    assert refusal(await desk.enter(card.answer(first) | {"challenge": second["challenge"]}))[1] == "card-refused"
    third = await desk.challenge()
    foreign = third | {"to_be_signed": b64encode(b"cec sign-in\nhttp://evil.example\n").decode()}
    assert refusal(await desk.enter(card.answer(foreign)))[1] == "card-refused"
    thief = Card(card.certificate, rsa.generate_private_key(65537, 2048))
    assert refusal(await desk.enter(thief.answer(await desk.challenge())))[1] == "card-refused"
    wrong = card.answer(await desk.challenge()) | {"algorithm": "ES256"}
    assert refusal(await desk.enter(wrong))[1] == "card-refused"


@pytest.mark.parametrize(
    ("card", "why"),
    [
        (BETWEEN.card(period={"begins": NOON - timedelta(days=9), "ends": NOON - timedelta(days=1)}), "ExpiredError"),
        (BETWEEN.card(period={"begins": NOON + timedelta(days=1)}), "NotYetValidError"),
        (STRANGER.card(), "PathBuildingError"),
        (NAMESAKE.card(), "PathValidationError"),
        (BETWEEN.card(usage=ENCRYPTION_ONLY), "InvalidCertificateError"),
        (BETWEEN.card(usage=None), "InvalidCertificateError"),
        (BETWEEN.card(ca=True), "authority"),
        (BETWEEN.card(key=rsa.generate_private_key(65537, 1024)), "too weak"),
        (BETWEEN.card(key=ec.generate_private_key(ec.SECP256K1())), "too weak"),
    ],
)
async def test_a_certificate_that_does_not_hold_is_refused(desk: Desk, card: Card, why: str) -> None:
    answer = await desk.register(card)
    assert refusal(answer)[:2] == (422, "card-not-accepted")
    assert why in answer.json()["detail"]
    assert "林技師" not in answer.text
    assert refusal(await desk.enter(card.answer(await desk.challenge())))[:2] == (401, "card-refused")


async def test_a_card_that_is_revoked_or_expires_later_opens_nothing_any_more(desk: Desk) -> None:
    card, other = BETWEEN.card(), BETWEEN.card()
    for each in (card, other):
        good(await desk.register(each), 201)
    BETWEEN.revoked[card.certificate.serial_number] = NOON - timedelta(minutes=1)
    BETWEEN.write_revocations(desk.revocations)
    assert refusal(await desk.enter(card.answer(await desk.challenge())))[:2] == (401, "card-refused")
    good(await desk.enter(other.answer(await desk.challenge())))
    desk.identity.clock.advance(timedelta(days=8))  # the list is too old to say anything
    assert refusal(await desk.enter(other.answer(await desk.challenge())))[:2] == (401, "card-refused")
    for authority in (ROOT, BETWEEN):
        authority.write_revocations(desk.revocations, at=desk.identity.clock.now())
    good(await desk.enter(other.answer(await desk.challenge())))


async def test_nothing_known_about_revocation_is_a_refusal_and_an_ocsp_answer_is_enough(desk: Desk) -> None:
    card = BETWEEN.card()
    (desk.revocations / "Test Card CA.crl").write_bytes(b"not a list")
    assert "InsufficientRevinfoError" in (await desk.register(card)).json()["detail"]
    BETWEEN.write_answer(desk.revocations, card, revoked=False)
    good(await desk.register(card), 201)
    good(await desk.enter(card.answer(await desk.challenge())))
    BETWEEN.write_answer(desk.revocations, card, revoked=True)
    assert refusal(await desk.enter(card.answer(await desk.challenge())))[1] == "card-refused"


async def test_cards_of_an_authority_that_was_revoked_itself_open_nothing_any_more(desk: Desk) -> None:
    """Though the card is on no list."""
    card = BETWEEN.card()
    good(await desk.register(card), 201)
    ROOT.revoked[BETWEEN.certificate.serial_number] = NOON - timedelta(minutes=1)
    ROOT.write_revocations(desk.revocations)
    assert "RevokedError" in (await desk.register(BETWEEN.card())).json()["detail"]
    assert refusal(await desk.enter(card.answer(await desk.challenge())))[:2] == (401, "card-refused")


async def test_a_list_of_an_authority_of_the_same_name_says_nothing(desk: Desk) -> None:
    """Neither that a card is good, when it is the only list, nor that it is revoked, beside the right one."""
    card = BETWEEN.card()
    namesake = Authority(BETWEEN.name, issuer=NAMESAKE.issuer)
    namesake.write_revocations(desk.revocations)  # in the place of the right one
    assert refusal(await desk.register(card))[:2] == (422, "card-not-accepted")
    BETWEEN.write_revocations(desk.revocations)
    good(await desk.register(card), 201)
    namesake.revoked[card.certificate.serial_number] = NOON - timedelta(minutes=1)
    namesake.write_revocations(desk.revocations, file="Another list")
    good(await desk.enter(card.answer(await desk.challenge())))


async def test_an_ocsp_answer_that_a_stranger_signed_is_no_answer(desk: Desk) -> None:
    card = BETWEEN.card()
    (desk.revocations / f"{BETWEEN.name}.crl").unlink()
    for stranger in (STRANGER, NAMESAKE):
        BETWEEN.write_answer(desk.revocations, card, revoked=False, signer=stranger)
        assert refusal(await desk.register(card))[:2] == (422, "card-not-accepted")
    BETWEEN.write_answer(desk.revocations, card, revoked=False)
    good(await desk.register(card), 201)
    BETWEEN.write_answer(desk.revocations, card, revoked=False, signer=STRANGER)
    assert refusal(await desk.enter(card.answer(await desk.challenge())))[:2] == (401, "card-refused")


async def test_soft_fail_refuses_only_what_is_known_to_be_revoked(tmp_path: Path) -> None:
    revocations = tmp_path / "revocations"
    revocations.mkdir()
    trust = CardTrust([Path(ROOT.pem(tmp_path))], [Path(BETWEEN.pem(tmp_path))], revocations, "soft-fail")
    card = BETWEEN.card(key=ec.generate_private_key(ec.SECP256R1()))
    await trust.facts_of(card.certificate, (), NOON)
    BETWEEN.revoked[card.certificate.serial_number] = NOON - timedelta(minutes=1)
    for authority in (ROOT, BETWEEN):
        authority.write_revocations(revocations)
    with pytest.raises(CardInvalid, match="RevokedError"):
        await trust.facts_of(card.certificate, (), NOON)
    with pytest.raises(CardTrustUnreadable):
        CardTrust([], [], None, "none")
    (tmp_path / "x.pem").write_text("no certificate")
    with pytest.raises(CardTrustUnreadable):
        CardTrust([tmp_path / "x.pem"], [], None, "hard-fail")


async def test_an_intermediate_that_comes_along_is_used_and_not_trusted(tmp_path: Path) -> None:
    for authority in (ROOT, BETWEEN):
        authority.write_revocations(tmp_path)
    trust = CardTrust([Path(ROOT.pem(tmp_path))], [], tmp_path, "hard-fail")
    key = ec.generate_private_key(ec.SECP256R1())
    card = BETWEEN.card(key=key)
    der = BETWEEN.certificate.public_bytes(Encoding.DER)
    assert (await trust.facts_of(card.certificate, (der,), NOON)).authority == "Test Card CA"
    with pytest.raises(CardInvalid, match="PathBuildingError"):
        await trust.facts_of(card.certificate, (), NOON)


async def test_a_practitioners_national_id_in_the_certificate_opens_the_account(desk: Desk) -> None:
    person = str(await desk.identity.practitioner_id(LIN))
    account = await desk.identity.account("lin-ji-shi", role="practitioner", practitioner_id=person)
    card = BETWEEN.card(serial="R121351632")
    tokens = good(await desk.enter(card.answer(await desk.challenge())))
    assert (tokens["account_id"], tokens["practitioner_id"]) == (account["account_id"], person)
    for serial in ("A123456789", "R121351633", "0000000112345678", ""):
        other = BETWEEN.card(serial=serial, key=card.key)
        assert refusal(await desk.enter(other.answer(await desk.challenge())))[1] == "card-refused"
    kept = await desk.identity.rows("SELECT CAST(audit_log AS text) AS line FROM audit_log")
    assert not any("R121351632" in row.line for row in kept)


async def test_a_card_by_a_former_number_or_of_a_merged_record_opens_the_persons_account(desk: Desk) -> None:
    lin = str(await desk.identity.practitioner_id(LIN))
    account = await desk.identity.account("lin-ji-shi", role="practitioner", practitioner_id=lin)
    other = await desk.identity.practitioner_id(LIN.replace("R121351632", "AB23456789").replace("P0001", "P0009"))
    administrator = desk.identity.administrator

    async def opens(serial: str, holder: str = "林技師") -> bool:
        answer = await desk.enter(BETWEEN.card(holder, serial).answer(await desk.challenge()))
        return answer.status_code == 200 and answer.json()["account_id"] == account["account_id"]

    assert not await opens("AB23456789")
    body = {"former_id": str(other), "reason": "同一人"}
    good(await desk.identity.ask(administrator, "POST", f"/practitioners/{lin}/merge", body))
    assert await opens("AB23456789")
    for person, number in ((lin, "A800000014"), (other, "A870000015")):
        change = {"national_id": number, "reason": "換發"}
        good(await desk.identity.ask(administrator, "POST", f"/practitioners/{person}/national-id", change))
    for number in ("R121351632", "A800000014", "AB23456789", "A870000015"):
        assert await opens(number)
    # What was Lin's by mistake is somebody's who is not in the registry.
    assert not await opens("R121351632", "別人")
    assert await opens("A800000014", "別人")  # as ever: the number that they bear now is enough


async def test_a_number_that_somebody_bears_now_is_not_of_whoever_bore_it_once(desk: Desk) -> None:
    lin = await desk.identity.practitioner_id(LIN)
    await desk.identity.account("lin-ji-shi", role="practitioner", practitioner_id=str(lin))
    path, change = f"/practitioners/{lin}/national-id", {"national_id": "A800000014", "reason": "原證號有誤"}
    good(await desk.identity.ask(desk.identity.administrator, "POST", path, change))
    async with desk.identity.database.transaction() as tx:  # two records with one number cannot be typed in any more
        await tx.execute(
            """
            INSERT INTO practitioners (id, number, name, national_id_index, national_id_sealed, national_id_masked, active,
                                       version, registered_at, changed_at)
            SELECT gen_random_uuid(), 'P0099', f.name, f.national_id_index, f.national_id_sealed, f.national_id_masked, true,
                   1, now(), now()
            FROM former_identities f
            """
        )
    card = BETWEEN.card(serial="R121351632")
    assert refusal(await desk.enter(card.answer(await desk.challenge())))[1] == "card-refused"


async def test_a_card_opens_one_account_and_only_its_owner_removes_it(desk: Desk) -> None:
    card = BETWEEN.card()
    card_id = good(await desk.register(card), 201)["card_id"]
    assert refusal(await desk.register(card))[:2] == (409, "card-registered")
    await desk.identity.account("another-one")
    other = Desk(desk.identity, desk.revocations, good(await desk.identity.sign_in("another-one")))
    assert refusal(await other.register(card))[1] == "card-registered"
    assert (await other.ask("DELETE", f"/certificate-cards/{card_id}")).status_code == 404
    challenge = good(await desk.ask("POST", "/certificate-cards/challenge"))
    stolen = await other.ask("POST", "/certificate-cards", BETWEEN.card().answer(challenge))
    assert refusal(stolen)[1] == "challenge-invalid"
    assert (await desk.ask("DELETE", f"/certificate-cards/{card_id}")).status_code == 204
    assert refusal(await desk.enter(card.answer(await desk.challenge())))[1] == "card-refused"
    audited = await desk.identity.audited()
    assert (audited.count("card.registered"), audited.count("card.removed")) == (1, 1)


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"certificate": "AAAA"},
        {"certificate": "AAAA", "signature": "AAAA", "algorithm": "none"},
        {"certificate": "AAAA", "signature": "AAAA", "algorithm": "RS256", "cms": "AAAA"},
        {"cms": "*"},
    ],
)
async def test_an_incomplete_answer_is_422(desk: Desk, body: dict[str, Any]) -> None:
    answer = await desk.enter({"challenge": (await desk.challenge())["challenge"]} | body)
    assert refusal(answer)[:2] == (422, "validation-failed")


@pytest.mark.parametrize(
    "body",
    [
        {"certificate": "AAAA", "signature": "AAAA", "algorithm": "RS256"},
        {"certificate": "MIIB", "signature": "AAAA", "algorithm": "ES256"},
        {"cms": "AAAA"},
        {"cms": "MAsGCSqGSIb3DQEHAQ=="},
    ],
)
async def test_rubbish_is_refused_quietly(desk: Desk, body: dict[str, Any]) -> None:
    answer = await desk.enter({"challenge": (await desk.challenge())["challenge"]} | body)
    assert refusal(answer)[:2] == (401, "card-refused")


async def test_without_an_authority_cards_are_not_taken(identity: Identity) -> None:
    answer = await identity.ask(None, "POST", "/sign-in/certificate-card/challenge")
    assert refusal(answer)[:2] == (503, "cards-not-taken")
