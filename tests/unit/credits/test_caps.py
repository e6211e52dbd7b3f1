"""Caps: how high, over what, in which order they are consumed, and how the record at the edge is divided."""

from __future__ import annotations

from typing import Any

import pytest
from tests.unit.credits.building import entry, losses, record, state, totals

PHYSICIANS = ["A", "B", "C"]


def excess(profession: str, method: str, role: str, quantity: int, as_of: str, **rest: Any) -> tuple[str, str]:
    """Valid and invalid of one record that is far above any cap."""
    licence = ("2009-01-01", "2015-01-01") if as_of < "2015" else ("2017-01-01", "2023-01-01")
    if as_of.startswith(("2015-12", "2016")):
        licence = ("2011-01-01", "2017-01-01")
    on = "2014-05-05" if as_of < "2016-12" else "2020-05-05"
    return totals(
        state(
            record(method=method, role=role, quantity=quantity, on=on, **rest),
            profession=profession,
            as_of=as_of,
            licence=licence,
        )
    )


@pytest.mark.parametrize(
    ("method", "role", "as_of", "profession", "cap"),
    [
        ("M04", "presenter", "2014-06-01", "A", "60.00"),
        ("M04", "presenter", "2014-06-01", "B", "60.00"),
        ("M04", "presenter", "2014-06-01", "J", "50.00"),
        ("M04", "presenter", "2016-01-01", "J", "60.00"),
        ("M04", "presenter", "2022-08-25", "J", "60.00"),
        ("M04", "presenter", "2022-08-26", "J", "60.00"),
        ("M05", "learner", "2014-06-01", "J", "60.00"),
        ("M05", "learner", "2015-12-30", "J", "60.00"),
        ("M05", "learner", "2022-08-25", "J", "60.00"),
        ("M05", "learner", "2022-08-26", "J", "80.00"),
        ("M06", "learner", "2014-06-01", "A", "60.00"),
        ("M06", "learner", "2022-08-25", "A", "60.00"),
        ("M06", "learner", "2022-08-26", "A", "80.00"),
        ("M07", "first_author", "2014-06-01", "J", "50.00"),
        ("M07", "first_author", "2022-10-01", "K", "50.00"),
        ("M09", "lecturer", "2014-06-01", "J", "15.00"),
        ("M09", "lecturer", "2022-10-01", "J", "15.00"),
        ("M11", "learner", "2014-06-01", "A", "30.00"),
        ("M11", "learner", "2014-06-01", "J", "25.00"),
        ("M11", "learner", "2022-10-01", "J", "30.00"),
        ("M13", "learner", "2014-06-01", "F", "25.00"),
        ("M13", "learner", "2022-10-01", "G", "25.00"),
        ("M08", "learner", "2014-06-01", "J", "15.00"),
        ("M08", "learner", "2022-10-01", "J", "15.00"),
    ],
)
def test_method_cap_is_that_of_the_rules_on_the_day_of_evaluation(
    method: str, role: str, as_of: str, profession: str, cap: str
) -> None:
    assert excess(profession, method, role, 1000, as_of)[0] == cap


@pytest.mark.parametrize(("method", "role"), [("M01", "learner"), ("M02", "learner"), ("M03", "learner")])
def test_courses_and_conferences_have_no_cap(method: str, role: str) -> None:
    statement = state(record(method=method, role=role, minutes=100_000, individual=True))
    assert str(statement.invalid) == "0.00"


def test_online_and_correspondence_have_separate_caps() -> None:
    statement = state(record("a", method="M05", quantity=90), record("b", method="M06", quantity=50, on="2020-06-01"))
    assert totals(statement) == ("160.00", "30.00")


def test_online_cap_rises_from_sixty_to_eighty_on_the_day_the_appendix_changes() -> None:
    records = [
        record("online", method="M05", quantity=75, on="2018-01-05"),
        record("letters", method="M06", quantity=10, on="2018-02-05"),
        record("course", minutes=1900, on="2018-03-05"),
        record("quality", attribute="quality", minutes=300, on="2018-04-05", infection_control=True),
        record("ethics", attribute="ethics", minutes=300, on="2018-05-05", gender=True),
    ]
    before, after = (state(*records, as_of=as_of) for as_of in ("2022-08-25", "2022-08-26"))
    assert (totals(before), str(before.professional), before.met) == (("130.00", "15.00"), "118.00", True)
    assert (totals(after), str(after.professional), after.met) == (("145.00", "0.00"), "133.00", True)


def test_the_record_at_the_edge_is_divided_and_later_ones_are_lost_whole() -> None:
    statement = state(
        record("a", method="M07", role="first_author", quantity=3, on="2018-01-01"),
        record("b", method="M07", role="second_author", quantity=1, on="2019-01-01"),
        record("c", method="M07", role="other_author", quantity=1, on="2020-01-01"),
    )
    assert totals(statement) == ("50.00", "6.00")
    assert losses(statement, "a") == []
    assert losses(statement, "b") == [("method_cap", "COUNTED_PARTIAL_CAP_METHOD", "4.00")]
    assert losses(statement, "c") == [("method_cap", "CAPPED_METHOD", "2.00")]
    assert [entry(statement, name).state for name in "abc"] == ["valid", "partly_valid", "invalid"]


def test_caps_are_consumed_by_day_and_then_by_id_not_by_the_order_given() -> None:
    late = record("a", method="M09", role="lecturer", quantity=10, on="2020-01-02")
    early_b = record("c", method="M09", role="lecturer", quantity=10, on="2020-01-01", at="08:00")
    early_a = record("b", method="M09", role="lecturer", quantity=10, on="2020-01-01", at="20:00")
    statement = state(late, early_b, early_a)
    assert losses(statement, "b") == []
    assert losses(statement, "c") == [("method_cap", "COUNTED_PARTIAL_CAP_METHOD", "5.00")]
    assert losses(statement, "a") == [("method_cap", "CAPPED_METHOD", "10.00")]


def test_points_are_multiplied_first_and_capped_then() -> None:
    statement = state(record(method="M05", quantity=50), areas=[("2000-01-01", "offshore")])
    assert totals(statement) == ("80.00", "20.00")


def test_a_cap_cuts_across_attributes_in_the_order_of_days() -> None:
    statement = state(
        record("quality", "M05", attribute="quality", quantity=50, on="2018-01-01"),
        record("course", "M05", quantity=50, on="2019-01-01"),
    )
    assert (str(statement.quality_ethics_regulations), str(statement.professional)) == ("50.00", "30.00")


def test_what_is_out_of_the_window_void_or_pending_consumes_no_cap() -> None:
    statement = state(
        record("old", "M05", quantity=80, on="2010-01-01"),
        record("void", "M05", quantity=80, on="2018-01-01", void="APPROVAL_WITHDRAWN"),
        record("good", "M05", quantity=80, on="2019-01-01"),
        record("next", "M05", quantity=80, on="2022-12-01"),
    )
    assert (totals(statement), str(statement.pending)) == (("80.00", "80.00"), "80.00")


def test_university_study_is_capped_by_the_semester_the_record_names() -> None:
    statement = state(
        record("a", "M08", quantity=4, on="2020-01-15", period="108-1"),
        record("b", "M08", quantity=3, on="2020-06-15", period="108-2"),
        record("c", "M08", quantity=1, on="2020-06-20", period="108-2"),
    )
    assert totals(statement) == ("30.00", "10.00")
    assert losses(statement, "a") == [("period_cap", "COUNTED_PARTIAL_CAP_PERIOD", "5.00")]
    assert losses(statement, "c") == [("period_cap", "CAPPED_PERIOD", "5.00")]


@pytest.mark.parametrize(
    ("one", "other", "together"),
    [
        ("2020-08-01", "2021-01-31", True),
        ("2020-07-31", "2020-08-01", False),
        ("2021-02-01", "2021-07-31", True),
        ("2021-01-31", "2021-02-01", False),
    ],
)
def test_a_record_that_names_no_semester_belongs_to_that_of_its_last_day(one: str, other: str, together: bool) -> None:
    statement = state(record("a", "M08", quantity=3, on=one), record("b", "M08", quantity=3, on=other))
    assert totals(statement) == (("15.00", "15.00") if together else ("30.00", "0.00"))


def test_semester_cap_holds_for_multiplied_points() -> None:
    statement = state(record(method="M08", quantity=2), areas=[("2000-01-01", "offshore")])
    assert totals(statement) == ("15.00", "5.00")


def test_every_loss_at_a_cap_names_rule_set_article_and_whether_the_text_was_read() -> None:
    loss = entry(state(record(method="M11", quantity=350))).losses[0]
    assert (loss.provision.rule_set, loss.provision.article, loss.provision.verified) == ("R2022", "appendix 11", False)
    assert loss.provision.note


def test_where_a_whole_cap_is_reached_amounts_have_two_decimals_as_everywhere() -> None:
    by_method = entry(state(record("r1", "M05", quantity=100)))
    by_group = entry(state(record("r1", attribute="quality", points="60.00")))
    assert [str(amount) for amount in (by_method.valid, by_method.counted, by_method.losses[0].amount)] == [
        "80.00",
        "80.00",
        "20.00",
    ]
    assert [str(amount) for amount in (by_group.counted, by_group.losses[0].amount)] == ["24.00", "36.00"]
