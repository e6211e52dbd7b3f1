"""Rules as they changed: who was held to what on which day, and by which rates."""

from __future__ import annotations

import pytest
from tests.unit.credits.building import day, points, record, state, totals
from tests.unit.credits.test_requirements import ASSISTANTS, lines

from cec_credits.rulesets.book import NoRuleInForce, UnknownProfession
from cec_credits.rulesets.load import bundled

LICENCE = ("2010-01-01", "2016-01-01")


@pytest.mark.parametrize(
    ("profession", "as_of", "rule_set"),
    [
        ("J", "2013-07-01", "R2013"),
        ("J", "2015-12-29", "R2013"),
        ("J", "2015-12-30", "R2015"),
        ("J", "2016-10-06", "R2015"),
        ("J", "2016-10-07", "R2016"),
        ("J", "2022-08-25", "R2016"),
        ("J", "2022-08-26", "R2022"),
        ("J", "2040-01-01", "R2022"),
        ("D", "2015-12-30", "R2015"),
        ("5", "2016-10-07", "R2016"),
    ],
)
def test_the_rule_set_in_force_on_the_day_of_evaluation_holds(profession: str, as_of: str, rule_set: str) -> None:
    assert state(profession=profession, as_of=as_of).rule_set == rule_set


@pytest.mark.parametrize("profession", ["5", "6"])
def test_optometrists_are_not_covered_before_the_seventh_of_october_2016(profession: str) -> None:
    with pytest.raises(NoRuleInForce, match="2016-10-07"):
        state(profession=profession, as_of="2016-10-06")


@pytest.mark.parametrize("profession", ["L", "M", "N", "O", "P", "?"])
def test_categories_outside_the_regulation_have_no_statement(profession: str) -> None:
    with pytest.raises(UnknownProfession):
        state(profession=profession)


def test_twenty_seven_professions_are_covered_today() -> None:
    today = bundled().in_force(day("2024-01-01"), "medical-personnel")
    assert today is not None
    assert today.id == "R2022"
    assert len(today.professions) == 27


@pytest.mark.parametrize("profession", ["A", "B", "C"])
def test_physicians_needed_180_with_18_to_36_under_the_rules_of_2013(profession: str) -> None:
    statement = state(
        record("pro", points=144, on="2014-01-01"),
        record("qel", attribute="quality", points=40, on="2014-02-01", infection_control=True, gender=True),
        profession=profession,
        as_of="2014-06-01",
        licence=LICENCE,
    )
    assert lines(statement)["total"] == ("180", "180.00", None, True)
    assert lines(statement)["limited"] == ("18", "40.00", "36", True)
    assert lines(statement)["professional"] == ("144", "144.00", None, True)
    assert (str(statement.counted), statement.met) == ("180.00", True)


def test_quality_stood_beside_professional_courses_for_others_under_the_rules_of_2013() -> None:
    statement = state(
        record("pro", points=100, on="2014-01-01"),
        record("quality", attribute="quality", points=40, on="2014-01-02", infection_control=True),
        record("ethics", attribute="ethics", points=10, on="2014-01-03", infection_control=True),
        record("law", attribute="regulations", points=5, on="2014-01-04", gender=True),
        as_of="2014-06-01",
        licence=LICENCE,
    )
    assert (totals(statement), str(statement.counted)) == (("155.00", "0.00"), "155.00")
    assert lines(statement)["total"] == ("150", "155.00", None, True)
    assert lines(statement)["professional"] == ("120", "140.00", None, True)
    assert lines(statement)["limited"] == ("15", "15.00", "30", True)
    assert (statement.infection_control_courses, statement.gender_courses, statement.met) == (1, 1, True)


def test_ethics_and_regulations_above_thirty_added_nothing_in_2014() -> None:
    statement = state(
        record("ethics", attribute="ethics", points=45, on="2014-01-03"),
        record("quality", attribute="quality", points=45, on="2014-01-02"),
        as_of="2014-06-01",
        licence=LICENCE,
    )
    assert (str(statement.valid), str(statement.counted)) == ("90.00", "75.00")


@pytest.mark.parametrize("profession", [code for code in ASSISTANTS if code != "6"])
def test_assistants_needed_90_with_9_to_18_under_the_rules_of_2013(profession: str) -> None:
    statement = state(
        record("pro", points=72, on="2014-01-01"),
        record("law", attribute="regulations", points=20, on="2014-01-02", infection_control=True, gender=True),
        profession=profession,
        as_of="2014-06-01",
        licence=LICENCE,
    )
    assert lines(statement)["total"] == ("90", "90.00", None, True)
    assert lines(statement)["limited"] == ("9", "20.00", "18", True)
    assert statement.met


@pytest.mark.parametrize("profession", ["D", "E"])
@pytest.mark.parametrize("as_of", ["2015-12-30", "2016-07-01", "2016-10-07", "2016-12-31"])
def test_pharmacists_had_no_rule_on_the_limited_group_until_the_end_of_2016(profession: str, as_of: str) -> None:
    records = [
        record("pro", points=60, on="2015-12-01"),
        record("qel", attribute="quality", points=60, on="2015-12-02"),
    ]
    licence = ("2011-01-01", "2017-01-01")
    statement = state(*records, profession=profession, as_of=as_of, licence=licence)
    assert lines(statement) == {
        "total": ("120", "120.00", None, True),
        "professional": ("0.00", "60.00", None, True),
        "limited": ("0", "60.00", None, True),
        "infection_control": ("0", "0", None, True),
        "gender": ("0", "0", None, True),
    }
    assert statement.met
    next_day = state(*records, profession=profession, as_of="2017-01-01", licence=licence)
    assert (str(next_day.counted), next_day.met) == ("84.00", False)


def test_the_transition_clause_is_for_pharmacists_only() -> None:
    assert lines(state(as_of="2016-06-01", licence=("2011-01-01", "2017-01-01")))["limited"][0] == "12"


def test_rates_are_those_of_the_day_a_record_ended_and_caps_those_of_the_day_of_evaluation() -> None:
    abroad = record("abroad", "M10", quantity=1, on="2014-05-05")
    statement = state(abroad, profession="A", as_of="2017-06-01", licence=("2012-01-01", "2018-01-01"))
    assert (points(statement, "abroad"), statement.rule_set) == ("30.00", "R2016")


def test_optometrists_records_from_before_their_rule_are_paid_by_the_first_one() -> None:
    assert (
        points(state(record(minutes=180, on="2014-01-01"), profession="5", licence=("2011-01-01", "2017-01-01")))
        == "3.60"
    )


def test_the_unverified_values_are_those_the_regulations_text_was_not_read_for() -> None:
    today = bundled()["R2022"].document
    assert [method.code for method in today.methods if not method.verified] == ["M09", "M10", "M11", "M12", "M13"]
    assert {cap.methods[0] for cap in today.caps if not cap.verified} == {"M09", "M11", "M13"}
    assert not any(area.verified for area in today.areas.values())
    enacted = bundled()["R2013"].document
    assert [method.code for method in enacted.methods if not method.verified] == ["M11"]
    assert all(cap.verified for cap in enacted.caps)
    assert all(area.verified for area in enacted.areas.values())


def test_the_amendment_of_2016_changed_nothing_but_who_is_covered() -> None:
    before, after = bundled()["R2015"].document, bundled()["R2016"].document
    assert (before.methods, before.caps, before.areas, before.standards) == (
        after.methods,
        after.caps,
        after.areas,
        after.standards,
    )
    assert {each.code for each in after.professions} - {each.code for each in before.professions} == {"5", "6"}
