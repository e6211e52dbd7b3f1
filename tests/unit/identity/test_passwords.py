"""What is kept of a password."""

from __future__ import annotations

import pytest

from cec_identity.accounts import passwords
from cec_identity.accounts.passwords import Passwords


@pytest.mark.usefixtures("at_full_cost")
async def test_a_hash_costs_what_rfc_9106_recommends() -> None:
    assert (await Passwords().hash("correct horse battery")).startswith("$argon2id$v=19$m=65536,t=3,p=4$")


async def test_a_hash_of_another_cost_is_good_and_made_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    former = await Passwords().hash("correct horse battery")
    monkeypatch.setattr(passwords, "COST", (2, 64, 1))
    good, renewed = await Passwords().verify("correct horse battery", former)
    assert good
    assert renewed is not None
    assert "m=64,t=2,p=1" in renewed
    assert await Passwords().verify("correct horse battery", renewed) == (True, None)
