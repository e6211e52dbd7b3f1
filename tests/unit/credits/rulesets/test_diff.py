"""Differences between rule sets: the same meaning is no difference, every other one is told by key and in words."""

from __future__ import annotations

from pathlib import Path

import pytest

from cec_credits.rulesets.diff import KEYED, LABELS, Difference, differences
from cec_credits.rulesets.document import RuleDocument
from cec_credits.rulesets.load import bundled, parse_toml

TEXT = (Path(__file__).parent / "social_workers.toml").read_text(encoding="utf-8")
OLD = parse_toml(TEXT, "old")


def changed(old: str, new: str) -> RuleDocument:
    assert old in TEXT
    return parse_toml(TEXT.replace(old, new, 1), "new")


def told(new: RuleDocument, old: RuleDocument | None = OLD) -> list[tuple[str, object, object]]:
    return [(each.path, each.old, each.new) for each in differences(old, new)]


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("factor = 1.2", "factor = 1.200"),
        ('["ethics", "quality"]', '["quality", "ethics"]'),
        ('methods = ["SW-ONLINE", "SW-PAPER"]', 'methods = ["SW-PAPER", "SW-ONLINE"]'),
        (
            'rates = [{ role = "learner", per = "hour", points = 1 }, { role = "lecturer", per = "hour", points = 3 }]',
            'rates = [{ role = "lecturer", per = "hour", points = 3 }, { role = "learner", per = "hour", points = 1 }]',
        ),
        ("# Another ministry's", "# Some other"),
    ],
)
def test_what_means_the_same_is_no_difference(old: str, new: str) -> None:
    assert [each for each in told(changed(old, new)) if "caps" not in each[0]] == []


@pytest.mark.parametrize(
    ("old", "new", "path", "before", "after"),
    [
        ("minutes = 60", "minutes = 50", "credit_hour.minutes", 60, 50),
        ("minimum = 18", "minimum = 18, cap = 36", "standards[full].limited.cap", None, "36"),
        ("points = 60,", "points = 70,", "standards[full].further[face_to_face].points", "60", "70"),
        ("points = 3 }", "points = 4 }", "methods[SW-COURSE].rates[lecturer hour].points", "3", "4"),
        ("effective_from = 2020-01-01", "effective_from = 2021-01-01", "effective_from", "2020-01-01", "2021-01-01"),
        (
            'requires = ["total", "limited"]',
            'requires = ["total"]',
            "profiles[renewal].requires",
            ["limited", "total"],
            ["total"],
        ),
        ('policy = "invalidate"', 'policy = "flag"', "overlap.policy", "invalidate", "flag"),
    ],
)
def test_a_value_that_differs_is_told_by_its_key(old: str, new: str, path: str, before: object, after: object) -> None:
    assert told(changed(old, new)) == [(path, before, after)]


def test_a_member_that_comes_or_goes_is_told_as_a_whole() -> None:
    paper = TEXT[TEXT.index('[[methods]]\ncode = "SW-PAPER"') : TEXT.index("[[caps]]")]
    without = parse_toml(
        TEXT.replace(paper, "").replace(', "SW-PAPER"]', ', "SW-COURSE"]').split('[[caps]]\nmethods = ["SW-PAPER"]')[0],
        "new",
    )
    gone = {each.path: each for each in differences(OLD, without)}
    assert gone["methods[SW-PAPER]"].new is None
    assert gone["methods[SW-PAPER]"].zh == "實施方式 SW-PAPER：刪除 論文"
    come = {each.path: each for each in differences(without, OLD)}
    assert come["methods[SW-PAPER]"].old is None
    assert come["methods[SW-PAPER]"].en == "method SW-PAPER: added Paper"


def test_the_first_rule_set_of_a_regulation_is_told_member_by_member() -> None:
    found = {each.path for each in differences(None, OLD)}
    assert {"id", "standards[full]", "professions[SW]", "methods[SW-COURSE]", "caps[SW-PAPER year]"} <= found


def test_a_rule_set_does_not_differ_from_itself() -> None:
    for rule_set in bundled():
        assert differences(rule_set.document, rule_set.document) == []


def test_the_joint_regulation_in_words() -> None:
    found: list[Difference] = differences(bundled()["R2013"].document, bundled()["R2015"].document)
    words = {each.zh for each in found}
    assert "實施方式 M10／積分標準 learner year／積分：25 → 20" in words
    assert "人員類別 D：新增 藥師" in words
    assert "上限 M04 window A B C：刪除" in words


def test_every_key_of_a_document_has_its_words() -> None:
    for rule_set in bundled():
        for each in differences(None, rule_set.document):
            assert each.path.split("[")[0].split(".")[0] in LABELS
    assert set(LABELS) >= KEYED


def test_a_cap_that_becomes_a_share_of_the_total_is_told_in_words() -> None:
    found = {each.path.rpartition(".")[2]: each for each in differences(OLD, changed("points = 40", "share = 0.2"))}
    assert (found["points"].old, found["points"].new) == ("40", None)
    assert (found["share"].old, found["share"].new) == (None, "0.2")
    assert found["share"].zh.endswith("占所需總積分之比例：無 → 0.2")
    assert "share of the total needed" in found["share"].en
