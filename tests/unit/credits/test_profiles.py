"""Occasions other than an ordinary renewal."""

from __future__ import annotations

import pytest
from msgspec.structs import replace
from tests.unit.credits.building import day, record, state
from tests.unit.credits.test_requirements import lines

from cec_credits.rulesets.book import RuleBook
from cec_credits.rulesets.domain import RuleSet
from cec_credits.rulesets.load import bundled
from cec_credits.statements.evaluate import UnknownProfile

QEL = record("qel", attribute="ethics", points=12, on="2022-05-01", infection_control=True, gender=True)


@pytest.mark.parametrize("profession", ["A", "C"])
def test_a_specialist_needs_the_limited_group_only(profession: str) -> None:
    statement = state(QEL, profession=profession, profile="specialist")
    assert statement.met
    assert [line.required for line in statement.requirements] == [False, False, True, True, True]
    assert not state(profession=profession, profile="specialist").met


def test_a_nurse_practitioners_certificate_takes_the_place_of_credits() -> None:
    assert state(profession="F", profile="nurse_practitioner").met


@pytest.mark.parametrize(("profession", "target"), [("J", "20"), ("K", "12")])
def test_re_entry_needs_a_sixth_within_the_year_whatever_its_attributes(profession: str, target: str) -> None:
    statement = state(
        record("a", attribute="quality", points=target, on="2021-10-02"),
        record("b", points=5, on="2021-10-01"),
        profession=profession,
        profile="re_entry",
        licence=None,
        as_of="2022-10-01",
    )
    assert (statement.window.since, statement.window.until) == (day("2021-10-02"), day("2022-10-01"))
    assert lines(statement)["total"] == (target, f"{target}.00", None, True)
    assert [line.required for line in statement.requirements] == [True, False, False, False, False]
    assert statement.met
    assert str(statement.out_of_window) == "5.00"


def test_a_share_that_is_not_even_is_asked_for_to_the_cent() -> None:
    """120 / 7 = 17.142…: whoever has 17.14 has it."""
    documents = [each.document for each in bundled()]
    sevenths = RuleBook(
        RuleSet(replace(each, profiles={k: replace(p, total_share=7) for k, p in each.profiles.items()}))
        for each in documents
    )
    statement = state(record("a", points="17.14", on="2022-05-01"), profession="J", profile="re_entry", book=sevenths)
    assert lines(statement)["total"] == ("17.14", "17.14", None, True)


def test_re_entry_of_a_specialist_needs_three_points_of_the_limited_group() -> None:
    statement = state(
        record("a", attribute="ethics", points=3, on="2022-05-01"), profession="A", profile="re_entry_specialist"
    )
    assert lines(statement)["limited"] == ("3", "3.00", None, True)
    assert statement.met
    assert not state(record(points=30, on="2022-05-01"), profession="A", profile="re_entry_specialist").met


def test_registration_after_the_old_renewal_date_looks_back_six_years_from_today() -> None:
    statement = state(QEL, profile="registration", as_of="2024-10-01")
    assert (statement.window.since, statement.window.until) == (day("2018-10-02"), day("2024-10-01"))


@pytest.mark.parametrize(
    ("profile", "profession"), [("specialist", "J"), ("nurse_practitioner", "G"), ("nonsense", "A")]
)
def test_an_occasion_that_is_not_open_to_the_profession_is_refused(profile: str, profession: str) -> None:
    with pytest.raises(UnknownProfile):
        state(profession=profession, profile=profile)
