"""Secrets at rest: AES-256-GCM under keys derived from one secret, a key of its own for each purpose.

A sealed value is bound to the row it belongs to, so a value copied into another row does not open there.
"""

from __future__ import annotations

import os

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

FORMAT = b"\x02"
"""First byte of every sealed value: AES-256-GCM, and four bytes that tell the key follow."""
_WITHOUT_KEY_ID = b"\x01"
"""The same as it was before keys were told apart."""
_NONCE_BYTES = 12
_KEY_ID_BYTES = 4


class CannotUnseal(RuntimeError):
    """The secret is another one than that which sealed the value, or the value was changed or moved."""


def derived_key(secret: str, purpose: str) -> bytes:
    """A key of 32 bytes for one purpose; `secret` is CEC_SECRET_KEY."""
    derived = HKDF(algorithm=SHA256(), length=32, salt=None, info=f"cec-identity/{purpose}".encode())
    return derived.derive(secret.encode())


class Sealer:
    """Seals values of one purpose under the present secret, and opens those of the present and the former one."""

    def __init__(self, secret: str, purpose: str, former: str = "") -> None:
        """`secret` is CEC_SECRET_KEY, `former` the one before it while values are sealed anew; `purpose` must never change
        once values are sealed under it."""
        secrets = [secret, former] if former else [secret]
        self._ciphers = {_key_id(each, purpose): AESGCM(derived_key(each, purpose)) for each in secrets}
        self.mark = FORMAT + _key_id(secret, purpose)
        """How every value begins that is sealed under the present secret."""
        self._cipher = self._ciphers[self.mark[1:]]

    def seal(self, plain: bytes, *, belongs_to: str) -> bytes:
        """The sealed value: mark, nonce, ciphertext and tag. Sealing twice gives two different values."""
        nonce = os.urandom(_NONCE_BYTES)
        return self.mark + nonce + self._cipher.encrypt(nonce, plain, belongs_to.encode())

    def open(self, sealed: bytes, *, belongs_to: str) -> bytes:
        """What was sealed.

        Raises:
            CannotUnseal: wrong secret, wrong row, unknown format or a changed value.
        """
        ciphers, rest = self._may_open(sealed)
        nonce, ciphertext = rest[:_NONCE_BYTES], rest[_NONCE_BYTES:]
        if len(nonce) != _NONCE_BYTES:
            raise CannotUnseal("unknown format of a sealed value")
        for cipher in ciphers:
            try:
                return cipher.decrypt(nonce, ciphertext, belongs_to.encode())
            except InvalidTag:
                continue
        raise CannotUnseal("a sealed value does not open with CEC_SECRET_KEY, nor with CEC_FORMER_SECRET_KEY")

    def _may_open(self, sealed: bytes) -> tuple[list[AESGCM], bytes]:
        if sealed[:1] == _WITHOUT_KEY_ID:
            return list(self._ciphers.values()), sealed[1:]
        if sealed[:1] == FORMAT:
            found = self._ciphers.get(sealed[1 : 1 + _KEY_ID_BYTES])
            return [] if found is None else [found], sealed[1 + _KEY_ID_BYTES :]
        raise CannotUnseal("unknown format of a sealed value")


def _key_id(secret: str, purpose: str) -> bytes:
    """Tells keys apart and says nothing about them."""
    return derived_key(secret, f"{purpose}/key-id")[:_KEY_ID_BYTES]
