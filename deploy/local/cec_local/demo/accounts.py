"""Whom one can sign in as after the demo's walk: one account of every role."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from cec_contracts.vocabulary import AccountRole
from cec_local.demo.data import read_json


@dataclass(frozen=True)
class DemoAccount:
    """An account that the walk opens; its password is the checkout's demo password."""

    role: AccountRole
    name: str
    organisation: str | None = None
    """The unit it belongs to, by its key in organisations.json."""


def demo_accounts() -> list[DemoAccount]:
    """All that the walk opens. The administrator's is not among them: it is there before the walk begins."""
    people = read_json("organisations.json")
    return [
        DemoAccount(AccountRole.OFFERING_UNIT, people["offering_unit"]["account"], "offering_unit"),
        DemoAccount(AccountRole.REVIEW_UNIT, people["review_unit"]["account"], "review_unit"),
        DemoAccount(AccountRole.PRACTITIONER, people["practitioner_account"]),
        *further_accounts(people),
    ]


def further_accounts(people: dict[str, Any]) -> list[DemoAccount]:
    """Those that the walk itself does not need."""
    listed = people["further_accounts"]
    return [DemoAccount(AccountRole(one["role"]), one["name"], one.get("organisation")) for one in listed]
