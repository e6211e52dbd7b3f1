"""Rule-set files: what is refused, and that every fault names the file and the key."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.unit.credits.building import day
from tests.unit.credits.test_another_ministry import FILE

from cec_credits.rulesets.book import RuleBook, RuleBookRefused
from cec_credits.rulesets.domain import RuleSet
from cec_credits.rulesets.load import DATA, RuleSetRefused, bundled, load_file, load_folder, parse_toml
from cec_credits.rulesets.words import cited

GOOD = FILE.read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("old", "new", "key", "said"),
    [
        ('id = "SW2020"', 'id = "lower"', "id", "capital"),
        ("effective_from = 2020-01-01", 'effective_from = "soon"', "effective_from", "date"),
        ("minutes = 60", "minutes = 0", "credit_hour.minutes", "more than 0"),
        ("minutes = 60", "minuts = 60", "credit_hour.minuts", "沒有欄位 minuts / There is no field minuts"),
        ("years = 6", "", "window.years", "缺少必要欄位 years / The field years is required"),
        ('policy = "invalidate"', 'policy = "ignore"', "overlap.policy", "可用:flag、invalidate、reject"),
        ("points = 120", "points = -1", "standards.full.total.points", "more than 0"),
        ("points = 120", 'points = "many"', "standards.full.total.points", "須為數字"),
        ("minimum = 18", "minimum = 18, cap = 12", "standards.full.limited.cap", "between"),
        ('["ethics", "quality"]', '["ethics", "kindness"]', "standards.full.limited.attributes", "kindness"),
        ('["ethics", "quality"]', '["ethics", "professional"]', "standards.full.limited.attributes", "professional"),
        (
            'methods = ["SW-COURSE"], article',
            'methods = ["SW-X"], article',
            "standards.full.further[0].methods",
            "SW-X",
        ),
        ('standard = "full" }', 'standard = "half" }', "professions[0].standard", "half"),
        ("[profiles.renewal]", "[profiles.other]", "profiles", "renewal"),
        ("[areas.remote]", "[areas.moon]", "areas", "moon"),
        ("factor = 1.2", "factor = 0.5", "areas.remote.factor", "1 or more"),
        ('code = "SW-ONLINE"', 'code = "SW-COURSE"', "methods", "stands twice"),
        ('role = "lecturer"', 'role = "chair"', "methods[0].rates[1].role", "chair"),
        ('role = "lecturer"', 'role = "learner"', "methods[0]", "stands twice"),
        ('per = "hour", points = 3', 'per = "night", points = 3', "methods[0].rates[1].per", "night"),
        ('methods = ["SW-ONLINE"]', 'methods = ["SW-NONE"]', "caps[1].methods", "SW-NONE"),
        ('"SW-ONLINE", "SW-PAPER"]', '"SW-ONLINE"]', "caps", "stands twice"),
        ('zh = "論文"', 'zh = " "', "methods[2].zh", "is empty"),
        ("points = 40", "share = 1.5", "caps[0].share", "at most 1"),
        ("points = 40", "points = 40\nshare = 0.2", "caps[0].points", "not both"),
        ("points = 40", "", "caps[0].points", "either points or a share"),
        ("points = 60,", "share = 0,", "standards.full.further[0].share", "more than 0"),
        ("points = 40", "points = 40.001", "caps[0].points", "at most 2 decimals"),
        ('points = 40\narticle = "5"', 'points = 40\narticle = "5"\nverified = false', "caps[0]", "note"),
        ('points = 40\narticle = "5"', "points = 40", "caps[0]", "article"),
        ('points = 40\narticle = "5"', 'points = 40\narticle = "5"\nnote = "Not read."', "caps[0].note", "both"),
        ('points = 40\narticle = "5"', 'points = 40\narticle = "5"\nnote = "未查得。"', "caps[0].note", "both"),
        ('id = "SW2020"', "id = ", "document", "not TOML"),
    ],
)
def test_a_fault_in_a_rule_file_is_told_with_file_and_key(old: str, new: str, key: str, said: str) -> None:
    assert old in GOOD
    with pytest.raises(RuleSetRefused) as refused:
        parse_toml(GOOD.replace(old, new, 1), "draft.toml")
    problem = refused.value.problems[0]
    assert problem.key == key
    assert said in problem.message
    chinese, _, english = problem.message.partition(" / ")
    assert any("\u4e00" <= each <= "\u9fff" for each in chinese)
    assert "`" not in english
    assert f"draft.toml: {key}: " in str(refused.value)


def test_every_fault_is_told_and_not_only_the_first() -> None:
    broken = GOOD.replace("minutes = 60", "minutes = 0").replace("years = 6", "years = 0")
    with pytest.raises(RuleSetRefused) as refused:
        parse_toml(broken, "draft.toml")
    assert [problem.key for problem in refused.value.problems] == ["credit_hour.minutes", "window.years"]


def test_a_file_that_is_not_utf_8_is_refused_by_name(tmp_path: Path) -> None:
    path = tmp_path / "big5.toml"
    path.write_bytes("id = '醫師'".encode("big5"))
    with pytest.raises(RuleSetRefused, match=r"big5\.toml: document: 無法讀取 / cannot be read"):
        load_file(path)


def test_every_file_of_the_service_loads_and_is_named_after_its_rule_set() -> None:
    book = load_folder(DATA)
    assert {path.stem for path in DATA.glob("*.toml")} == {rule_set.id for rule_set in book}


def test_a_book_refuses_one_id_twice() -> None:
    with pytest.raises(RuleBookRefused, match="twice"):
        RuleBook([*bundled(), bundled()["R2022"]])


def test_a_book_refuses_two_rule_sets_for_one_profession_from_one_day() -> None:
    twin = RuleSet(parse_toml(GOOD.replace("SW2020", "SW2021"), "twin"))
    with pytest.raises(RuleBookRefused, match="both cover SW"):
        RuleBook([load_file(FILE), twin])


def test_a_book_refuses_a_rule_set_whose_predecessor_is_missing() -> None:
    with pytest.raises(RuleBookRefused, match="supersedes R2016"):
        RuleBook([bundled()["R2022"]])


def test_a_regulation_has_no_rule_set_before_its_first() -> None:
    assert bundled().in_force(day("2013-06-30"), "medical-personnel") is None
    assert bundled().in_force(day("2024-01-01"), "unheard-of") is None


@pytest.mark.parametrize(
    ("article", "zh", "en"),
    [
        ("13", "第13條", "Art. 13"),
        ("13(2)(2)(1)", "第13條第2項第2款第1目", "Art. 13(2)(2)(1)"),
        ("appendix 4", "第14條附表第4項", "appendix to Art. 14, row 4"),
        ("appendix", "第14條附表", "appendix to Art. 14"),
        ("appendix note", "第14條附表備註", "appendix to Art. 14, note"),
        ("", "", ""),
    ],
)
def test_an_article_is_cited_in_both_languages(article: str, zh: str, en: str) -> None:
    assert (cited(article).zh, cited(article).en) == (zh, en)
