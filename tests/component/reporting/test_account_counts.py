"""Accounts by role and state, for administrators."""

from __future__ import annotations

import random

import pytest
from tests.component.reporting.conftest import OFFERING, OTHER, Reporting, account

from cec_contracts.vocabulary import AccountRole


async def test_accounts_are_counted_by_role_and_state(reporting: Reporting) -> None:
    await reporting.hear(
        account(1),
        account(2),
        account(3, role=AccountRole.PRACTITIONER, organisation_id=None),
        account(2, sequence=2, active=False),
    )

    table = await reporting.get("/account-counts")

    assert table["rows"] == [
        {"role": "offering_unit", "state": "active", "accounts": 1},
        {"role": "offering_unit", "state": "disabled", "accounts": 1},
        {"role": "practitioner", "state": "active", "accounts": 1},
    ]
    assert (table["total"], table["as_of"]) == (3, "2026-03-02T04:00:00Z")


async def test_accounts_are_narrowed_by_organisation(reporting: Reporting) -> None:
    await reporting.hear(account(1), account(2, organisation_id=OTHER), account(3, organisation_id=None))

    assert await reporting.accounts(f"organisation_id={OFFERING}") == {("offering_unit", "active"): 1}
    assert await reporting.accounts() == {("offering_unit", "active"): 3}


async def test_late_news_of_its_opening_does_not_enable_a_disabled_account(reporting: Reporting) -> None:
    await reporting.hear(account(1, sequence=2, active=False))
    await reporting.hear(account(1))

    assert await reporting.accounts() == {("offering_unit", "disabled"): 1}


@pytest.mark.parametrize("seed", range(3))
async def test_shuffled_and_repeated_news_of_accounts_counts_right(reporting: Reporting, seed: int) -> None:
    chance = random.Random(seed)
    news = [account(number) for number in range(30)]
    news += [account(number, sequence=2, active=False) for number in range(10)]
    news += [account(number, sequence=3, role=AccountRole.REVIEW_UNIT) for number in range(5)]
    delivered = news * 2
    chance.shuffle(delivered)
    for start in range(0, len(delivered), 7):
        await reporting.hear(*delivered[start : start + 7])

    assert await reporting.accounts() == {
        ("offering_unit", "active"): 20,
        ("offering_unit", "disabled"): 5,
        ("review_unit", "active"): 5,
    }


async def test_account_figures_are_for_administrators_only(reporting: Reporting) -> None:
    for actor in (reporting.unit, reporting.review_unit, reporting.committee_member, reporting.practitioner):
        assert (await reporting.refused("/account-counts", actor))[0] == 403
    assert (await reporting.refused("/account-counts", None))[0] == 401
