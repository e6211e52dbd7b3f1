"""Days in the calendar of the Republic, and the groups in which records are shown."""

from __future__ import annotations

from datetime import date, timedelta

import msgspec
import pytest
from msgspec.structs import replace
from tests.unit.credits.building import entry, record, state

from cec_credits import texts
from cec_credits.statements.answer import entry_of
from cec_credits.statements.course_records import Group, group_of
from cec_credits.statements.domain import Licence, Period
from cec_credits.statements.head import FRESHNESS, Window
from cec_credits.statements.roc import roc
from cec_credits.statements.summary import LicenceView, summary_of, texts_of


@pytest.mark.parametrize(
    ("day", "words"),
    [
        (date(2022, 8, 26), "民國 111 年 8 月 26 日"),
        (date(1912, 1, 1), "民國 1 年 1 月 1 日"),
        (date(1911, 12, 31), "民國前 1 年 12 月 31 日"),
    ],
)
def test_a_day_is_told_in_years_of_the_republic(day: date, words: str) -> None:
    assert roc(day) == words


def test_a_reason_tells_its_day_in_the_calendar_of_its_language() -> None:
    told = entry_of(entry(state(record(on="2016-05-04")))).losses[0].detail
    assert told.zh == "於 民國 105 年 5 月 4 日 結束，早於計算期間起日 民國 106 年 1 月 2 日，不列入本期。"
    assert told.en == "Ended on 2016-05-04, before the window begins on 2017-01-02; not part of this cycle."


def test_a_window_and_a_licence_carry_both_calendars() -> None:
    assert (
        Window.of(Period(date(2017, 1, 2), date(2022, 10, 1)), date(2022, 10, 1)).since_roc == "民國 106 年 1 月 2 日"
    )
    licence = LicenceView.of(Licence(None, date(2023, 1, 1), date(2024, 1, 1)), "2")
    assert (licence.valid_from_roc, licence.valid_until_roc) == (None, "民國 112 年 1 月 1 日")
    assert licence.extended_until_roc == "民國 113 年 1 月 1 日"


def test_a_statement_without_a_licence_says_so() -> None:
    without = summary_of(state(licence=None))
    assert (without.licence, without.licence_remark) == (None, texts.words("licence.none"))
    assert b"licence_remark" not in msgspec.json.encode(summary_of(state()))


@pytest.mark.parametrize(
    ("licence", "day", "said"),
    [
        (("2018-01-01", "2024-01-01"), "2024-01-01", False),
        (("2018-01-01", "2024-01-01"), "2024-01-02", True),
        (("2018-01-01", "2024-01-01", "2024-06-30"), "2024-06-30", False),
        (("2018-01-01", "2024-01-01", "2024-06-30"), "2024-07-01", True),
    ],
)
def test_a_licence_that_has_run_out_with_its_extension_says_so(licence: tuple[str, ...], day: str, said: bool) -> None:
    statement = state(licence=licence, as_of=day)
    assert (summary_of(statement).licence_remark is not msgspec.UNSET) is said
    tomorrow = statement.changes_on == statement.case.as_of + timedelta(days=1)
    assert said or tomorrow, "what is stored must be reckoned anew on the day it lapses"


def test_a_period_of_ones_own_is_summed_and_not_judged() -> None:
    asked = Period(date(2000, 1, 1), date(2022, 10, 1))
    statement = state(record(points=200, on="2020-06-01"), window=asked)
    told = summary_of(statement)
    assert (str(told.valid), told.met, told.judged) == ("200.00", False, False)
    assert "不作為是否達換照標準之認定" in told.verdict.zh
    assert not any(line.required for line in told.requirements)
    assert all(line.detail.en.endswith(": not asked for here") for line in told.requirements)


def test_a_line_that_the_occasion_does_not_ask_for_is_not_called_unmet() -> None:
    told = summary_of(state(profession="F", profile="nurse_practitioner"))
    assert told.met
    assert {line.detail.zh.rpartition("：")[2] for line in told.requirements} == {"本次不作要求"}


def test_freshness_reads_the_same_in_both_languages() -> None:
    assert all(words.zh.endswith("。") and words.en.endswith(".") for words in FRESHNESS.values())


@pytest.mark.parametrize(
    ("method", "role", "individual", "group"),
    [
        ("M01", "learner", False, Group.ATTENDED),
        ("M05", "learner", False, Group.ATTENDED),
        ("M01", "lecturer", False, Group.TEACHING),
        ("M02", "special_lecturer", False, Group.TEACHING),
        ("M04", "presenter", False, Group.TEACHING),
        ("M06", "learner", False, Group.CORRESPONDENCE),
        ("M02", "other_author", False, Group.PAPERS),
        ("M07", "first_author", False, Group.PAPERS),
        ("M07", "first_author", True, Group.INDIVIDUAL),
        ("M08", "learner", False, Group.INDIVIDUAL),
        ("M12", "learner", False, Group.INDIVIDUAL),
    ],
)
def test_every_record_has_its_group(method: str, role: str, individual: bool, group: Group) -> None:
    assert group_of(record(method=method, role=role, individual=individual)) is group


def test_what_is_stored_is_the_summary_and_what_is_news_is_the_same_without_where_the_rules_stand() -> None:
    statement = state(record("a"), record("b", points=9))
    texts = texts_of(statement)
    summary = summary_of(statement)
    assert texts.whole == msgspec.json.encode(summary)
    lines = [
        replace(line, source=replace(line.source, version=msgspec.UNSET, url=msgspec.UNSET))
        for line in summary.requirements
    ]
    assert texts.news == msgspec.json.encode(replace(summary, requirements=lines, occasion=msgspec.UNSET))
    assert all(line.source.url for line in summary.requirements)
