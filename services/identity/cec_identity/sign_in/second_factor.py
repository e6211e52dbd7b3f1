"""The second step of a sign-in with a password: a code, or setting one up where the role has to have one."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from uuid import UUID

import msgspec

from cec_chassis.context import CommandContext
from cec_chassis.database import Transaction
from cec_chassis.problems import Refusal
from cec_identity.accounts.domain import Account
from cec_identity.accounts.store import account_in_use
from cec_identity.one_time_codes.check_code import code_holds, enrolled, recovery_code_holds
from cec_identity.one_time_codes.enrol import NewSecret, confirm, enrol
from cec_identity.settings import IdentitySettings
from cec_identity.sign_in.begin_session import begin_session, note_refusal
from cec_identity.sign_in.challenges import (
    LIFETIME,
    ChallengeInvalid,
    Purpose,
    give_challenge,
    held_challenge,
    mistyped,
    take_challenge,
)
from cec_identity.sign_in.domain import Methods
from cec_identity.sign_in.door import Door
from cec_identity.sign_in.history import Outcome
from cec_identity.sign_in.tokens import Tokens
from cec_identity.sign_in.visit import Visit

TRIES = 5
"""Wrong codes in one sign-in; then the password is asked again."""


class SecondFactorRefused(Refusal):
    """Not the code of this moment, used before, or no recovery code of this account."""

    slug = "second-factor-refused"
    status = 401
    title = "一次性密碼或復原碼錯誤或已使用 / The code is wrong or was used before"


class Means(StrEnum):
    """What can be sent as the second factor."""

    ONE_TIME_CODE = "one_time_code"
    RECOVERY_CODE = "recovery_code"
    ENROL = "enrol_one_time_codes"
    """None has been set up, and the role has to have one: `POST /sign-in/second-factor/enrolment` first."""


class SecondFactorNeeded(msgspec.Struct, kw_only=True):
    """The password was right, and is not enough."""

    challenge: str
    expires_at: datetime
    means: list[Means]

    def __repr__(self) -> str:
        """Without the challenge."""
        return f"SecondFactorNeeded(means={self.means})"


async def second_factor_of(
    tx: Transaction, account: Account, device: bytes | None, settings: IdentitySettings
) -> SecondFactorNeeded | None:
    """What is still asked for after the password; None when nothing is."""
    if await enrolled(tx, account.account_id):
        means = [Means.ONE_TIME_CODE, Means.RECOVERY_CODE]
    elif account.role.value in settings.roles_with_second_factor:
        means = [Means.ENROL]
    else:
        return None
    challenge = await give_challenge(tx, Purpose.SECOND_FACTOR, account.account_id, device)
    return SecondFactorNeeded(challenge=challenge, expires_at=tx.now + LIFETIME, means=means)


async def enrol_at_sign_in(tx: Transaction, door: Door, challenge: str) -> NewSecret:
    """A secret for somebody who has to have one-time codes before they can be let in. The first code lets them in.

    Raises:
        ChallengeInvalid: expired, used, or the account has been disabled.
        AlreadyEnrolled: there is one; its codes are asked for.
    """
    held = await held_challenge(tx, challenge, Purpose.SECOND_FACTOR)
    account = await _account(tx, held.account_id)
    return await enrol(tx, account, door.vault.one_time_codes, door.settings.authenticator_name)


async def sign_in_with_code(
    door: Door, context: CommandContext, visit: Visit, challenge: str, code: str
) -> tuple[Tokens, list[str]]:
    """A session, and recovery codes when the code has confirmed a new secret.

    Raises:
        ChallengeInvalid: expired, used up, or the account has been disabled.
        SecondFactorRefused: the code is wrong or was used before.
        TooManyAttempts: too many wrong codes for this account.
    """
    # Charged first and committed, as with passwords: codes sent at once are counted each.
    async with door.database.transaction() as tx:
        account_id = (await held_challenge(tx, challenge, Purpose.SECOND_FACTOR)).account_id
        if account_id is None:
            raise ChallengeInvalid
        charged = door.lockout.of_second_factor(account_id)
        await door.lockout.charge(tx, charged)
    async with door.database.transaction(context) as tx:
        held = await held_challenge(tx, challenge, Purpose.SECOND_FACTOR)
        account = await _account(tx, held.account_id)
        issued = await _recovery_codes_if_good(tx, door, account, code)
        if issued is None:
            await mistyped(tx, challenge, TRIES)
            await note_refusal(tx, account, Methods.PASSWORD_AND_CODE, visit, Outcome.SECOND_FACTOR_REFUSED)
        else:
            await take_challenge(tx, challenge, Purpose.SECOND_FACTOR)
            await door.lockout.settle(tx, charged)
            tokens = await begin_session(
                tx, account, Methods.PASSWORD_AND_CODE, visit, door.settings, door.vault, device=held.device
            )
    if issued is None:
        raise SecondFactorRefused
    return tokens, issued


async def _recovery_codes_if_good(tx: Transaction, door: Door, account: Account, code: str) -> list[str] | None:
    """None when the code is not good; recovery codes when it was the first one of a new secret."""
    sealer = door.vault.one_time_codes
    if not await enrolled(tx, account.account_id):
        try:
            return (await confirm(tx, account, code, sealer)).recovery_codes
        except Refusal:
            return None
    if await code_holds(tx, account.account_id, code, sealer):
        return []
    return [] if await recovery_code_holds(tx, account.account_id, code) else None


async def _account(tx: Transaction, account_id: UUID | None) -> Account:
    account = await account_in_use(tx, account_id) if account_id is not None else None
    if account is None or not account.active:
        raise ChallengeInvalid
    return account
