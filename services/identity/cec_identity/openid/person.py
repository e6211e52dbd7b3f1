"""What an application is told about the person who signed in."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from cec_identity.accounts.domain import Account


def person_claims(account: Account, scopes: Iterable[str]) -> dict[str, Any]:
    """`sub` always; with `profile` what the account is called and is. `sub` never changes and is nobody else's."""
    claims: dict[str, Any] = {"sub": account.account_id}
    if "profile" in scopes:
        claims |= {"preferred_username": account.name, "role": account.role}
        if account.organisation_id is not None:
            claims["organisation_id"] = account.organisation_id
        if account.practitioner_id is not None:
            claims["practitioner_id"] = account.practitioner_id
    return claims
