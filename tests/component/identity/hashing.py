"""What argon2 is asked to do."""

from __future__ import annotations

from typing import Any

import pytest
from pwdlib.hashers.argon2 import Argon2Hasher


class Counted:
    """The real hasher, and what it was asked: time on a busy machine says little, this says all."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.asked: list[str] = []
        """The parameters of each hash that was verified, `$argon2id$v=19$m=65536,t=3,p=4`; `hash` for a new one."""
        verify, make = Argon2Hasher.verify, Argon2Hasher.hash

        def verified(hasher: Argon2Hasher, password: str | bytes, known: str | bytes) -> bool:
            self.asked.append(str(known).rsplit("$", 2)[0])
            return verify(hasher, password, known)

        def made(hasher: Argon2Hasher, *given: Any, **more: Any) -> str:
            self.asked.append("hash")
            return make(hasher, *given, **more)

        monkeypatch.setattr(Argon2Hasher, "verify", verified)
        monkeypatch.setattr(Argon2Hasher, "hash", made)
