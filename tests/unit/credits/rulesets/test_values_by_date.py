"""The numbers of the regulations, profession by profession and day by day, written down a second time.

The table here was made from the regulations' texts and not from the rule-set files: where the two differ, one is wrong.
"""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from cec_credits.rulesets.domain import ProfessionRules
from cec_credits.rulesets.load import bundled

ALL_THREE = ("quality", "ethics", "regulations")
ETHICS_AND_LAW = ("ethics", "regulations")
PHYSICIANS, ASSISTANTS = "ABC", "KTUW4"
OTHERS_OF_2013 = "FGIHJSQRZYXV132"
WITHOUT_ASSISTANTS = "ABCDE" + OTHERS_OF_2013


def rules_on(profession: str, day: str) -> ProfessionRules:
    return bundled().rules_on(profession, date.fromisoformat(day))


THRESHOLDS = [
    # from, until, who, rule set, total, minimum, cap, attributes of the limited group
    ("2007-08-17", "2008-04-20", PHYSICIANS, "PHYS2007", 180, 18, 18, ALL_THREE),
    ("2008-04-21", "2013-06-30", PHYSICIANS, "PHYS2008", 180, 18, 18, ALL_THREE),
    ("2008-06-20", "2013-01-24", "FG", "NURSE2008", 150, 15, 15, ETHICS_AND_LAW),
    ("2013-01-25", "2013-06-30", "FG", "NURSE2013", 150, 15, 30, ETHICS_AND_LAW),
    ("2009-06-03", "2013-06-30", "Z", "DIET2009", 180, 18, 18, ALL_THREE),
    ("2013-07-01", "2015-12-29", PHYSICIANS, "R2013", 180, 18, 36, ALL_THREE),
    ("2013-07-01", "2015-12-29", OTHERS_OF_2013, "R2013", 150, 15, 30, ETHICS_AND_LAW),
    ("2013-07-01", "2015-12-29", ASSISTANTS, "R2013", 90, 9, 18, ETHICS_AND_LAW),
    ("2015-12-30", "2016-10-06", PHYSICIANS + OTHERS_OF_2013, "R2015", 120, 12, 24, ALL_THREE),
    ("2015-12-30", "2016-10-06", ASSISTANTS, "R2015", 72, 7, 14, ALL_THREE),
    ("2016-10-07", "2022-08-25", PHYSICIANS + OTHERS_OF_2013 + "5", "R2016", 120, 12, 24, ALL_THREE),
    ("2016-10-07", "2022-08-25", ASSISTANTS + "6", "R2016", 72, 7, 14, ALL_THREE),
    ("2017-01-01", "2022-08-25", "DE", "R2016", 120, 12, 24, ALL_THREE),
    ("2022-08-26", "2026-12-31", WITHOUT_ASSISTANTS + "5", "R2022", 120, 12, 24, ALL_THREE),
    ("2022-08-26", "2026-12-31", ASSISTANTS + "6", "R2022", 72, 7, 14, ALL_THREE),
]


@pytest.mark.parametrize(
    ("since", "until", "who", "name", "total", "minimum", "cap", "attributes"), THRESHOLDS, ids=str
)
def test_what_had_to_be_reached(
    since: str, until: str, who: str, name: str, total: int, minimum: int, cap: int, attributes: tuple[str, ...]
) -> None:
    for profession in who:
        for day in (since, until):
            rules = rules_on(profession, day)
            standard = rules.standard_on(date.fromisoformat(day))
            assert rules.rule_set == name
            limited = standard.limited
            assert (standard.total.points, limited.minimum, limited.cap) == (
                Decimal(total),
                Decimal(minimum),
                Decimal(cap),
            )
            assert limited.attributes == attributes
            assert (standard.infection_control.courses, standard.gender.courses) == (1, 1)
            assert standard.total.verified
            assert limited.verified


@pytest.mark.parametrize(
    ("profession", "day", "name", "total"),
    [
        ("D", "2009-12-31", "PHARM2009", 150),
        ("D", "2015-12-29", "PHARM2009", 150),
        ("D", "2015-12-30", "R2015", 120),
        ("E", "2015-12-30", "R2015", 120),
        ("E", "2016-12-31", "R2016", 120),
    ],
)
def test_pharmacists_had_a_total_and_no_limited_group_until_2017(
    profession: str, day: str, name: str, total: int
) -> None:
    rules = rules_on(profession, day)
    standard = rules.standard_on(date.fromisoformat(day))
    assert (rules.rule_set, standard.total.points) == (name, Decimal(total))
    assert (standard.limited.minimum, standard.limited.cap) == (Decimal(0), None)
    assert (standard.infection_control.courses, standard.gender.courses) == (0, 0)


def test_every_category_is_covered_from_its_day_on() -> None:
    first = {code: bundled().chain(code)[0].document.effective_from for code in bundled().professions()}
    assert len(first) == 27
    assert {code: str(day) for code, day in first.items() if day != date(2013, 7, 1)} == {
        **dict.fromkeys("ABC", "2007-08-17"),
        **dict.fromkeys("FG", "2008-06-20"),
        "Z": "2009-06-03",
        "D": "2009-12-31",
        "E": "2015-12-30",
        "5": "2016-10-07",
        "6": "2016-10-07",
    }


CAPS = [
    # who, day, {method: cap per window}, {method: (cap, period)}
    ("A", "2008-01-01", {"M04": 60, "M05+M06": 20, "M09": 18}, {"M08": (30, "academic_year")}),
    ("A", "2010-01-01", {"M04": 60, "M05": 30, "M06": 30, "M09": 18}, {"M08": (30, "academic_year")}),
    (
        "F",
        "2010-01-01",
        {"M04": 50, "M05": 30, "M06": 30, "M07": 50, "M09": 15, "M11": 25},
        {"M08": (15, "semester")},
    ),
    (
        "G",
        "2013-02-01",
        {"M04": 50, "M05": 60, "M06": 60, "M07": 50, "M09": 15, "M11": 25, "M13": 25},
        {"M08": (15, "semester")},
    ),
    (
        "Z",
        "2010-01-01",
        {"M04": 30, "M05": 30, "M06": 30, "M07": 30, "M09": 15, "M11": 25},
        {"M08": (15, "year"), "L-TEACH": (15, "year")},
    ),
    (
        "D",
        "2012-01-01",
        dict.fromkeys(("M02", "M03", "M04", "M05", "M06", "M07", "M08", "M09", "M10", "M11"), 30),
        {},
    ),
    (
        "C",
        "2014-01-01",
        {"M04": 60, "M05": 60, "M06": 60, "M07": 50, "M09": 15, "M11": 30, "M13": 25},
        {"M08": (15, "semester")},
    ),
    (
        "K",
        "2014-01-01",
        {"M04": 50, "M05": 60, "M06": 60, "M07": 50, "M09": 15, "M11": 25, "M13": 25},
        {"M08": (15, "semester")},
    ),
    (
        "J",
        "2016-01-01",
        {"M04": 60, "M05": 60, "M06": 60, "M07": 50, "M09": 15, "M11": 30, "M13": 25},
        {"M08": (15, "semester")},
    ),
    (
        "5",
        "2022-08-25",
        {"M04": 60, "M05": 60, "M06": 60, "M07": 50, "M09": 15, "M11": 30, "M13": 25},
        {"M08": (15, "semester")},
    ),
    (
        "A",
        "2022-08-26",
        {"M04": 60, "M05": 80, "M06": 80, "M07": 50, "M09": 15, "M11": 30, "M13": 25},
        {"M08": (15, "semester")},
    ),
]


@pytest.mark.parametrize(("profession", "day", "window", "period"), CAPS, ids=lambda value: str(value)[:20])
def test_what_the_methods_were_capped_at(
    profession: str, day: str, window: dict[str, int], period: dict[str, tuple[int, str]]
) -> None:
    rules = rules_on(profession, day)
    needed = rules.standard_on(date.fromisoformat(day)).total.points
    limits = {limit for of_method in rules.window_limits.values() for limit in of_method}
    assert {"+".join(limit.methods): limit.room(needed) for limit in limits} == window
    found: dict[str, tuple[int, str]] = {
        method: (int(limit.room(needed)), limit.per)
        for method, of_method in rules.period_limits.items()
        for limit in of_method
    }
    assert found == period


COMMON = {
    "M01": {"learner": "1 hour", "lecturer": "5 hour"},
    "M02": {"learner": "2 hour", "first_author": "3 item", "other_author": "1 item", "special_lecturer": "10 time"},
    "M03": {"learner": "1 hour", "first_author": "2 item", "other_author": "1 item", "special_lecturer": "3 time"},
    "M04": {"learner": "1 hour", "presenter": "3 time"},
    "M05": {"learner": "1 time"},
    "M06": {"learner": "2 time"},
    "M08": {"learner": "5 academic_credit"},
    "M09": {"lecturer": "1 time"},
}
PAPERS_16 = {
    "first_author": "16 item",
    "corresponding_author": "16 item",
    "second_author": "6 item",
    "other_author": "2 item",
}
PAPERS_15 = {
    "first_author": "15 item",
    "corresponding_author": "15 item",
    "second_author": "5 item",
    "other_author": "2 item",
}
INSTITUTE, TEACHING, NURSING_TEACHERS = {"learner": "2 day"}, {"lecturer": "2 hour"}, {"learner": "2 day"}


def per_year(points: int) -> dict[str, str]:
    return {"learner": f"{points} year"}


RATES = [
    ("B", "2008-01-01", {"M07": PAPERS_15, "M10": per_year(30), "M12": per_year(30), "L-TEACH": TEACHING}),
    ("B", "2012-01-01", {"M07": PAPERS_15, "M10": per_year(30), "M12": per_year(30), "L-TEACH": TEACHING}),
    ("F", "2012-01-01", {"M07": PAPERS_16, "M10": per_year(25), "M11": INSTITUTE}),
    ("F", "2013-02-01", {"M07": PAPERS_16, "M10": per_year(25), "M11": INSTITUTE, "M13": NURSING_TEACHERS}),
    ("Z", "2012-01-01", {"M07": PAPERS_15, "M11": INSTITUTE, "L-TEACH": TEACHING}),
    ("D", "2012-01-01", {"M07": PAPERS_16, "M10": per_year(30), "M11": INSTITUTE}),
    ("A", "2014-01-01", {"M07": PAPERS_16, "M10": per_year(30), "M11": INSTITUTE, "M12": per_year(30)}),
    ("J", "2014-01-01", {"M07": PAPERS_16, "M10": per_year(25), "M11": INSTITUTE, "M12": per_year(25)}),
    (
        "G",
        "2014-01-01",
        {"M07": PAPERS_16, "M10": per_year(25), "M11": INSTITUTE, "M12": per_year(25), "M13": NURSING_TEACHERS},
    ),
    ("A", "2016-01-01", {"M07": PAPERS_16, "M10": per_year(20), "M11": INSTITUTE, "M12": per_year(20)}),
    ("6", "2024-01-01", {"M07": PAPERS_16, "M10": per_year(20), "M11": INSTITUTE, "M12": per_year(20)}),
]
ROLES = (
    "learner",
    "lecturer",
    "presenter",
    "special_lecturer",
    "first_author",
    "corresponding_author",
    "second_author",
    "other_author",
)


@pytest.mark.parametrize(("profession", "day", "own"), RATES, ids=lambda value: str(value)[:20])
def test_what_each_method_paid_each_role(profession: str, day: str, own: dict[str, dict[str, str]]) -> None:
    rules = rules_on(profession, day)
    found: dict[str, dict[str, str]] = {}
    for method in rules.document.methods:
        for role in ROLES:
            terms = rules.terms(method.code, role, "ordinary")
            if terms.obstacle is None and terms.rate is not None:
                found.setdefault(method.code, {})[role] = f"{terms.rate.points} {terms.rate.per}"
    assert found == COMMON | own


@pytest.mark.parametrize("day", ["2010-01-01", "2014-01-01", "2016-01-01", "2024-01-01"])
def test_a_long_stay_at_an_institute_was_paid_by_the_week_after_seven_days(day: str) -> None:
    rate = rules_on("F", day).terms("M11", "learner", "ordinary").rate
    assert rate is not None
    assert (rate.days, rate.weekly) == (7, Decimal(5))


AREAS = [
    # who, day, offshore factor, remote factor, methods that are not multiplied
    ("A", "2010-01-01", "2", "1", {"M05", "M06", "M07", "M08", "M09", "M10", "M12", "L-TEACH"}),
    ("F", "2010-01-01", "2", "1.5", {"M10"}),
    ("Z", "2010-01-01", "2", "1.5", {"M09"}),
    ("D", "2010-01-01", "2", "1.5", {"M10"}),
    ("A", "2014-01-01", "2", "1.5", {"M10"}),
    ("J", "2016-01-01", "2", "1.5", {"M10"}),
    ("J", "2024-01-01", "2", "1.5", {"M10"}),
]


@pytest.mark.parametrize(
    ("profession", "day", "offshore", "remote", "excepted"),
    AREAS,
    ids=lambda value: str(sorted(value) if isinstance(value, set) else value)[:20],
)
def test_where_somebody_practised_multiplied_points(
    profession: str, day: str, offshore: str, remote: str, excepted: set[str]
) -> None:
    rules = rules_on(profession, day)
    for method in rules.document.methods:
        expected = ("1", "1") if method.code in excepted else (offshore, remote)
        found = tuple(rules.terms(method.code, "learner", area).factor for area in ("offshore", "remote"))
        assert found == tuple(Decimal(factor) for factor in expected), method.code


@pytest.mark.parametrize(
    ("profile", "articles"),
    [
        ("first_registration", {"R2022": "5(1)(1)", "R2013": "5(1)(1)", "PHYS2008": "3(2)(1)", "PHARM2009": "5(1)"}),
        ("re_registration", {"R2022": "5(1)(3)", "NURSE2008": "3(2)(3)", "DIET2009": "3(2)(3)"}),
        ("nurse_practitioner", {"R2022": "7(1)(4)(2)", "R2013": "7(1)(4)(2)", "NURSE2013": "4(1)(4)"}),
    ],
)
def test_an_occasion_that_needs_no_credits_says_by_which_article(profile: str, articles: dict[str, str]) -> None:
    for name, article in articles.items():
        found = bundled()[name].document.profiles[profile]
        assert (found.requires, found.article) == ((), article)
