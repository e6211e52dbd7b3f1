"""Set a new password with a link: every session ends, every other link is worth nothing, and the owner is told."""

from __future__ import annotations

from cec_chassis.context import CommandContext
from cec_chassis.database import Database, Transaction
from cec_identity.accounts.passwords import Passwords
from cec_identity.accounts.profile_store import verify_email
from cec_identity.accounts.store import account_in_use, save_password_hash
from cec_identity.accounts.tell_password_changed import tell_password_changed
from cec_identity.activation.domain import LinkInvalid
from cec_identity.lockout.guard import Lockout
from cec_identity.mail.links import digest_of
from cec_identity.recovery.store import GoodLink, end_links_of, good_link
from cec_identity.sessions.end_sessions import end_all


async def look_at_link(tx: Transaction, token: str, *, held: bool = False) -> GoodLink:
    """Whose link it is; nothing is used up.

    Raises:
        LinkInvalid: unknown, used, expired, its account disabled, or its address not the account's any more.
    """
    link = await good_link(tx, digest_of(token), held=held)
    if link is None:
        raise LinkInvalid
    return link


async def set_password(
    database: Database, context: CommandContext, passwords: Passwords, lockout: Lockout, token: str, password: str
) -> None:
    """The password is hashed before the transaction, and only for a link that is good.

    Second factors stay what they were: a mailbox alone does not replace them.

    Raises:
        LinkInvalid: as `look_at_link`.
        ValidationFailed: the password is not acceptable; the link stays good.
    """
    async with database.reading() as tx:
        link = await look_at_link(tx, token)
    await passwords.check(password, link.name)
    password_hash = await passwords.hash(password)
    async with database.transaction(context) as tx:
        account = await account_in_use(tx, link.account_id)
        if account is None:
            raise LinkInvalid
        await look_at_link(tx, token, held=True)
        await save_password_hash(tx, account.account_id, password_hash)
        await end_links_of(tx, account.account_id)
        await end_all(tx, account.account_id, "password set by link")
        await lockout.forgive_account(tx, account.account_id, account.name)
        await verify_email(tx, account.account_id, link.email, tx.now)
        tx.audit("password.recovered", subject_type="account", subject_id=account.account_id)
        await tell_password_changed(tx, account)
