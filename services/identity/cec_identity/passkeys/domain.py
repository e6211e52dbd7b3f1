"""What a browser sends about a passkey, and what is refused."""

from __future__ import annotations

from typing import Annotated, Any

import msgspec
from msgspec import Meta
from webauthn.helpers import base64url_to_bytes, options_to_json
from webauthn.helpers.structs import PublicKeyCredentialCreationOptions, PublicKeyCredentialRequestOptions

from cec_chassis.problems import FieldError, Refusal
from cec_identity.sign_in.challenges import ChallengeInvalid

MOST = 20
"""Passkeys of one account."""
LONGEST_LABEL = 60

Base64Url = Annotated[str, Meta(pattern="^[A-Za-z0-9_-]*=*$", max_length=20_000)]


class PasskeyRefused(Refusal):
    """Not a passkey of anybody here, not for this portal, not unlocked by its owner, or its signature is wrong; which of
    them is not said."""

    slug = "passkey-refused"
    status = 401
    title = "通行金鑰無法驗證,請改用其他登入方式 / The passkey could not be verified; sign in another way"


class PasskeySuspended(Refusal):
    """There seem to be two of it: it is not accepted any more. Its owner removes it and registers a new one."""

    slug = "passkey-suspended"
    status = 401
    title = (
        "通行金鑰疑遭複製,已停用,請以其他方式登入並移除 / The passkey seems copied; sign in another way and remove it"
    )


class PasskeyNotAccepted(Refusal):
    """What the browser sent is no new passkey for this portal; `errors` says why, and what to do next."""

    slug = "passkey-not-accepted"
    status = 422
    title = "無法登記此通行金鑰 / This passkey cannot be registered"

    @classmethod
    def because(cls, part: str, slug: str, message: str) -> PasskeyNotAccepted:
        """`part` of the browser's response is at fault."""
        return cls(message, errors=[FieldError(f"body.credential.response.{part}", slug, message)])


class PasskeyRegistered(Refusal):
    """The credential is registered already."""

    slug = "passkey-registered"
    status = 409
    title = "此通行金鑰已登記 / This passkey is registered already"


class TooManyPasskeys(Refusal):
    """An account has no more than MOST."""

    slug = "too-many-passkeys"
    status = 409
    title = f"通行金鑰至多 {MOST} 組 / An account has at most {MOST} passkeys"


class AttestationResponse(msgspec.Struct, kw_only=True, rename={"client_data_json": "clientDataJSON"}):
    """Of `navigator.credentials.create()`; what browsers add to it is not looked at."""

    client_data_json: Base64Url
    attestation_object: Base64Url = msgspec.field(name="attestationObject")
    transports: list[Annotated[str, Meta(max_length=20)]] = []


class NewCredential(msgspec.Struct, kw_only=True):
    """`PublicKeyCredential.toJSON()` after `navigator.credentials.create()`."""

    id: Base64Url
    raw_id: Base64Url = msgspec.field(name="rawId")
    type: str
    response: AttestationResponse


class AssertionResponse(msgspec.Struct, kw_only=True, rename={"client_data_json": "clientDataJSON"}):
    """Of `navigator.credentials.get()`."""

    client_data_json: Base64Url
    authenticator_data: Base64Url = msgspec.field(name="authenticatorData")
    signature: Base64Url
    user_handle: Base64Url | None = msgspec.field(name="userHandle", default=None)


class UsedCredential(msgspec.Struct, kw_only=True):
    """`PublicKeyCredential.toJSON()` after `navigator.credentials.get()`."""

    id: Base64Url
    raw_id: Base64Url = msgspec.field(name="rawId")
    type: str
    response: AssertionResponse


class _ClientData(msgspec.Struct):
    challenge: Annotated[str, Meta(max_length=100)]
    origin: str = ""


def as_json(credential: NewCredential | UsedCredential) -> dict[str, Any]:
    """As the library reads it."""
    found: dict[str, Any] = msgspec.to_builtins(credential)
    return found


def options_as_json(options: PublicKeyCredentialCreationOptions | PublicKeyCredentialRequestOptions) -> dict[str, Any]:
    """As the browser reads it."""
    found: dict[str, Any] = msgspec.json.decode(options_to_json(options))
    return found


def challenge_in(client_data_json: str) -> str:
    """The challenge that the browser says it answers. Whether it was signed is told by the verification.

    Raises:
        ChallengeInvalid: there is none.
    """
    return _client_data(client_data_json).challenge


def origin_in(client_data_json: str) -> str:
    """Of which page the browser says it was asked. Raises ChallengeInvalid."""
    return _client_data(client_data_json).origin


def _client_data(client_data_json: str) -> _ClientData:
    try:
        return msgspec.json.decode(base64url_to_bytes(client_data_json), type=_ClientData)
    except (ValueError, msgspec.DecodeError):
        raise ChallengeInvalid from None


def looks_copied(known: int, told: int) -> bool:
    """Whether a count of signatures shows that there are two of the key: it did not grow. Keys that do not count (those
    copied by design, to other devices of their owner) always say 0."""
    return (known > 0 or told > 0) and told <= known
