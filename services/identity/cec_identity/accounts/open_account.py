"""Open an account."""

from __future__ import annotations

from dataclasses import dataclass, field
from uuid import UUID

from cec_chassis.database import Transaction
from cec_chassis.ids import new_id
from cec_chassis.problems import FieldError, ValidationFailed
from cec_contracts.identity import ACCOUNT_OPENED
from cec_contracts.vocabulary import AccountRole
from cec_identity.accounts.domain import Account, check_organisation, check_ties, checked_name
from cec_identity.accounts.passwords import Passwords
from cec_identity.accounts.store import insert_account
from cec_identity.organisations.store import organisation_in_use
from cec_identity.practitioners.survivors import follow_merges, line_in_use
from cec_identity.publishes import account_news


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenAccount:
    """A checked command; made by `checked`."""

    name: str
    role: AccountRole
    organisation_id: UUID | None
    practitioner_id: UUID | None
    password_hash: str = field(repr=False)

    @classmethod
    async def checked(
        cls,
        passwords: Passwords,
        *,
        name: str,
        password: str,
        role: AccountRole,
        organisation_id: UUID | None = None,
        practitioner_id: UUID | None = None,
    ) -> OpenAccount:
        """The command with the password hashed, which takes long and therefore comes before the transaction.

        Raises:
            ValidationFailed: the name, the password or what the role is tied to is not acceptable.
        """
        name = checked_name(name)
        check_ties(role, organisation_id, practitioner_id)
        await passwords.check(password, name)
        return cls(
            name=name,
            role=role,
            organisation_id=organisation_id,
            practitioner_id=practitioner_id,
            password_hash=await passwords.hash(password),
        )


async def open_account(tx: Transaction, command: OpenAccount) -> Account:
    """The new account; the others hear of it, without the password. Named by a record that was merged into another one, it
    is an account of the survivor.

    Raises:
        ValidationFailed: the organisation or the practitioner does not exist or does not go with the role.
        AccountNameTaken, PractitionerHasAccount.
    """
    if command.organisation_id is not None:
        check_organisation(command.role, await organisation_in_use(tx, command.organisation_id))
    line = [] if command.practitioner_id is None else await _known_line(tx, command.practitioner_id)
    account = Account(
        account_id=new_id(),
        name=command.name,
        role=command.role,
        organisation_id=command.organisation_id,
        practitioner_id=line[-1] if line else None,
    )
    await insert_account(tx, account, command.password_hash)
    if len(line) > 1:
        await follow_merges(tx, line, account.account_id)
    news = account_news(account)
    tx.publish(ACCOUNT_OPENED, subject=account.account_id, sequence=account.version, body=news)
    tx.audit("account.opened", subject_type="account", subject_id=account.account_id, after=news)
    return account


async def _known_line(tx: Transaction, practitioner_id: UUID) -> list[UUID]:
    line = await line_in_use(tx, practitioner_id)
    if line:
        return line
    raise ValidationFailed(
        errors=[
            FieldError("body.practitioner_id", "unknown-practitioner", "查無此醫事人員 / There is no such practitioner")
        ]
    )
