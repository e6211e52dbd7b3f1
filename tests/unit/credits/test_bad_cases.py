"""Input that is no case: refused with the path of the field, nothing guessed."""

from __future__ import annotations

import json
from typing import Any

import pytest

from cec_credits.evaluate import answer_json
from cec_credits.rulesets.load import bundled
from cec_credits.statements.case_file import CaseRefused, read_case

RECORD: dict[str, Any] = {
    "id": "r1",
    "method": "M01",
    "role": "learner",
    "attribute": "professional",
    "infection_control": False,
    "gender": False,
    "starts_at": "2021-04-02T09:00:00+08:00",
    "ends_at": "2021-04-02T12:00:00+08:00",
    "minutes": 180,
}
CASE: dict[str, Any] = {
    "profession": "B",
    "licence": {"valid_from": "2018-01-01", "valid_until": "2024-01-01", "extended_until": None},
    "as_of": "2021-04-02",
    "practice_areas": [{"since": "2000-01-01", "area": "ordinary"}],
    "records": [RECORD],
}


def with_record(**change: Any) -> dict[str, Any]:
    """The good case with one record changed; None removes a field."""
    record = {key: value for key, value in (RECORD | change).items() if value is not None}
    return CASE | {"records": [record]}


def refusal(content: Any) -> CaseRefused:
    text = content if isinstance(content, bytes) else json.dumps(content).encode()
    with pytest.raises(CaseRefused) as refused:
        answer_json(text, bundled())
    return refused.value


@pytest.mark.parametrize(
    ("case", "path", "slug"),
    [
        (with_record(minutes=-1), "records[0].minutes", "out-of-range"),
        (with_record(minutes=2_000_000), "records[0].minutes", "out-of-range"),
        (with_record(minutes="180"), "records[0].minutes", "invalid-field"),
        (with_record(minutes=1.5), "records[0].minutes", "invalid-field"),
        (with_record(minutes=None), "records[0]", "measure-missing"),
        (with_record(points="1.234"), "records[0].points", "too-many-decimals"),
        (with_record(points=3.6), "records[0].points", "invalid-field"),
        (with_record(points="-1"), "records[0].points", "out-of-range"),
        (with_record(points="NaN"), "records[0].points", "out-of-range"),
        (with_record(points="Infinity"), "records[0].points", "out-of-range"),
        (with_record(points="many"), "records[0].points", "not-a-number"),
        (with_record(points="1e400"), "records[0].points", "out-of-range"),
        (with_record(quantity=-2), "records[0].quantity", "out-of-range"),
        (with_record(quantity=1.125), "records[0].quantity", "too-many-decimals"),
        (with_record(ends_at="2021-04-02T08:59:59+08:00"), "records[0].ends_at", "ends-before-it-starts"),
        (with_record(ends_at="2021-04-02T12:00:00"), "records[0].ends_at", "no-timezone"),
        (with_record(ends_at="9999-12-31T12:00:00+08:00"), "records[0].ends_at", "impossible-day"),
        (
            CASE | {"licence": {"valid_from": "2018-01-01", "valid_until": "9999-12-31", "extended_until": None}},
            "licence.valid_until",
            "impossible-day",
        ),
        (CASE | {"as_of": "0001-01-01"}, "as_of", "impossible-day"),
        (with_record(starts_at="yesterday"), "records[0].starts_at", "invalid-field"),
        (with_record(role="chair"), "records[0].role", "invalid-field"),
        (with_record(attribute="kindness"), "records[0].attribute", "invalid-field"),
        (with_record(method="M14"), "records[0].method", "unknown-method"),
        (with_record(profession="?"), "records[0].profession", "unknown-profession"),
        (with_record(void="BAD_LUCK"), "records[0].void", "unknown-reason"),
        (with_record(colour="red"), "records[0]", "invalid-field"),
        (with_record(id=""), "records[0].id", "invalid-field"),
        (CASE | {"records": [RECORD, RECORD | {"minutes": 50}]}, "records[1].id", "repeated-id"),
        (CASE | {"profession": "?"}, "profession", "unknown-profession"),
        (CASE | {"profession": "O"}, "profession", "unknown-profession"),
        (CASE | {"as_of": "1999-01-01"}, "as_of", "no-rule-in-force"),
        (CASE | {"profession": "5", "as_of": "2016-10-06"}, "as_of", "no-rule-in-force"),
        (CASE | {"as_of": "2021-02-30"}, "as_of", "invalid-field"),
        (CASE | {"profile": "specialist"}, "profile", "unknown-profile"),
        (CASE | {"practice_areas": [{"since": "2000-01-01", "area": "moon"}]}, "practice_areas[0].area", "invalid-field"),
        (
            CASE | {"licence": CASE["licence"] | {"extended_until": "2020-01-01"}},
            "licence.extended_until",
            "ends-before-it-starts",
        ),
        (CASE | {"window": {"since": "2020-01-01", "until": "2019-01-01"}}, "window.until", "ends-before-it-starts"),
        (CASE | {"surprise": 1}, "", "invalid-field"),
        ({key: value for key, value in CASE.items() if key != "records"}, "", "invalid-field"),
        ({"case": CASE, "expect": {}, "more": 1}, "", "invalid-field"),
        ({"case": with_record(minutes=-1)}, "records[0].minutes", "out-of-range"),
        ([], "", "invalid-field"),
        (b"", "", "not-json"),
        (b"{", "", "not-json"),
        (b'{"profession": "\xa4\xa4"}', "", "not-json"),
    ],
)  # fmt: skip
def test_a_fault_is_told_with_the_path_of_its_field(case: Any, path: str, slug: str) -> None:
    found = refusal(case)
    assert (found.path, found.slug) == (path, slug)
    assert found.message


def test_the_case_alone_and_the_whole_file_give_the_same_answer() -> None:
    alone = answer_json(json.dumps(CASE).encode(), bundled())
    whole = answer_json(json.dumps({"case": CASE, "expect": {"valid": "anything"}}).encode(), bundled())
    assert alone == whole


def test_the_same_record_said_twice_in_the_same_words_is_one_record() -> None:
    answer = json.loads(answer_json(json.dumps(CASE | {"records": [RECORD, RECORD]}).encode(), bundled()))
    assert (answer["valid"], answer["invalid"], len(answer["entries"])) == ("3.60", "0.00", 1)


def test_points_and_a_measure_may_stand_together_and_points_win() -> None:
    answer = json.loads(answer_json(json.dumps(with_record(points="2.50")).encode(), bundled()))
    assert answer["valid"] == "2.50"


def test_optional_fields_may_be_left_out() -> None:
    bare = {key: RECORD[key] for key in RECORD if key not in {"infection_control", "gender"}}
    case = read_case(json.dumps({key: CASE[key] for key in ("profession", "as_of")} | {"records": [bare]}).encode())
    assert case.licence is None
    assert case.records[0].original


@pytest.mark.parametrize("quantity", [2, "2", "0.5", 0.5])
def test_a_quantity_may_be_a_number_or_a_decimal_string(quantity: Any) -> None:
    case = with_record(method="M10", minutes=None, quantity=quantity)
    answer = json.loads(answer_json(json.dumps(case).encode(), bundled()))
    assert answer["valid"] in {"40.00", "10.00"}


def test_the_day_of_a_record_is_its_day_in_taipei_whatever_offset_it_is_given_in() -> None:
    case = with_record(starts_at="2021-04-02T15:00:00Z", ends_at="2021-04-02T16:30:00Z")
    answer = json.loads(answer_json(json.dumps(case).encode(), bundled()))
    assert (answer["pending"], answer["entries"][0]["effective_on"]) == ("3.60", "2021-04-03")
