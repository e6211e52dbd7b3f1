"""`make run` names one account of every role there is."""

from __future__ import annotations

from cec_contracts.vocabulary import AccountRole
from cec_local.demo.accounts import demo_accounts


def test_every_role_has_one_demo_account() -> None:
    roles = [AccountRole.SYSTEM_ADMINISTRATOR, *(account.role for account in demo_accounts())]
    assert sorted(roles) == sorted(AccountRole)
    names = [account.name for account in demo_accounts()]
    assert len(set(names)) == len(names)
