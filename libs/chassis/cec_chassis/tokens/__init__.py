"""Access tokens: what they say, how they are signed and verified, and this service's copy of the signing keys."""

from cec_chassis.tokens.claims import (
    ACCESS_TOKEN_LIFETIME,
    ALGORITHM,
    AccessTokenClaims,
    sign_access_token,
)
from cec_chassis.tokens.key_ring import KeyRing
from cec_chassis.tokens.signing_keys import (
    LoadKeys,
    SigningKey,
    keep_signing_keys,
    signing_keys_in,
    store_signing_keys,
)
from cec_chassis.tokens.verifier import TokenVerifier

__all__ = [
    "ACCESS_TOKEN_LIFETIME",
    "ALGORITHM",
    "AccessTokenClaims",
    "KeyRing",
    "LoadKeys",
    "SigningKey",
    "TokenVerifier",
    "keep_signing_keys",
    "sign_access_token",
    "signing_keys_in",
    "store_signing_keys",
]
