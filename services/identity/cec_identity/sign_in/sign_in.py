"""Sign in with name and password."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import NamedTuple

from cec_chassis.context import CommandContext
from cec_chassis.database import Transaction
from cec_chassis.problems import Refusal
from cec_identity.accounts.domain import Account
from cec_identity.accounts.store import account_in_use, credentials_of, save_password_hash
from cec_identity.lockout.devices import device_of
from cec_identity.lockout.store import Subjects
from cec_identity.proof_of_work.proof import ProofRequired, Purpose
from cec_identity.sign_in.begin_session import begin_session, note_refusal
from cec_identity.sign_in.domain import Methods, SignInFailed
from cec_identity.sign_in.door import Door
from cec_identity.sign_in.second_factor import SecondFactorNeeded, second_factor_of
from cec_identity.sign_in.tokens import Tokens
from cec_identity.sign_in.visit import Visit


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempt:
    """What somebody sends to be let in. `proof` is a proof of work, `device_token` what an earlier sign-in gave them."""

    name: str = field(repr=False)
    password: str = field(repr=False)
    device_token: str | None = field(default=None, repr=False)
    proof: str | None = field(default=None, repr=False)


class _Known(NamedTuple):
    """Who the name belongs to, if anybody, and whether the device is one of theirs."""

    account: Account | None
    password_hash: str | None
    device: bytes | None


class _Checked(NamedTuple):
    correct: bool
    new_hash: str | None


async def sign_in(door: Door, context: CommandContext, visit: Visit, attempt: Attempt) -> Tokens | SecondFactorNeeded:
    """Begins a session, or says what is still needed. Whether there is an account of the name tells neither the answer
    nor the time it takes: each step is done for nobody's account as well.

    Raises:
        SignInBusy: more attempts at once than passwords can be checked.
        TooManyAttempts: the name or the address has to wait.
        ProofRequired: there were failures, and the attempt brings no proof of work; ProofSpent.
        SignInFailed: name or password is wrong.
        AccountSuspended, AccountDisabled: the password is right. Nobody else learns it, and not by the time it takes either.
    """
    brings_token = attempt.device_token is not None
    if not brings_token and door.lockout.everybody_owes_a_proof(door.database.clock.now()):
        await door.proof_of_work.require_solved(attempt.proof)
    async with door.admission.first_look(brings_token=brings_token), door.database.reading() as tx:
        known = await _look_up(tx, door, visit, attempt)
    is_known = known.device is not None
    with door.admission.place(known_device=is_known):
        charged = door.lockout.of_password(attempt.name, visit, known.device)
        async with door.admission.connection(known_device=is_known):
            await _charge(door, charged, attempt.proof)
        # No connection is held while argon2 works.
        async with door.admission.turn(known_device=is_known):
            checked = _Checked(*await door.passwords.verify(attempt.password, known.password_hash))
        async with door.admission.connection(known_device=is_known), door.database.transaction(context) as tx:
            answer = await _let_in(tx, door, visit, known, checked, charged)
    # Only now, when what was written down about it is committed.
    if answer is None:
        raise SignInFailed
    if isinstance(answer, Refusal):
        raise answer
    return answer


async def _look_up(tx: Transaction, door: Door, visit: Visit, attempt: Attempt) -> _Known:
    """Refuses early whoever comes with a strange device and would be refused anyway: floods end here. The same is asked
    of the database whether or not anybody has the name."""
    device = await device_of(tx, attempt.device_token)
    subjects = door.lockout.of_password(attempt.name, visit, None)
    if device is None:
        await door.lockout.require_open(tx, subjects, proven=attempt.proof is not None)
    credentials = await credentials_of(tx, attempt.name)
    account = credentials.account if credentials is not None else None
    if device is not None and (account is None or device.account_id != account.account_id):
        await door.lockout.require_open(tx, subjects, proven=attempt.proof is not None)
        device = None
    return _Known(account, credentials.password_hash if credentials else None, device.digest if device else None)


async def _charge(door: Door, charged: Subjects, proof: str | None) -> None:
    """Counts the attempt as failed before it is looked at, with a proof of work if one is due."""
    try:
        async with door.database.transaction() as tx:
            await door.lockout.charge(tx, charged, proven=False)
    except ProofRequired:
        await door.proof_of_work.require(door.database, proof, Purpose.SIGN_IN)
        async with door.database.transaction() as tx:
            await door.lockout.charge(tx, charged, proven=True)


async def _let_in(
    tx: Transaction, door: Door, visit: Visit, known: _Known, checked: _Checked, charged: Subjects
) -> Tokens | SecondFactorNeeded | Refusal | None:
    """None when name or password is wrong; a refusal when they are right and the account is out of use. Either is written
    down."""
    account = await account_in_use(tx, known.account.account_id) if known.account and checked.correct else None
    if account is None:
        await note_refusal(tx, known.account, Methods.PASSWORD, visit)
        return None
    await door.lockout.settle(tx, charged)
    if not account.active:
        await note_refusal(tx, account, Methods.PASSWORD, visit)
        return account.out_of_use()
    if checked.new_hash is not None:
        await save_password_hash(tx, account.account_id, checked.new_hash)
    needed = await second_factor_of(tx, account, known.device, door.settings)
    if needed is not None:
        return needed
    return await begin_session(tx, account, Methods.PASSWORD, visit, door.settings, door.vault, device=known.device)
