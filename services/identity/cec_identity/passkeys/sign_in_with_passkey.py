"""Sign in with a passkey: no name, no password, no second factor; the device has asked for a finger or a PIN."""

from __future__ import annotations

from typing import Any

import webauthn
from webauthn.helpers import base64url_to_bytes
from webauthn.helpers.exceptions import InvalidCBORData, WebAuthnException
from webauthn.helpers.structs import UserVerificationRequirement

from cec_chassis.context import CommandContext
from cec_chassis.database import Transaction
from cec_chassis.problems import Refusal
from cec_identity.accounts.store import account_in_use
from cec_identity.lockout.devices import known_device
from cec_identity.passkeys.domain import (
    PasskeyRefused,
    PasskeySuspended,
    UsedCredential,
    as_json,
    challenge_in,
    looks_copied,
    options_as_json,
)
from cec_identity.passkeys.store import Passkey, mark_used, passkey_for_use, suspend
from cec_identity.settings import IdentitySettings
from cec_identity.sign_in.begin_session import begin_session, note_refusal
from cec_identity.sign_in.challenges import Purpose, give_challenge, take_challenge
from cec_identity.sign_in.domain import Methods
from cec_identity.sign_in.door import Door
from cec_identity.sign_in.tokens import Tokens
from cec_identity.sign_in.visit import Visit


async def sign_in_options(tx: Transaction, settings: IdentitySettings) -> dict[str, Any]:
    """What `navigator.credentials.get()` needs. It names no passkeys: the device finds its own, and nobody learns which
    accounts have some."""
    challenge = await give_challenge(tx, Purpose.PASSKEY_SIGN_IN)
    options = webauthn.generate_authentication_options(
        rp_id=settings.passkey_domain,
        challenge=base64url_to_bytes(challenge),
        user_verification=UserVerificationRequirement.REQUIRED,
    )
    return options_as_json(options)


async def sign_in_with_passkey(
    door: Door, context: CommandContext, visit: Visit, credential: UsedCredential, device_token: str | None
) -> Tokens:
    """Begins a session.

    Raises:
        ChallengeInvalid: not given out, used before or too old.
        PasskeyRefused: the passkey or its signature is not good here.
        AccountSuspended, AccountDisabled: its signature is good.
        PasskeySuspended: there are two of it, since now or since before.
    """
    async with door.database.transaction() as tx:  # used up, whatever comes of it
        await take_challenge(tx, challenge_in(credential.response.client_data_json), Purpose.PASSKEY_SIGN_IN)
    async with door.database.transaction(context) as tx:
        answer = await _let_in(tx, door, visit, credential, device_token)
    # Only now, when what was written down about it is committed.
    if isinstance(answer, Refusal):
        raise answer
    return answer


async def _let_in(
    tx: Transaction, door: Door, visit: Visit, credential: UsedCredential, device_token: str | None
) -> Tokens | Refusal:
    passkey = await passkey_for_use(tx, base64url_to_bytes(credential.raw_id))
    if passkey is None:
        return PasskeyRefused()
    account = await account_in_use(tx, passkey.account_id)
    verified = _verified(credential, passkey, door.settings)
    if verified is None or account is None:
        await note_refusal(tx, account, Methods.PASSKEY, visit)
        return PasskeyRefused()
    if not account.active:
        await note_refusal(tx, account, Methods.PASSKEY, visit)
        return account.out_of_use()
    if passkey.suspended_at is not None or looks_copied(passkey.sign_count, verified.new_sign_count):
        if passkey.suspended_at is None:
            await suspend(tx, passkey.passkey_id)
            tx.audit(
                "passkey.suspended",
                subject_type="account",
                subject_id=passkey.account_id,
                reason="the count of its signatures went back: there are two of it",
                before={"passkey_id": str(passkey.passkey_id), "sign_count": passkey.sign_count},
                after={"sign_count": verified.new_sign_count},
            )
        await note_refusal(tx, account, Methods.PASSKEY, visit)
        return PasskeySuspended()
    await mark_used(tx, passkey.passkey_id, verified.new_sign_count, backed_up=verified.credential_backed_up)
    device = await known_device(tx, device_token, account.account_id)
    return await begin_session(tx, account, Methods.PASSKEY, visit, door.settings, door.vault, device=device)


def _verified(credential: UsedCredential, passkey: Passkey, settings: IdentitySettings) -> Any:
    """What the signature says, or None. The count is judged by `looks_copied`, once the signature is known to be good:
    otherwise a stranger could suspend anybody's passkey."""
    handle = credential.response.user_handle
    if handle and base64url_to_bytes(handle) != passkey.account_id.bytes:
        return None
    try:
        return webauthn.verify_authentication_response(
            credential=as_json(credential),
            expected_challenge=base64url_to_bytes(challenge_in(credential.response.client_data_json)),
            expected_rp_id=settings.passkey_domain,
            expected_origin=list(settings.origins_with_passkeys),
            credential_public_key=passkey.public_key,
            credential_current_sign_count=0,
            require_user_verification=True,
        )
    except (WebAuthnException, InvalidCBORData, ValueError, KeyError, TypeError):
        return None
