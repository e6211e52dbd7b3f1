"""Sign in with name and password."""

from __future__ import annotations

from typing import NamedTuple

from cec_chassis.database import Database, Transaction
from cec_chassis.ids import new_id
from cec_identity.accounts.domain import Account
from cec_identity.accounts.passwords import Passwords
from cec_identity.accounts.store import account_in_use, credentials_of, save_password_hash
from cec_identity.settings import IdentitySettings
from cec_identity.sign_in.domain import Session
from cec_identity.sign_in.store import insert_session
from cec_identity.sign_in.tokens import Tokens, issue_tokens
from cec_identity.vault import Vault


class Checked(NamedTuple):
    """What checking a password brought. `account` is whom the name belongs to, if anybody."""

    account: Account | None
    correct: bool
    new_hash: str | None


async def check_credentials(database: Database, passwords: Passwords, name: str, password: str) -> Checked:
    """Whether name and password go together. No connection is held while argon2 works."""
    async with database.reading() as tx:
        known = await credentials_of(tx, name)
    correct, new_hash = await passwords.verify(password, known.password_hash if known else None)
    return Checked(known.account if known else None, correct and known is not None, new_hash)


async def sign_in(tx: Transaction, checked: Checked, settings: IdentitySettings, vault: Vault) -> Tokens | None:
    """Begins a session, or writes down that somebody failed to; both are audited, and both write one row more.

    The caller refuses after `tx` has been committed: what was written down must stay.
    """
    account = await account_in_use(tx, checked.account.account_id) if checked.account and checked.correct else None
    if account is None or not account.active:
        # Of an unknown name nothing is kept: people type passwords and national IDs into that field.
        who = checked.account.account_id if checked.account else "unknown"
        tx.audit("session.refused", subject_type="account", subject_id=who)
        return None
    if checked.new_hash is not None:
        await save_password_hash(tx, account.account_id, checked.new_hash)
    session = Session(session_id=new_id(), account_id=account.account_id, ends_at=tx.now + settings.session_lifetime)
    await insert_session(tx, session)
    tx.audit(
        "session.started",
        subject_type="account",
        subject_id=account.account_id,
        after={"session_id": str(session.session_id)},
    )
    return await issue_tokens(tx, account, session, settings, vault)
