"""By which rule an entry counts: rule set, version and article, with a link to it; and the approval its points rest on."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import msgspec
import pytest
from tests.unit.credits.building import entry, record, state

from cec_chassis.ids import new_id
from cec_credits.recalculation.standings import NewStanding
from cec_credits.rulesets.book import RuleBook
from cec_credits.rulesets.domain import RuleSet
from cec_credits.rulesets.law import address_of
from cec_credits.rulesets.load import bundled
from cec_credits.statements.answer import answer_of, entry_of
from cec_credits.statements.basis import approval_of
from cec_credits.statements.facts import Person

LAW = "https://law.moj.gov.tw/LawClass/LawSingle.aspx?pcode="


@pytest.mark.parametrize(
    ("code", "article", "address"),
    [
        ("L0020181", "13(2)(2)(1)", LAW + "L0020181&flno=13"),
        ("L0020181", "appendix 5", LAW + "L0020181&flno=14"),
        ("L0020181", "appendix note", LAW + "L0020181&flno=14"),
        ("L0020181", "8-1(2)", LAW + "L0020181&flno=8-1"),
        ("L0020181", "", None),
        ("", "13", None),
    ],
)
def test_a_provision_leads_to_its_article_in_the_law_database(code: str, article: str, address: str | None) -> None:
    assert address_of(code, article) == address


def test_every_rule_set_says_of_which_regulation_it_is() -> None:
    codes = {rule_set.id: rule_set.document.instrument.code for rule_set in bundled()}
    assert codes == {
        "PHYS2007": "L0020073",
        "PHYS2008": "L0020073",
        "NURSE2008": "L0020134",
        "NURSE2013": "L0020134",
        "DIET2009": "L0040060",
        "PHARM2009": "L0030068",
        **dict.fromkeys(("R2013", "R2015", "R2016", "R2022"), "L0020181"),
    }


def test_an_entry_that_counts_in_full_cites_the_rule_of_its_method_in_force_on_the_day_it_ended() -> None:
    statement = state(record("approved", "M05", on="2020-05-04", points=1), record("rated", on="2022-09-01"))
    approved, rated = (entry_of(entry(statement, name)).basis for name in ("approved", "rated"))
    assert (approved.source.rule_set, approved.source.article, approved.approved) == ("R2016", "appendix 5", True)
    assert (rated.source.rule_set, rated.source.version, rated.approved) == ("R2022", 1, False)
    assert rated.source.url == LAW + "L0020181&flno=14"


def test_every_entry_of_an_answer_has_a_basis_and_every_line_a_link() -> None:
    answer = answer_of(
        state(record("a"), record("b", on="2001-01-01"), record("c", "M05", quantity=100), record("d", "M99"))
    )
    assert {each.id: each.basis.source.article for each in answer.entries} == {
        "a": "appendix 1",
        "b": "14(1)(1)",
        "c": "appendix 5",
        "d": "",
    }
    assert {line.source.url for line in answer.requirements} == {LAW + "L0020181&flno=13"}


def test_points_of_a_part_explain_themselves() -> None:
    half = entry(state(record(points="4.50", minutes=225)))
    told = approval_of(half, date(2020, 4, 1), Decimal("9.00"), 450)
    assert (
        told.detail.zh == "審查單位於 民國 109 年 4 月 1 日 核定 9 點；課程 450 分鐘，出席 225 分鐘，按比例為 4.50 點。"
    )
    assert told.detail.en == "Approved on 2020-04-01: 9 points for 450 minutes; 225 were attended, which gives 4.50."
    assert (told.awarded, told.attended_minutes) == (Decimal("9.00"), 225)
    whole = approval_of(entry(state(record(points=9))), date(2020, 4, 1), Decimal("9.00"), 450)
    assert (whole.attended_minutes, whole.detail.en) == (None, "Approved on 2020-04-01: 9 points.")


def test_a_new_version_of_the_same_rules_is_cited_and_is_no_news() -> None:
    second = RuleBook(RuleSet(each.document, 2) for each in bundled())
    person = Person(new_id(), "P1", "王測試", [], [], ())
    before, after = (NewStanding.of(person, state(record(), book=book)) for book in (bundled(), second))
    versions = {line["source"]["version"] for line in msgspec.json.decode(after.text)["requirements"]}
    assert versions == {2}
    assert before.text != after.text
    assert before.digest == after.digest
