"""The public keys of a client that signs instead of sending a secret (RFC 7523). Pure."""

from __future__ import annotations

from typing import Any

from joserfc.errors import JoseError
from joserfc.jwk import Key, KeySet, RSAKey

MOST_KEYS = 5
ALGORITHMS = ("EdDSA", "ES256", "PS256", "RS256")
"""What such a client may sign with; nothing symmetric."""
_PRIVATE = frozenset({"d", "p", "q", "dp", "dq", "qi", "oth", "k"})
_SHORTEST_RSA_BITS = 2048


def is_public_key_set(keys: dict[str, Any]) -> bool:
    """Whether it is a JWK set of one to five public keys: Ed25519, P-256, or RSA of at least 2,048 bits."""
    listed = keys.get("keys")
    if set(keys) != {"keys"} or not isinstance(listed, list) or not 1 <= len(listed) <= MOST_KEYS:
        return False
    if not all(isinstance(key, dict) and not _PRIVATE & set(key) and _is_strong(key) for key in listed):
        return False
    try:
        return all(_long_enough(key) for key in KeySet.import_key_set({"keys": listed}).keys)
    except (JoseError, KeyError, TypeError, ValueError):
        return False


def _is_strong(key: dict[str, Any]) -> bool:
    return (key.get("kty"), key.get("crv")) in {("OKP", "Ed25519"), ("EC", "P-256"), ("RSA", None)}


def _long_enough(key: Key) -> bool:
    return not isinstance(key, RSAKey) or key.public_key.key_size >= _SHORTEST_RSA_BITS
