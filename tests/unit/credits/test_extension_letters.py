"""COVID letters: the nominal and the extended end of a licence are kept apart, and the second is explained."""

from __future__ import annotations

from datetime import date
from typing import Any

import msgspec
import pytest
from tests.unit.credits.building import day, record, state, totals

from cec_credits.rulesets.extension_letters import ExtensionLetter, extension_of, letters, months_after
from cec_credits.statements.summary import summary_of

FIRST, SECOND, THIRD = "衛部醫字第1091661705號", "衛部醫字第1101660973號", "衛部醫字第1111663984號"


@pytest.mark.parametrize(
    ("nominal", "extended", "by"),
    [
        ("2020-03-19", "2020-03-19", []),
        ("2020-05-10", "2020-11-10", [FIRST]),
        ("2020-08-31", "2023-02-28", [FIRST, SECOND, THIRD]),
        ("2020-12-31", "2023-06-30", [FIRST, SECOND, THIRD]),
        ("2021-01-01", "2023-01-01", [SECOND, THIRD]),
        ("2021-12-31", "2023-12-31", [SECOND, THIRD]),
        ("2022-01-01", "2023-01-01", [THIRD]),
        ("2022-12-31", "2023-12-31", [THIRD]),
        ("2023-01-01", "2023-01-01", []),
    ],
)
def test_each_letter_extends_the_end_that_those_before_it_left(nominal: str, extended: str, by: list[str]) -> None:
    found = extension_of("2", day(nominal))
    assert (found.until, [letter.number for letter in found.letters]) == (day(extended), by)


def test_every_value_says_whether_it_was_read() -> None:
    assert [each.issued for each in letters()] == sorted(each.issued for each in letters())
    assert all(each.verified or each.note for each in letters())
    assert all(each.due_from <= each.due_until for each in letters())


def test_a_letter_may_name_professions() -> None:
    letter = ExtensionLetter(
        number="某函",
        issued=day("2021-01-01"),
        professions=("F",),
        due_from=day("2021-01-01"),
        due_until=day("2021-12-31"),
        months=3,
        verified=True,
        note="",
    )
    assert extension_of("F", day("2021-11-30"), [letter]).until == day("2022-02-28")
    assert extension_of("A", day("2021-11-30"), [letter]).letters == ()


def test_a_month_that_is_too_short_ends_the_extension_on_its_last_day() -> None:
    assert months_after(date(2020, 8, 31), 6) == date(2021, 2, 28)
    assert months_after(date(2019, 8, 29), 6) == date(2020, 2, 29)
    assert months_after(date(2020, 12, 15), 12) == date(2021, 12, 15)


def test_a_statement_names_the_letters_and_reckons_from_the_nominal_end() -> None:
    licence = ("2016-03-02", "2022-03-01", "2023-03-01")
    during = record("during", on="2022-09-01")
    statement = state(during, licence=licence, as_of="2022-10-01")
    assert (statement.window.since, totals(statement)) == (day("2016-03-02"), ("1.00", "0.00"))
    told = told_licence(licence)
    assert (told["valid_until"], told["extended_until"]) == ("2022-03-01", "2023-03-01")
    assert [(each["number"], each["months"], each["verified"]) for each in told["extension_letters"]] == [
        (THIRD, 12, False)
    ]


def test_an_end_that_no_letter_explains_is_taken_as_the_registry_says() -> None:
    assert "extension_letters" not in told_licence(("2016-03-02", "2022-03-01", "2022-05-05"))
    assert "extension_letters" not in told_licence(("2016-03-02", "2022-03-01"))


def told_licence(licence: tuple[str, ...]) -> dict[str, Any]:
    text = msgspec.json.encode(summary_of(state(licence=licence, as_of="2022-10-01")))
    return msgspec.json.decode(text)["licence"]  # type: ignore[no-any-return]
