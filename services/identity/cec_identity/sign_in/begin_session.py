"""Begin a session for somebody who has shown who they are, in whichever way."""

from __future__ import annotations

from cec_chassis.database import Transaction
from cec_chassis.ids import new_id
from cec_identity.accounts.domain import Account
from cec_identity.lockout.devices import meet_device
from cec_identity.settings import IdentitySettings
from cec_identity.sign_in.domain import Session
from cec_identity.sign_in.history import Outcome, note_sign_in
from cec_identity.sign_in.store import insert_session
from cec_identity.sign_in.tell_new_device import tell_new_device
from cec_identity.sign_in.tokens import Tokens, issue_tokens
from cec_identity.sign_in.visit import Visit
from cec_identity.vault import Vault


async def begin_session(
    tx: Transaction,
    account: Account,
    methods: tuple[str, ...],
    visit: Visit,
    settings: IdentitySettings,
    vault: Vault,
    *,
    device: bytes | None = None,
) -> Tokens:
    """A session with its first tokens, audited and noted in the history.

    `account` is active and held by `account_in_use` in this transaction; `device` is the digest of a device that it
    knows. A device that it does not know is met, gets a token, and the owner is told of it by mail.
    """
    session = Session(
        session_id=new_id(),
        account_id=account.account_id,
        ends_at=tx.now + settings.session_lifetime,
        authenticated_at=tx.now,
        methods=methods,
    )
    await insert_session(tx, session, visit)
    await note_sign_in(tx, account.account_id, Outcome.SUCCEEDED, methods, visit, session.session_id)
    tx.audit(
        "session.started",
        subject_type="account",
        subject_id=account.account_id,
        after={"session_id": str(session.session_id), "methods": list(methods)},
    )
    device_token = await meet_device(tx, account.account_id, device, visit)
    if device_token is not None:
        await tell_new_device(tx, account, session, visit)
    return await issue_tokens(tx, account, session, settings, vault, device_token)


async def note_refusal(
    tx: Transaction, account: Account | None, methods: tuple[str, ...], visit: Visit, outcome: Outcome = Outcome.REFUSED
) -> None:
    """Somebody tried and was refused. Of an unknown name nothing is kept: people type passwords and national IDs there."""
    await note_sign_in(tx, account.account_id if account is not None else None, outcome, methods, visit)
    who = account.account_id if account is not None else "unknown"
    tx.audit("session.refused", subject_type="account", subject_id=who, after={"methods": list(methods)})
