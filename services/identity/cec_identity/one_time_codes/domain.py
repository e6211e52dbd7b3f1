"""Codes of six digits that change every thirty seconds, and recovery codes. Pure.

A code counts for its own time step and one before and after, because clocks of telephones drift; and once, because
whoever looks over a shoulder has half a minute.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets
from datetime import datetime

import pyotp

from cec_chassis.problems import Refusal

STEP_SECONDS = 30
DRIFT_STEPS = 1
RECOVERY_CODES = 10
_RECOVERY_BYTES = 10


class AlreadyEnrolled(Refusal):
    """The account has one-time codes; they have to be removed before others can be set up."""

    slug = "one-time-codes-in-use"
    status = 409
    title = "已啟用一次性密碼,請先移除 / One-time codes are in use already; remove them first"


class NotEnrolled(Refusal):
    """There is nothing to confirm, renew or remove."""

    slug = "no-one-time-codes"
    status = 409
    title = "尚未設定一次性密碼 / No one-time codes have been set up"


class CodeRefused(Refusal):
    """Not the code of this moment, or used before."""

    slug = "one-time-code-refused"
    status = 422
    title = "一次性密碼錯誤或已使用,請輸入新的一組 / The code is wrong or was used before; enter the next one"


def new_secret() -> str:
    """160 random bits in base32, as RFC 4226 recommends."""
    return pyotp.random_base32(32)


def otpauth_uri(secret: str, account_name: str, issuer: str) -> str:
    """What the QR code says to an authenticator app."""
    return pyotp.TOTP(secret, interval=STEP_SECONDS).provisioning_uri(name=account_name, issuer_name=issuer)


def step_of_code(secret: str, code: str, now: datetime) -> int | None:
    """The time step that a code belongs to, if it is one of those that count at `now`."""
    if len(code) != 6 or not (code.isascii() and code.isdigit()):
        return None
    generator = pyotp.TOTP(secret, interval=STEP_SECONDS)
    here = int(now.timestamp()) // STEP_SECONDS
    # Every candidate is compared, so that the time taken does not tell which one it was.
    matching = [
        step
        for step in range(here - DRIFT_STEPS, here + DRIFT_STEPS + 1)
        if hmac.compare_digest(generator.generate_otp(step), code)
    ]
    return matching[-1] if matching else None


def new_recovery_codes() -> list[str]:
    """80 random bits each, written in groups of four for people who copy them by hand."""
    texts = [base64.b32encode(secrets.token_bytes(_RECOVERY_BYTES)).decode().lower() for _ in range(RECOVERY_CODES)]
    return ["-".join(text[at : at + 4] for at in range(0, len(text), 4)) for text in texts]


def recovery_digest(code: str) -> bytes:
    """SHA-256 of the letters and digits, capitals or not: enough for a random value of this length."""
    return hashlib.sha256("".join(filter(str.isalnum, code.lower())).encode()).digest()
