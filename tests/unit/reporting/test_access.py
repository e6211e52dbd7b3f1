"""Whose figures a caller may see."""

from __future__ import annotations

from uuid import UUID

import pytest
from tests.support.tokens import an_actor

from cec_reporting.access import NOBODY, NotYourUnit, unit_to_show

OWN, OTHER = UUID(int=1), UUID(int=2)


@pytest.mark.parametrize("asked_for", [None, OWN])
def test_an_offering_unit_sees_itself_whether_it_asks_or_not(asked_for: UUID | None) -> None:
    assert unit_to_show(an_actor("offering_unit", organisation_id=OWN), asked_for) == OWN


def test_an_offering_unit_that_asks_for_another_is_refused_with_the_path() -> None:
    with pytest.raises(NotYourUnit) as refused:
        unit_to_show(an_actor("offering_unit", organisation_id=OWN), OTHER)

    assert [error.path for error in refused.value.errors] == ["query.offering_unit_id"]


def test_a_unit_account_without_a_unit_sees_nobody() -> None:
    assert unit_to_show(an_actor("offering_unit"), None) == NOBODY


@pytest.mark.parametrize("role", ["review_unit", "committee_member", "system_administrator"])
@pytest.mark.parametrize("asked_for", [None, OTHER])
def test_those_who_oversee_see_all_units_or_the_one_they_ask_for(role: str, asked_for: UUID | None) -> None:
    assert unit_to_show(an_actor(role, organisation_id=OWN), asked_for) == asked_for
