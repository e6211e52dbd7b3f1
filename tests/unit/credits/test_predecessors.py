"""The regulations of the single professions before the joint one: other groups, joint caps, shares, international ×2."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from tests.unit.credits.building import entry, losses, points, record, state, totals
from tests.unit.credits.test_requirements import lines

from cec_credits.rulesets.book import NoRuleInForce

LICENCE = ("2007-01-01", "2013-01-01")


@pytest.mark.parametrize(
    ("profession", "as_of", "rule_set"),
    [
        ("A", "2007-08-17", "PHYS2007"),
        ("B", "2008-04-20", "PHYS2007"),
        ("C", "2008-04-21", "PHYS2008"),
        ("A", "2013-06-30", "PHYS2008"),
        ("F", "2008-06-20", "NURSE2008"),
        ("G", "2013-01-25", "NURSE2013"),
        ("G", "2013-07-01", "R2013"),
        ("Z", "2009-06-03", "DIET2009"),
        ("D", "2009-12-31", "PHARM2009"),
        ("D", "2015-12-29", "PHARM2009"),
        ("D", "2015-12-30", "R2015"),
    ],
)
def test_each_profession_was_held_to_its_own_regulation_until_the_joint_one(
    profession: str, as_of: str, rule_set: str
) -> None:
    assert state(profession=profession, as_of=as_of).rule_set == rule_set


@pytest.mark.parametrize(("profession", "as_of"), [("A", "2007-08-16"), ("E", "2015-12-29"), ("J", "2013-06-30")])
def test_before_the_first_rule_set_there_is_no_statement(profession: str, as_of: str) -> None:
    with pytest.raises(NoRuleInForce):
        state(profession=profession, as_of=as_of)


def test_online_and_correspondence_shared_one_cap_of_twenty_for_physicians_in_2007() -> None:
    records = [
        record("online", "M05", quantity=15, on="2007-09-01"),
        record("letters", "M06", quantity=10, on="2007-10-01"),
    ]
    statement = state(*records, profession="A", as_of="2008-01-01", licence=LICENCE)
    assert totals(statement) == ("20.00", "15.00")
    assert losses(statement, "letters") == [("method_cap", "COUNTED_PARTIAL_CAP_METHOD", "15.00")]
    later = state(*records, profession="A", as_of="2009-01-01", licence=LICENCE)
    assert totals(later) == ("35.00", "0.00")


def test_physicians_of_2008_counted_at_most_the_eighteen_points_they_needed() -> None:
    statement = state(
        record("p", points=162, on="2009-01-01"),
        record("q", attribute="ethics", points=40, on="2009-02-01", infection_control=True, gender=True),
        profession="B",
        as_of="2010-01-01",
        licence=LICENCE,
    )
    assert lines(statement)["professional"] == ("162", "162.00", None, True)
    assert lines(statement)["limited"] == ("18", "40.00", "18", True)
    assert (str(statement.counted), statement.met) == ("180.00", True)


@pytest.mark.parametrize(
    ("method", "role", "area", "worth"),
    [
        ("M01", "learner", "offshore", "2.00"),
        ("M04", "presenter", "offshore", "6.00"),
        ("M05", "learner", "offshore", "1.00"),
        ("M07", "first_author", "offshore", "15.00"),
        ("M01", "learner", "remote", "1.00"),
        ("L-TEACH", "lecturer", "ordinary", "2.00"),
        ("M12", "learner", "ordinary", "30.00"),
    ],
)
def test_physicians_of_2008_were_multiplied_offshore_and_for_the_first_four_items_only(
    method: str, role: str, area: str, worth: str
) -> None:
    found = state(
        record(method=method, role=role, on="2010-05-05"),
        profession="A",
        as_of="2011-01-01",
        licence=LICENCE,
        areas=[("2000-01-01", area)],
    )
    assert points(found) == worth


def test_university_study_of_physicians_was_capped_by_the_academic_year() -> None:
    statement = state(
        record("autumn", "M08", quantity=4, on="2009-12-01"),
        record("spring", "M08", quantity=4, on="2010-06-01"),
        record("next", "M08", quantity=4, on="2010-09-01"),
        profession="A",
        as_of="2011-01-01",
        licence=LICENCE,
    )
    assert totals(statement) == ("50.00", "10.00")
    assert losses(statement, "spring") == [("period_cap", "COUNTED_PARTIAL_CAP_PERIOD", "10.00")]


@pytest.mark.parametrize(("as_of", "cap"), [("2012-12-31", "15"), ("2013-02-01", "30")])
def test_nurses_counted_ethics_and_regulations_only_and_quality_beside_them(as_of: str, cap: str) -> None:
    statement = state(
        record("q", attribute="quality", points=40, on="2009-01-01"),
        record("e", attribute="ethics", points=40, on="2009-02-01"),
        profession="F",
        as_of=as_of,
        licence=("2008-01-01", "2014-01-01"),
    )
    assert lines(statement)["limited"] == ("15", "40.00", cap, True)
    assert str(statement.counted) == f"{40 + int(cap)}.00"


@pytest.mark.parametrize(
    ("method", "role", "international", "worth"),
    [
        ("M02", "learner", True, "4.00"),
        ("M02", "first_author", True, "6.00"),
        ("M03", "special_lecturer", True, "6.00"),
        ("M02", "learner", False, "2.00"),
        ("M01", "learner", True, "1.00"),
    ],
)
def test_conferences_of_an_international_kind_counted_twice_for_nurses(
    method: str, role: str, international: bool, worth: str
) -> None:
    found = state(
        record(method=method, role=role, on="2012-05-05", international=international),
        profession="F",
        as_of="2013-02-01",
        licence=("2008-01-01", "2014-01-01"),
    )
    assert points(found) == worth


def test_since_the_joint_regulation_an_international_conference_counts_like_any_other() -> None:
    assert points(state(record(method="M02", on="2014-05-05", international=True), profession="F")) == "2.00"


def test_dietitians_teaching_was_capped_by_the_year_and_not_multiplied_for_health_education() -> None:
    statement = state(
        record("a", "L-TEACH", role="lecturer", minutes=500, on="2010-03-01"),
        record("b", "L-TEACH", role="lecturer", minutes=500, on="2011-03-01"),
        record("c", "M09", role="lecturer", quantity=1, on="2011-04-01"),
        profession="Z",
        as_of="2012-01-01",
        licence=LICENCE,
        areas=[("2000-01-01", "offshore")],
    )
    assert totals(statement) == ("31.00", "50.00")
    assert points(statement, "c") == "1.00"


def test_pharmacists_needed_most_of_it_face_to_face_and_little_of_any_other_kind() -> None:
    statement = state(
        record("course", points=89, on="2011-01-01"),
        record("online", "M05", quantity=50, on="2011-02-01"),
        record("paper", "M07", "first_author", quantity=2, on="2011-03-01"),
        record("conference", "M02", minutes=100, on="2011-04-01"),
        profession="D",
        as_of="2012-01-01",
        licence=LICENCE,
    )
    assert totals(statement) == ("153.00", "22.00")
    assert lines(statement)["face_to_face"] == ("90.00", "89.00", None, False)
    assert lines(statement)["total"] == ("150", "153.00", None, True)
    assert not statement.met


def test_of_the_sixth_a_returning_pharmacist_needs_every_other_method_may_bring_a_fifth() -> None:
    """A fifth of 25: five of the ten online points are valid, and 20 are not enough."""
    came_back: dict[str, Any] = {"profession": "D", "profile": "re_entry", "as_of": "2012-01-01", "licence": None}
    course, online = record("course", points=15, on="2011-06-01"), record("online", "M05", quantity=10, on="2011-07-01")
    statement = state(course, online, **came_back)
    assert lines(statement)["total"] == ("25", "20.00", None, False)
    assert lines(statement)["face_to_face"] == ("15.00", "15.00", None, True)
    assert losses(statement, "online") == [("method_cap", "COUNTED_PARTIAL_CAP_METHOD", "5.00")]
    assert entry(statement, "online").losses[0].detail["cap"] == Decimal("5.00")
    assert not statement.met
    with_paper = state(course, online, record("paper", "M07", "first_author", on="2011-08-01"), **came_back)
    assert (str(with_paper.counted), with_paper.met) == ("25.00", True)


def test_a_paper_of_2012_keeps_its_old_value_in_a_later_statement() -> None:
    paper = record(method="M07", role="first_author", quantity=1, on="2012-05-05")
    for as_of, rule_set in (("2013-06-01", "PHYS2008"), ("2014-06-01", "R2013"), ("2016-06-01", "R2015")):
        statement = state(paper, profession="A", as_of=as_of, licence=("2011-01-01", "2017-01-01"))
        assert (points(statement), statement.rule_set) == ("15.00", rule_set)
