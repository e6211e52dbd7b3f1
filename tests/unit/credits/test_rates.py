"""What a record is worth: rate × measure or approved points, by the rules of the day it ended, then the area."""

from __future__ import annotations

from decimal import Decimal

import pytest
from tests.unit.credits.building import entry, losses, points, record, state, totals

HOURLY = [
    ("M01", "learner", 30, "0.60"),
    ("M01", "learner", 45, "0.90"),
    ("M01", "learner", 50, "1.00"),
    ("M01", "learner", 80, "1.60"),
    ("M01", "learner", 90, "1.80"),
    ("M01", "learner", 100, "2.00"),
    ("M01", "learner", 150, "3.00"),
    ("M01", "learner", 180, "3.60"),
    ("M01", "learner", 0, "0.00"),
    ("M01", "learner", 1, "0.02"),
    ("M01", "lecturer", 30, "3.00"),
    ("M01", "lecturer", 45, "4.50"),
    ("M01", "lecturer", 50, "5.00"),
    ("M01", "lecturer", 180, "18.00"),
    ("M02", "learner", 50, "2.00"),
    ("M02", "learner", 100, "4.00"),
    ("M03", "learner", 100, "2.00"),
    ("M04", "learner", 100, "2.00"),
]
COUNTED = [
    ("M02", "first_author", 1, "3.00"),
    ("M02", "other_author", 2, "2.00"),
    ("M02", "special_lecturer", 1, "10.00"),
    ("M03", "first_author", 1, "2.00"),
    ("M03", "other_author", 1, "1.00"),
    ("M03", "special_lecturer", 1, "3.00"),
    ("M04", "presenter", 2, "6.00"),
    ("M05", "learner", 3, "3.00"),
    ("M06", "learner", 3, "6.00"),
    ("M07", "first_author", 1, "16.00"),
    ("M07", "corresponding_author", 1, "16.00"),
    ("M07", "second_author", 1, "6.00"),
    ("M07", "other_author", 1, "2.00"),
    ("M08", "learner", 2, "10.00"),
    ("M09", "lecturer", 4, "4.00"),
    ("M11", "learner", 1, "2.00"),
    ("M11", "learner", 7, "14.00"),
    ("M11", "learner", 8, "5.00"),
    ("M11", "learner", 14, "10.00"),
    ("M11", "learner", 20, "10.00"),
]


@pytest.mark.parametrize("on", ["2014-05-05", "2016-05-05", "2018-05-05", "2022-09-01"])
@pytest.mark.parametrize(("method", "role", "minutes", "worth"), HOURLY)
def test_fifty_minutes_make_a_credit_hour(method: str, role: str, minutes: int, worth: str, on: str) -> None:
    licence = ("2011-01-01", "2017-01-01") if on < "2017" else ("2017-01-01", "2023-01-01")
    statement = state(record(method=method, role=role, minutes=minutes, on=on), licence=licence)
    assert points(statement) == worth


@pytest.mark.parametrize("on", ["2014-05-05", "2016-05-05", "2018-05-05", "2022-09-01"])
@pytest.mark.parametrize(("method", "role", "quantity", "worth"), COUNTED)
def test_what_is_not_held_by_the_hour_is_paid_by_its_unit(
    method: str, role: str, quantity: int, worth: str, on: str
) -> None:
    assert points(state(record(method=method, role=role, quantity=quantity, on=on))) == worth


@pytest.mark.parametrize(
    ("method", "profession", "on", "worth"),
    [
        ("M10", "A", "2014-05-05", "30.00"),
        ("M10", "J", "2014-05-05", "25.00"),
        ("M10", "A", "2016-05-05", "20.00"),
        ("M10", "J", "2022-09-01", "20.00"),
        ("M12", "C", "2014-05-05", "30.00"),
        ("M12", "F", "2014-05-05", "25.00"),
        ("M12", "C", "2017-05-05", "20.00"),
    ],
)
def test_a_year_abroad_or_in_training_is_paid_as_on_the_day_it_ended(
    method: str, profession: str, on: str, worth: str
) -> None:
    assert points(state(record(method=method, on=on, quantity=1), profession=profession)) == worth


def test_half_a_year_abroad_is_half_of_it() -> None:
    assert points(state(record(method="M10", quantity="0.5"))) == "10.00"


def test_practice_by_nursing_teachers_is_for_nurses_only() -> None:
    assert points(state(record(method="M13", quantity=3), profession="F")) == "6.00"
    refused = state(record(method="M13", quantity=3), profession="J")
    assert losses(refused) == [("rate", "METHOD_NOT_FOR_PROFESSION", "6.00")]
    assert totals(refused) == ("0.00", "6.00")


@pytest.mark.parametrize(
    ("role", "worth"), [("first_author", "8.00"), ("corresponding_author", "8.00"), ("second_author", "3.00")]
)
def test_a_paper_that_is_not_original_brings_half(role: str, worth: str) -> None:
    assert points(state(record(method="M07", role=role, quantity=1, original=False))) == worth


def test_approved_points_win_over_the_rate_table() -> None:
    statement = state(record(minutes=180, points="2.5"), record("r2", role="presenter", points="1.25", on="2020-06-01"))
    assert (points(statement), points(statement, "r2")) == ("2.50", "1.25")
    assert totals(statement) == ("3.75", "0.00")


def test_approved_points_keep_their_value_for_a_paper_that_is_not_original() -> None:
    assert points(state(record(method="M07", role="first_author", points="7", original=False))) == "7.00"


@pytest.mark.parametrize(("method", "role"), [("M01", "presenter"), ("M05", "lecturer"), ("M02", "second_author")])
def test_a_role_the_method_does_not_pay_earns_nothing(method: str, role: str) -> None:
    statement = state(record(method=method, role=role))
    assert losses(statement) == [("rate", "ROLE_NOT_CREDITED", "0.00")]
    assert statement.entries[0].state == "invalid"


def test_a_record_without_the_measure_its_method_needs_earns_nothing_and_says_so() -> None:
    assert losses(state(record(minutes=None, quantity=2))) == [("rate", "MEASURE_MISSING", "0.00")]


def test_a_session_or_a_paper_without_a_quantity_is_one() -> None:
    statement = state(
        record("a", method="M05", minutes=200),
        record("b", method="M07", role="second_author", minutes=None, quantity=None),
    )
    assert (points(statement, "a"), points(statement, "b")) == ("1.00", "6.00")


@pytest.mark.parametrize(
    ("area", "method", "role", "worth"),
    [
        ("remote", "M01", "learner", "1.50"),
        ("offshore", "M01", "learner", "2.00"),
        ("remote", "M01", "lecturer", "7.50"),
        ("offshore", "M01", "lecturer", "10.00"),
        ("offshore", "M05", "learner", "2.00"),
        ("remote", "M06", "learner", "3.00"),
        ("offshore", "M07", "first_author", "32.00"),
        ("offshore", "M08", "learner", "10.00"),
        ("remote", "M09", "lecturer", "1.50"),
        ("remote", "M10", "learner", "20.00"),
        ("offshore", "M10", "learner", "20.00"),
        ("offshore", "M11", "learner", "4.00"),
        ("remote", "M12", "learner", "30.00"),
        ("ordinary", "M01", "learner", "1.00"),
    ],
)
def test_area_multiplies_everything_but_practice_abroad(area: str, method: str, role: str, worth: str) -> None:
    statement = state(record(method=method, role=role), areas=[("2000-01-01", area)])
    assert points(statement) == worth


def test_the_area_is_that_of_the_day_the_record_ended() -> None:
    statement = state(
        record("a", on="2019-12-31"),
        record("b", on="2020-01-01"),
        record("c", on="2021-06-30"),
        record("d", on="2021-07-01"),
        record("e", on="2018-01-01"),
        areas=[("2021-07-01", "ordinary"), ("2020-01-01", "offshore"), ("2019-01-01", "remote")],
    )
    assert [points(statement, name) for name in "abcde"] == ["1.50", "2.00", "2.00", "1.00", "1.00"]


def test_a_multiplier_is_noted_with_its_article_and_takes_nothing() -> None:
    found = entry(state(record(minutes=180), areas=[("2000-01-01", "remote")]))
    assert (str(found.base), str(found.raw), found.losses) == ("3.60", "5.40", ())
    assert [(note.reason, note.provision and note.provision.article) for note in found.notes] == [
        ("MULTIPLIER_REMOTE_1_5", "appendix note")
    ]


def test_approved_points_are_multiplied_too_and_rounded_half_up() -> None:
    assert points(state(record(points="1.25"), areas=[("2000-01-01", "remote")])) == "1.88"
    assert points(state(record(points="3.60"), areas=[("2000-01-01", "offshore")])) == "7.20"


def test_a_withdrawn_course_is_invalid_at_its_multiplied_worth() -> None:
    statement = state(record(minutes=180, void="APPROVAL_WITHDRAWN"), areas=[("2000-01-01", "offshore")])
    assert totals(statement) == ("0.00", "7.20")


def test_many_lengths_of_course_are_all_exact() -> None:
    records = [record(f"r{n}", minutes=n, on="2020-05-04", at="08:00", individual=True) for n in range(3000)]
    statement = state(*records)
    assert statement.valid == sum((Decimal(n) / 50 for n in range(3000)), Decimal(0))


def test_a_method_that_pays_nothing_in_a_role_is_cited_with_its_own_verification() -> None:
    provision = entry(state(record(method="M10", role="lecturer", on="2020-05-04"))).losses[0].provision
    assert (provision.article, provision.verified) == ("appendix 10", False)
    assert "was not read" in provision.note
    of_2013 = record(method="M07", on="2014-05-05")
    read = entry(state(of_2013, licence=("2012-01-01", "2018-01-01"), as_of="2016-01-01")).losses[0].provision
    assert (read.article, read.verified) == ("14(1)(7)", True)


def test_a_method_that_no_rule_knows_is_cited_nowhere_and_not_as_read() -> None:
    loss = entry(state(record(method="M99"))).losses[0]
    assert (loss.reason, loss.provision.article, loss.provision.verified) == ("METHOD_UNKNOWN", "", False)
