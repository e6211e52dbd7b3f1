"""Passwords: which are accepted, and argon2id.

NIST SP 800-63B rather than the old forms' rule: at least 8 characters and up to 128, any characters, no rule of
character classes (it makes people choose `Passw0rd!`), but none that is tried first by everybody who guesses.
docs/decisions/0041-long-passwords-of-any-kind.md says why.
"""

from __future__ import annotations

import asyncio
import os
import secrets
import unicodedata
from pathlib import Path

from pwdlib import PasswordHash
from pwdlib.exceptions import PwdlibError
from pwdlib.hashers.argon2 import Argon2Hasher

from cec_chassis.problems import FieldError, ValidationFailed
from cec_identity.accounts.breached_passwords import BreachedPasswords

SHORTEST, LONGEST = 8, 128
COST = (3, 65_536, 4)
"""Passes, KiB and lanes of one hash: the second recommendation of RFC 9106, section 4."""

WORST = frozenset(Path(__file__).with_name("worst_passwords.txt").read_text(encoding="utf-8").split())
"""In lower case. A longer list is a longer file."""


def normal_form(password: str) -> str:
    """What is hashed and compared: an input method in full-width mode must not lock anybody out."""
    return unicodedata.normalize("NFKC", password)


def check_password(password: str, account_name: str, path: str = "body.password") -> None:
    """Whether the password may be chosen for this account, as far as it can be told without the list of breaches:
    `Passwords.check` asks that as well.

    Raises:
        ValidationFailed: too short, too long, among the worst, or the account's own name.
    """
    text = normal_form(password)
    if not SHORTEST <= len(text) <= LONGEST:
        raise _fault(
            path,
            "password-length",
            f"密碼須為 {SHORTEST} 至 {LONGEST} 字 / A password has {SHORTEST} to {LONGEST} characters",
        )
    if text.lower() in WORST or len(set(text)) < 3:
        raise _fault(
            path,
            "password-too-common",
            "此密碼太常見,易遭猜中,請改用他人猜不到的密碼,例如數個不相關的詞 / The password is among those tried first; choose "
            "another, for example some words that have nothing to do with each other",
        )
    if account_name.lower() in text.lower():
        raise _fault(
            path, "password-contains-name", "密碼不得包含帳號 / The password must not contain the account name"
        )


def _fault(path: str, slug: str, message: str) -> ValidationFailed:
    return ValidationFailed(errors=[FieldError(path, slug, message)])


class Passwords:
    """Hashes and verifies in threads, no more of them at once than there are processors: 64 MiB each."""

    def __init__(self, breached: BreachedPasswords | None = None) -> None:
        self._breached = breached
        self._argon2 = PasswordHash((Argon2Hasher(*COST),))
        self._room = asyncio.Semaphore(os.cpu_count() or 1)
        # Made at the start: the first name that nobody has must not take longer than the next one.
        self._hash_of_nobody = self._argon2.hash(secrets.token_urlsafe(32))

    async def check(self, password: str, account_name: str, path: str = "body.password") -> None:
        """Whether the password may be chosen for this account.

        Raises:
            ValidationFailed: as `check_password`, or it is known from a breach (`password-breached`).
        """
        check_password(password, account_name, path)
        forms = {password, normal_form(password)}
        if self._breached is not None and await asyncio.to_thread(lambda: any(map(self._known_from_a_breach, forms))):
            raise _fault(
                path,
                "password-breached",
                "此密碼已在外洩名單中,請換一組 / The password is known from a data breach; choose another one",
            )

    def _known_from_a_breach(self, password: str) -> bool:
        return self._breached is not None and self._breached.contains(password)

    async def hash(self, password: str) -> str:
        """The argon2id hash, with its parameters and salt."""
        async with self._room:
            return await asyncio.to_thread(self._argon2.hash, normal_form(password))

    async def verify(self, password: str, known_hash: str | None) -> tuple[bool, str | None]:
        """Whether the password is the one of the hash; and a new hash, when the parameters have been raised since.

        Without a hash (nobody of that name) a random one is tried, so that the answer takes as long and is no.
        """
        async with self._room:
            return await asyncio.to_thread(self._verify, password, known_hash or self._hash_of_nobody)

    def _verify(self, password: str, known_hash: str) -> tuple[bool, str | None]:
        if len(password) > 4 * LONGEST:  # nobody has such a password, and nobody shall make us normalise a megabyte
            password = ""
        try:
            return self._argon2.verify_and_update(normal_form(password), known_hash)
        except PwdlibError:
            return False, None


def nobodys_password() -> str:
    """Random and told to nobody: to sign in takes as long and says no, until the owner has set one by a link."""
    return secrets.token_urlsafe(32)
