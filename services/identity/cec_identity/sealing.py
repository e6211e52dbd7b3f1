"""Secrets at rest: AES-256-GCM under keys derived from one secret, a key of its own for each purpose.

A sealed value is bound to the row it belongs to, so a value copied into another row does not open there.
"""

from __future__ import annotations

import os

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

FORMAT = b"\x01"
"""First byte of every sealed value: which key and cipher made it. A change of either gets the next number."""
_NONCE_BYTES = 12


class CannotUnseal(RuntimeError):
    """The secret is another one than that which sealed the value, or the value was changed or moved."""


def derived_key(secret: str, purpose: str) -> bytes:
    """A key of 32 bytes for one purpose; `secret` is CEC_SECRET_KEY."""
    derived = HKDF(algorithm=SHA256(), length=32, salt=None, info=f"cec-identity/{purpose}".encode())
    return derived.derive(secret.encode())


class Sealer:
    """Seals and opens values of one purpose."""

    def __init__(self, secret: str, purpose: str) -> None:
        """`secret` is CEC_SECRET_KEY; `purpose` must never change once values are sealed under it."""
        self._cipher = AESGCM(derived_key(secret, purpose))

    def seal(self, plain: bytes, *, belongs_to: str) -> bytes:
        """The sealed value: format, nonce, ciphertext and tag. Sealing twice gives two different values."""
        nonce = os.urandom(_NONCE_BYTES)
        return FORMAT + nonce + self._cipher.encrypt(nonce, plain, belongs_to.encode())

    def open(self, sealed: bytes, *, belongs_to: str) -> bytes:
        """What was sealed.

        Raises:
            CannotUnseal: wrong secret, wrong row, unknown format or a changed value.
        """
        nonce, ciphertext = sealed[1 : 1 + _NONCE_BYTES], sealed[1 + _NONCE_BYTES :]
        if sealed[:1] != FORMAT or len(nonce) != _NONCE_BYTES:
            raise CannotUnseal("unknown format of a sealed value")
        try:
            return self._cipher.decrypt(nonce, ciphertext, belongs_to.encode())
        except InvalidTag:
            raise CannotUnseal("a sealed value does not open with CEC_SECRET_KEY") from None
