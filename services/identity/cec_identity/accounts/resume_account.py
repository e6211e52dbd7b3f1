"""Resume an account 復用 that was disabled or suspended: one may sign in with it again."""

from __future__ import annotations

from uuid import UUID

from cec_chassis.database import Transaction
from cec_chassis.problems import NotFound
from cec_contracts.vocabulary import AccountState
from cec_identity.accounts.change_state import change_state, require_resumable
from cec_identity.accounts.domain import Account, PractitionerHasAccount, StateBy, check_organisation
from cec_identity.accounts.store import account_by_id, account_for_change, active_administrators
from cec_identity.consents.domain import ConsentWithdrawn
from cec_identity.consents.store import has_withdrawn
from cec_identity.organisations.store import organisation_in_use
from cec_identity.practitioners.survivors import line_in_use


async def resume_account(
    tx: Transaction, account_id: UUID, reason: str, by: StateBy = StateBy.ADMINISTRATOR
) -> Account:
    """The account as it now is. Resuming one that is active changes nothing.

    Raises:
        NotFound: there is no such account.
        OnlyAdministratorsResume: an administrator put it out of use, and `by` is none.
        ConsentWithdrawn: its owner withdrew the consent, and `by` is no administrator whom they have asked.
        PractitionerHasAccount: its record was merged into another one, whose account is the person's.
        ValidationFailed: its organisation is out of use, or does not do any more what the role is for.
    """
    known = await account_by_id(tx, account_id)
    # Records before accounts: a merge goes in this order too.
    line = await line_in_use(tx, known.practitioner_id) if known is not None and known.practitioner_id else []
    administrators = await active_administrators(tx)
    account = await account_for_change(tx, account_id)
    if account is None:
        raise NotFound
    if account.active:
        return account
    require_resumable(account, by)
    if by is not StateBy.ADMINISTRATOR and await has_withdrawn(tx, account_id):
        raise ConsentWithdrawn
    if line and account.practitioner_id != line[-1]:
        raise PractitionerHasAccount
    if account.organisation_id is not None:
        check_organisation(account.role, await organisation_in_use(tx, account.organisation_id))
    return await change_state(tx, account, AccountState.ACTIVE, by, reason, administrators=administrators)
