"""Set up one-time codes: a secret for the authenticator app, which counts once a code of it has come back."""

from __future__ import annotations

import io

import msgspec
import segno

from cec_chassis.database import Transaction
from cec_identity.accounts.domain import Account
from cec_identity.one_time_codes.check_code import code_holds
from cec_identity.one_time_codes.domain import (
    AlreadyEnrolled,
    CodeRefused,
    NotEnrolled,
    new_recovery_codes,
    new_secret,
    otpauth_uri,
    recovery_digest,
)
from cec_identity.one_time_codes.store import enrolment_of, mark_confirmed, replace_recovery_codes, save_enrolment
from cec_identity.sealing import Sealer


class NewSecret(msgspec.Struct, kw_only=True):
    """What the authenticator app needs: to scan, or to type. Shown once."""

    secret: str
    otpauth_uri: str
    qr_svg: str

    def __repr__(self) -> str:
        """Nothing of it."""
        return "NewSecret()"


class RecoveryCodes(msgspec.Struct, kw_only=True):
    """Each signs in once when the app is lost. Shown once."""

    recovery_codes: list[str]

    def __repr__(self) -> str:
        """Nothing of it."""
        return "RecoveryCodes()"


async def enrol(tx: Transaction, account: Account, sealer: Sealer, issuer: str) -> NewSecret:
    """A new secret; one that was never confirmed is forgotten.

    Raises:
        AlreadyEnrolled: codes of another secret are in use.
    """
    secret = new_secret()
    sealed = sealer.seal(secret.encode(), belongs_to=str(account.account_id))
    if not await save_enrolment(tx, account.account_id, sealed):
        raise AlreadyEnrolled
    uri = otpauth_uri(secret, account.name, issuer)
    return NewSecret(secret=secret, otpauth_uri=uri, qr_svg=_svg(uri))


async def confirm(tx: Transaction, account: Account, code: str, sealer: Sealer) -> RecoveryCodes:
    """From now on a code is asked for at sign-in.

    Raises:
        NotEnrolled: there is no secret to confirm.
        AlreadyEnrolled: it is confirmed.
        CodeRefused: the app shows other codes, or its clock is wrong.
    """
    enrolment = await enrolment_of(tx, account.account_id)
    if enrolment is None:
        raise NotEnrolled
    if enrolment.confirmed_at is not None:
        raise AlreadyEnrolled
    if not await code_holds(tx, account.account_id, code, sealer):
        raise CodeRefused
    await mark_confirmed(tx, account.account_id)
    tx.audit("one_time_codes.enrolled", subject_type="account", subject_id=account.account_id)
    return await issue_recovery_codes(tx, account)


async def issue_recovery_codes(tx: Transaction, account: Account) -> RecoveryCodes:
    """New codes; the ones before are worth nothing."""
    codes = new_recovery_codes()
    await replace_recovery_codes(tx, account.account_id, map(recovery_digest, codes))
    tx.audit("recovery_codes.issued", subject_type="account", subject_id=account.account_id)
    return RecoveryCodes(recovery_codes=codes)


def _svg(text: str) -> str:
    out = io.BytesIO()
    segno.make(text, error="m").save(out, kind="svg", scale=4, xmldecl=False, svgclass=None, lineclass=None)
    return out.getvalue().decode()
