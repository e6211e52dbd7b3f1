"""Texts for people: a pair for every code the engine can say."""

from __future__ import annotations

import ast
from collections.abc import Mapping
from pathlib import Path

import pytest
from tests.unit.credits.building import entry, record, state

from cec_credits import statements
from cec_credits.rulesets.document import Words
from cec_credits.statements import reasons
from cec_credits.statements.admission import VOID_REASONS
from cec_credits.statements.answer import answer_of, entry_of
from cec_credits.statements.domain import Loss
from cec_credits.statements.pipeline import PIPELINE, PUBLISHED

CODES = {
    node.value
    for path in Path(statements.__path__[0]).glob("*.py")
    if path.name in {"admission.py", "duplicates.py", "caps.py", "worth.py"}
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
    if isinstance(node, ast.Constant) and isinstance(node.value, str) and node.value.isupper() and "_" in node.value
} | {"METHOD_UNKNOWN", "METHOD_NOT_FOR_PROFESSION", "ROLE_NOT_CREDITED"}


def test_every_reason_code_the_engine_uses_has_a_text() -> None:
    assert {"CAPPED_METHOD", "DUPLICATE_COURSE", "OUT_OF_WINDOW_BEFORE", "MEASURE_MISSING"} <= CODES
    assert reasons.LOSSES.keys() | reasons.NOTES.keys() >= CODES | VOID_REASONS


@pytest.mark.parametrize("texts", [reasons.LOSSES, reasons.NOTES, reasons.ANOMALIES], ids=["loss", "note", "anomaly"])
def test_a_reason_is_a_whole_sentence_in_either_language(texts: Mapping[str, Words]) -> None:
    assert [code for code, text in texts.items() if (text.zh[-1], text.en[-1]) != ("。", ".")] == []


def test_a_ground_the_catalogue_does_not_know_is_told_by_its_code() -> None:
    found = entry(state(record(void="SOMETHING_NEW")))
    assert "SOMETHING_NEW" in reasons.of_loss(found.losses[0]).zh


def test_a_loss_at_a_cap_reads_as_a_sentence() -> None:
    told = entry_of(entry(state(record(method="M05", quantity=90)))).losses[0].detail
    assert told.zh == "M05：每一更新週期以 80 點為限，本筆超過之 10 點無效。"
    assert told.en == "M05: at most 80 points per renewal window; the 10 beyond are invalid."


def test_a_loss_at_a_cap_names_the_method_where_the_rule_set_is_at_hand() -> None:
    (told,) = answer_of(state(record(method="M05", quantity=90))).entries
    assert told.losses[0].detail.zh == "M05 網路繼續教育：每一更新週期以 80 點為限，本筆超過之 10 點無效。"
    assert told.losses[0].detail.en == (
        "M05 Online continuing education: at most 80 points per renewal window; the 10 beyond are invalid."
    )


def test_a_record_of_a_file_is_named_as_the_file_names_it() -> None:
    twice = [record("first", course="c"), record("again", course="c")]
    told = {each.id: each for each in answer_of(state(*twice)).entries}
    (loser,) = (each for each in told.values() if each.losses)
    (lost,) = loser.losses
    other = lost.other_record
    assert other in told.keys() - {loser.id}
    assert lost.detail.zh.startswith(f"與紀錄「{other}」為同一課程或同一論文，僅計其中一筆：")
    assert lost.detail.en.startswith(f"The same course or paper as record {other}; one of the two counts: ")


def test_a_multiplier_reads_as_a_sentence() -> None:
    told = entry_of(entry(state(record(minutes=180), areas=[("2000-01-01", "remote")]))).notes[0].detail
    assert told.zh == "於偏遠地區執業，積分 3.60 點以 1.5 倍計為 5.40 點。"
    assert told.en == "Practising in a remote area: 3.60 points count 1.5 times, 5.40."


def test_the_lines_read_as_the_system_has_always_put_them() -> None:
    answer = answer_of(
        state(record("a", points="266.36"), record("b", attribute="quality", points="58.8", on="2020-06-01"))
    )
    assert [line.detail.zh for line in answer.requirements] == [
        "積分數需達 120 點，目前計入 290.36 點：符合",
        "專業課程積分需達 96 點，目前為 266.36 點：符合",
        "專業品質、專業倫理、專業相關法規課程積分合計需達 12 點，目前為 58.80 點，超過僅可計 24 點：符合",
        "感染管制之課程至少 1 堂，目前為 0 堂：不符合",
        "性別議題之課程至少 1 堂，目前為 0 堂：不符合",
    ]
    assert answer.verdict.zh == "未達換照標準"


def test_every_step_of_the_published_pipeline_has_a_name_in_both_languages() -> None:
    assert [step.name for step in PIPELINE] == [
        "scope",
        "window",
        "approval",
        "attendance",
        "duplicate",
        "overlap",
        "rate",
        "area",
        "period_cap",
        "method_cap",
        "group_cap",
    ]
    assert all(step.words.zh and step.words.en for step in PIPELINE)


def test_the_pipeline_that_is_told_has_the_group_before_its_cap_and_ends_with_the_requirement_lines() -> None:
    """As the regulation is worked out; what sums up and takes nothing is a step to those who read it."""
    names = [name for name, _ in PUBLISHED]
    assert names[-4:] == ["method_cap", "attribute_group", "group_cap", "requirement_lines"]
    assert [name for name in names if name not in {"attribute_group", "requirement_lines"}] == [
        step.name for step in PIPELINE
    ]
    assert all(words.zh and words.en for _, words in PUBLISHED)


def test_a_loss_keeps_parameters_and_no_text() -> None:
    loss = entry(state(record(method="M05", quantity=90))).losses[0]
    assert isinstance(loss, Loss)
    assert set(loss.detail) == {"cap", "methods", "per", "period"}
