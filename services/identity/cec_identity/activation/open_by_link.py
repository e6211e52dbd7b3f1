"""Last step: whoever holds the link sets a password, and the account is open (again, for whoever had withdrawn the
consent), its address confirmed."""

from __future__ import annotations

from dataclasses import replace

from cec_chassis.context import CommandContext
from cec_chassis.database import Database, Transaction
from cec_contracts.vocabulary import AccountRole
from cec_identity.accounts.domain import Account
from cec_identity.accounts.open_account import OpenAccount, open_account
from cec_identity.accounts.passwords import Passwords
from cec_identity.accounts.profile import Profile
from cec_identity.accounts.profile_store import insert_profile, profile_for_change, update_profile
from cec_identity.activation.domain import Activation, ActivationState, LinkInvalid, Wish
from cec_identity.activation.reopen_account import reopen_account
from cec_identity.activation.store import activation_by_link, hold_person, mark_opened
from cec_identity.consents.store import keep_consent
from cec_identity.consents.texts import ConsentKind, text_of
from cec_identity.mail.links import digest_of
from cec_identity.practitioners.survivors import name_in_registry


async def look_at_link(tx: Transaction, token: str, *, held: bool = False) -> tuple[Activation, Wish]:
    """What the link is for; nothing is used up.

    Raises:
        LinkInvalid: unknown, used, expired or superseded.
    """
    activation = await activation_by_link(tx, digest_of(token), held=held)
    if activation is None or activation.state is not ActivationState.MAILED or activation.wish is None:
        raise LinkInvalid
    if activation.link_expires_at is None or activation.link_expires_at <= tx.now:
        raise LinkInvalid
    return activation, activation.wish


async def open_by_link(
    database: Database, context: CommandContext, passwords: Passwords, token: str, password: str
) -> Account:
    """The account, of the survivor when the record was merged after the link was mailed. The password is hashed before
    the transaction, and only for a link that is good.

    Raises:
        LinkInvalid; AccountNameTaken, PractitionerHasAccount: somebody was quicker by another way.
        ValidationFailed: the password is not acceptable; the link stays good.
    """
    async with database.reading() as tx:
        activation, wish = await look_at_link(tx, token)
    command = await OpenAccount.checked(
        passwords,
        name=wish.name,
        password=password,
        role=AccountRole.PRACTITIONER,
        practitioner_id=activation.practitioner_id,
    )
    async with database.transaction(context) as tx:
        await hold_person(tx, activation.practitioner_id)
        return await _open(tx, token, command)


async def _open(tx: Transaction, token: str, command: OpenAccount) -> Account:
    activation, wish = await look_at_link(tx, token, held=True)
    account = await reopen_account(tx, activation.practitioner_id, command) or await open_account(tx, command)
    assert account.practitioner_id is not None, "a practitioner's"
    await _keep_profile(tx, account, await name_in_registry(tx, account.practitioner_id), wish)
    text = text_of(ConsentKind.ACTIVATION, wish.consent_version)
    await keep_consent(tx, account.account_id, text, activation.consented_at or tx.now)
    await mark_opened(tx, activation.activation_id, account.account_id)
    tx.audit(
        "activation.completed",
        subject_type="practitioner",
        subject_id=account.practitioner_id,
        after={"activation_id": str(activation.activation_id), "account_id": str(account.account_id)},
    )
    return account


async def _keep_profile(tx: Transaction, account: Account, person_name: str, wish: Wish) -> None:
    """Who comes back keeps what they had said otherwise, such as whether they want to be written to."""
    known = await profile_for_change(tx, account.account_id)
    before = known or Profile(account_id=account.account_id, person_name="", version=0)
    profile = replace(
        before,
        person_name=person_name,
        email=wish.email,
        email_verified_at=tx.now,
        language=wish.language,
        version=before.version + 1,
    )
    await (insert_profile if known is None else update_profile)(tx, profile)
