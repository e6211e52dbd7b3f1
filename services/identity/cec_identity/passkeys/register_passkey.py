"""Register a passkey of one's device."""

from __future__ import annotations

import hashlib
from typing import Any

import webauthn
from webauthn.helpers import base64url_to_bytes, parse_attestation_object
from webauthn.helpers.exceptions import InvalidCBORData, WebAuthnException
from webauthn.helpers.structs import (
    AttestationConveyancePreference,
    AuthenticatorSelectionCriteria,
    PublicKeyCredentialDescriptor,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)

from cec_chassis.context import CommandContext
from cec_chassis.database import Transaction
from cec_chassis.ids import new_id
from cec_identity.accounts.domain import Account
from cec_identity.accounts.profile import checked_line
from cec_identity.accounts.store import account_in_use
from cec_identity.passkeys.domain import (
    LONGEST_LABEL,
    MOST,
    NewCredential,
    PasskeyNotAccepted,
    PasskeyRegistered,
    TooManyPasskeys,
    as_json,
    challenge_in,
    options_as_json,
    origin_in,
)
from cec_identity.passkeys.store import Passkey, insert_passkey, passkeys_of
from cec_identity.settings import IdentitySettings
from cec_identity.sign_in.challenges import ChallengeInvalid, Purpose, give_challenge, take_challenge
from cec_identity.sign_in.door import Door


async def registration_options(tx: Transaction, account: Account, settings: IdentitySettings) -> dict[str, Any]:
    """What `navigator.credentials.create()` needs: a key that stays on the device, can be found without a name, and is
    unlocked by its owner each time.

    Raises:
        TooManyPasskeys: the account has enough.
    """
    known = await passkeys_of(tx, account.account_id)
    if len(known) >= MOST:
        raise TooManyPasskeys
    challenge = await give_challenge(tx, Purpose.PASSKEY_REGISTRATION, account.account_id)
    options = webauthn.generate_registration_options(
        rp_id=settings.passkey_domain,
        rp_name=settings.authenticator_name,
        user_id=account.account_id.bytes,
        user_name=account.name,
        user_display_name=account.name,
        challenge=base64url_to_bytes(challenge),
        attestation=AttestationConveyancePreference.NONE,
        authenticator_selection=AuthenticatorSelectionCriteria(
            resident_key=ResidentKeyRequirement.REQUIRED, user_verification=UserVerificationRequirement.REQUIRED
        ),
        exclude_credentials=[PublicKeyCredentialDescriptor(id=passkey.credential_id) for passkey in known],
    )
    return options_as_json(options)


async def register_passkey(
    door: Door, context: CommandContext, account: Account, credential: NewCredential, label: str
) -> Passkey:
    """The new passkey.

    Raises:
        ChallengeInvalid: the challenge was not given to this account, was used before or is too old.
        PasskeyNotAccepted: made for another portal or page, not unlocked by its owner, or broken.
        PasskeyRegistered, TooManyPasskeys.
        ValidationFailed: the label.
    """
    label = checked_line(label, "body.label", LONGEST_LABEL)
    async with door.database.transaction() as tx:  # used up, whatever comes of it
        given = await take_challenge(
            tx, challenge_in(credential.response.client_data_json), Purpose.PASSKEY_REGISTRATION
        )
    if given.account_id != account.account_id:
        raise ChallengeInvalid
    verified = _verified(credential, door.settings)
    async with door.database.transaction(context) as tx:
        await account_in_use(tx, account.account_id)  # held, so that two at once are counted one after the other
        if len(await passkeys_of(tx, account.account_id)) >= MOST:
            raise TooManyPasskeys
        passkey = Passkey(
            passkey_id=new_id(),
            account_id=account.account_id,
            credential_id=verified.credential_id,
            public_key=verified.credential_public_key,
            sign_count=verified.sign_count,
            label=label,
            transports=tuple(credential.response.transports),
            backed_up=verified.credential_backed_up,
            registered_at=tx.now,
        )
        if not await insert_passkey(tx, passkey):
            raise PasskeyRegistered
        tx.audit(
            "passkey.registered",
            subject_type="account",
            subject_id=account.account_id,
            after={"passkey_id": str(passkey.passkey_id), "label": label},
        )
    return passkey


def _verified(credential: NewCredential, settings: IdentitySettings) -> Any:
    try:
        return webauthn.verify_registration_response(
            credential=as_json(credential),
            expected_challenge=base64url_to_bytes(challenge_in(credential.response.client_data_json)),
            expected_rp_id=settings.passkey_domain,
            expected_origin=list(settings.origins_with_passkeys),
            require_user_verification=True,
        )
    except (WebAuthnException, InvalidCBORData, ValueError, KeyError, TypeError) as error:
        raise _why(credential, settings) from error


def _why(credential: NewCredential, settings: IdentitySettings) -> PasskeyNotAccepted:
    """What is wrong with a new passkey that could not be verified, and what its owner does next. Only who is signed in and
    has just asked for it is told."""
    pages = ", ".join(settings.origins_with_passkeys)
    if origin_in(credential.response.client_data_json) not in settings.origins_with_passkeys:
        message = f"此網址不得登記通行金鑰,請改自 {pages} 登記 / Not from this page; open {pages} and register it there"
        return PasskeyNotAccepted.because("clientDataJSON", "wrong-origin", message)
    try:
        made = parse_attestation_object(base64url_to_bytes(credential.response.attestation_object)).auth_data
    except (WebAuthnException, InvalidCBORData, ValueError, KeyError, TypeError):
        made = None
    if made is not None and made.rp_id_hash != hashlib.sha256(settings.passkey_domain.encode()).digest():
        domain = settings.passkey_domain
        message = f"此金鑰屬其他網域,請重新登記 {domain} 之金鑰 / Made for another domain; make one for {domain}"
        return PasskeyNotAccepted.because("attestationObject", "wrong-domain", message)
    if made is not None and not made.flags.uv:
        message = (
            "裝置未驗證使用者,請設定 PIN、指紋或臉部辨識後再試 / The device did not check who you are; set up a PIN, finger or "
            "face there and try again"
        )
        return PasskeyNotAccepted.because("attestationObject", "not-verified", message)
    message = "金鑰資料不完整或無法讀取,請重新登記或改用其他裝置 / It cannot be read; try again, or with another device"
    return PasskeyNotAccepted.because("attestationObject", "not-readable", message)
