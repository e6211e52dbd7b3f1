"""Credits for another purpose than the practice licence are shown, explained, and no part of its statement."""

from __future__ import annotations

from decimal import Decimal

from tests.component.credits.town import Town, a_record
from tests.support.facts import approval_of

from cec_contracts.vocabulary import Purpose

TOTALS = ("valid", "invalid", "pending", "professional", "counted", "met")


async def test_credits_for_long_term_care_alone_leave_the_totals_as_they_are_and_say_why(town: Town) -> None:
    person = await town.settle_in()
    await town.attend(person, "根管治療")
    before = await town.get(f"/statements/{person}/2")
    await town.attend(person, "長期照顧", on="2025-03-02", purposes=[Purpose.LONG_TERM_CARE, Purpose.SPECIALIST])

    after = await town.get(f"/statements/{person}/2")

    assert {key: after[key] for key in TOTALS} == {key: before[key] for key in TOTALS}
    entries = (await town.get(f"/statements/{person}/2/entries"))["entries"]
    [excluded] = [entry for entry in entries if entry["state"] == "excluded"]
    [loss] = excluded["losses"]
    assert (excluded["course"]["course_title"], excluded["valid"]) == ("長期照顧", "0.00")
    assert (loss["step"], loss["reason"], loss["amount"]) == ("scope", "WRONG_PURPOSE", "3.60")
    assert "積分用途" in loss["detail"]["zh"]
    assert "purpose" in loss["detail"]["en"]


async def test_what_serves_the_licence_beside_another_purpose_counts(town: Town) -> None:
    person = await town.settle_in()
    await town.attend(person, "長期照顧", purposes=[Purpose.LONG_TERM_CARE, Purpose.PRACTICE_LICENCE])
    assert (await town.get(f"/statements/{person}/2"))["valid"] == "3.60"


async def test_a_withdrawn_approval_for_another_purpose_takes_nothing_from_the_licence_either(town: Town) -> None:
    """It never was part of the statement: its points are not invalid ones of the licence."""
    person = await town.settle_in()
    care = [Purpose.LONG_TERM_CARE]
    course = await town.attend(person, "長期照顧", purposes=care)
    await town.tell(approval_of(course, a_record(), "2", Decimal("3.60"), 2, status="withdrawn", purposes=care))
    statement = await town.get(f"/statements/{person}/2")
    assert (statement["valid"], statement["invalid"]) == ("0.00", "0.00")
