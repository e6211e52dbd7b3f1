"""Change one's own password: the old one is asked for, other sessions end, and the owner is told by mail."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from cec_chassis.context import Actor, CommandContext
from cec_chassis.database import Database, Transaction
from cec_chassis.problems import FieldError, Forbidden, Refusal, ValidationFailed
from cec_identity.accounts.passwords import Passwords, normal_form
from cec_identity.accounts.store import account_in_use, save_password_hash
from cec_identity.accounts.tell_password_changed import tell_password_changed
from cec_identity.lockout.devices import forget_devices_of
from cec_identity.proof_of_work.limits import Limit, Limiter
from cec_identity.recovery.store import end_links_of
from cec_identity.sign_in.challenges import drop_challenges_of

TRIES = Limit("password-change", 10, timedelta(minutes=15))
"""Of an account; somebody at a session that was left open must not be able to guess on."""


class CurrentPasswordWrong(Refusal):
    """The old password is another one."""

    slug = "current-password-wrong"
    status = 403
    title = "目前密碼錯誤 / The current password is wrong"


async def change_password(
    database: Database,
    context: CommandContext,
    passwords: Passwords,
    limiter: Limiter,
    actor: Actor,
    current: str,
    new: str,
) -> None:
    """The caller's session goes on, all others end.

    Raises:
        TooManyRequests: too many wrong ones.
        CurrentPasswordWrong; AccountSuspended, AccountDisabled: meanwhile.
        ValidationFailed: the new password is not acceptable, or is the old one.
    """
    await passwords.check(new, actor.name, "body.new_password")
    if normal_form(new) == normal_form(current):
        message = "新密碼不得與目前密碼相同 / The new password is the current one"
        raise ValidationFailed(errors=[FieldError("body.new_password", "password-unchanged", message)])
    await limiter.require(database, (TRIES, str(actor.account_id)))
    async with database.reading() as tx:
        known = await _hash_of(tx, actor.account_id)
    correct, _ = await passwords.verify(current, known)
    if not correct or known is None:
        raise CurrentPasswordWrong
    new_hash = await passwords.hash(new)
    async with database.transaction(context) as tx:
        account = await account_in_use(tx, actor.account_id)
        if account is None:
            raise Forbidden
        if not account.active:
            raise account.out_of_use()
        if await _hash_of(tx, actor.account_id) != known:  # changed by somebody else while we were reckoning
            raise CurrentPasswordWrong
        await save_password_hash(tx, account.account_id, new_hash)
        ended = await _end_other_sessions(tx, account.account_id, actor.session_id)
        await drop_challenges_of(tx, account.account_id)
        await forget_devices_of(tx, account.account_id)
        await end_links_of(tx, account.account_id)
        await limiter.forget(tx, TRIES, str(account.account_id))
        tx.audit(
            "password.changed", subject_type="account", subject_id=account.account_id, after={"sessions_ended": ended}
        )
        await tell_password_changed(tx, account)


async def _hash_of(tx: Transaction, account_id: UUID) -> str | None:
    found: str | None = await tx.scalar("SELECT password_hash FROM accounts WHERE id = :id", id=account_id)
    return found


async def _end_other_sessions(tx: Transaction, account_id: UUID, kept: UUID | None) -> int:
    result = await tx.execute(
        """
        UPDATE sessions SET ended_at = :now, end_reason = 'password-changed'
        WHERE account_id = :account_id AND ended_at IS NULL AND id IS DISTINCT FROM CAST(:kept AS uuid)
        """,
        account_id=account_id,
        kept=kept,
        now=tx.now,
    )
    return int(result.rowcount)
