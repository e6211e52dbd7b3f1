"""The cases under tests/cases: what a right engine answers, through the same door as the command."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from cec_credits.evaluate import answer_json
from cec_credits.rulesets.load import bundled

CASES = sorted((Path(__file__).parents[2] / "cases").glob("*.json"))


@pytest.mark.parametrize("path", CASES, ids=[path.stem for path in CASES])
def test_the_answer_is_what_the_case_expects(path: Path) -> None:
    content = path.read_bytes()
    answer = json.loads(answer_json(content, bundled()))
    expected = json.loads(content)["expect"]
    assert {name: answer[name] for name in expected} == expected


def test_there_are_cases() -> None:
    assert len(CASES) > 30
