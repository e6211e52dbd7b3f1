"""The counties and cities of the nation, each under one name."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from cec_contracts.counties import COUNTIES, FORMER, county_of

DEMO = Path(__file__).parents[2] / "deploy/local/demo"


def test_there_are_22_and_each_is_its_own_name() -> None:
    assert len(set(COUNTIES)) == 22
    assert [county_of(name) for name in COUNTIES] == list(COUNTIES)


@pytest.mark.parametrize(
    ("written", "county"),
    [
        ("台北市", "臺北市"),
        ("台東縣", "臺東縣"),
        (" 臺 中 市\u3000", "臺中市"),
        ("臺北縣", "新北市"),
        ("台北縣", "新北市"),
        ("桃園縣", "桃園市"),
        ("台中縣", "臺中市"),
        ("台南縣", "臺南市"),
        ("高雄縣", "高雄市"),
        ("新竹縣", "新竹縣"),
        ("嘉義市", "嘉義市"),
    ],
)
def test_other_spellings_and_earlier_names_are_the_name_of_today(written: str, county: str) -> None:
    assert county_of(written) == county


@pytest.mark.parametrize("written", ["", "foo", "東京都", "臺北", "臺灣省", "基隆縣", "臺北市中正區"])
def test_anything_else_is_none(written: str) -> None:
    assert county_of(written) is None


def test_no_earlier_name_is_a_name_of_today() -> None:
    assert not set(FORMER) & set(COUNTIES)
    assert set(FORMER.values()) <= set(COUNTIES)


@pytest.mark.parametrize("file", ["activities.json", "organisations.json"])
def test_the_demonstration_names_counties_of_today(file: str) -> None:
    def named(value: object) -> set[str]:
        if isinstance(value, dict):
            here = {str(value["county"])} if value.get("county") else set()
            return here.union(*map(named, value.values()))
        return set().union(*map(named, value)) if isinstance(value, list) else set()

    assert named(json.loads((DEMO / file).read_text("utf-8"))) <= set(COUNTIES)
