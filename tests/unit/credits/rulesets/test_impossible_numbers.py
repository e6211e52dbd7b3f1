"""No number, day or text that cannot be reckoned with gets into a rule set, wherever in the document it stands."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import nullcontext, suppress
from copy import deepcopy
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import inspect

from cec_credits.rulesets.document import RuleDocument
from cec_credits.rulesets.load import RuleSetRefused, bundled, parse_json, parse_toml, rule_set_of
from cec_credits.rulesets.quantities import unfit_values

TEXT = (Path(__file__).parent / "social_workers.toml").read_text(encoding="utf-8")
SW = parse_toml(TEXT, "social_workers.toml")
IMPOSSIBLE = ("NaN", "sNaN", "Infinity", "-Infinity", "1e400", "1e5000000", "-1", "-0.01", "1.23456", "9" * 20)
FILES = [*(rule_set.document for rule_set in bundled()), SW]
Place = tuple[str | int, ...]


def numbers_in(value: Any, place: Place = ()) -> Iterator[Place]:
    """Where the numbers of a document stand, as it is converted to builtins."""
    if isinstance(value, dict):
        for key, each in value.items():
            yield from numbers_in(each, (*place, key))
    elif isinstance(value, list | tuple):
        for at, each in enumerate(value):
            yield from numbers_in(each, (*place, at))
    elif isinstance(value, int | Decimal) and not isinstance(value, bool):
        yield place


def builtins_of(document: RuleDocument) -> dict[str, Any]:
    """With its decimals told from texts."""
    found: dict[str, Any] = msgspec.to_builtins(document, builtin_types=(Decimal,))
    return found


def with_at(content: dict[str, Any], place: Place, value: Any) -> str:
    changed: Any = deepcopy(content)
    inside = changed
    for step in place[:-1]:
        inside[step] = list(inside[step]) if isinstance(inside[step], tuple) else inside[step]
        inside = inside[step]
    inside[place[-1]] = value
    return json.dumps(changed, default=str, ensure_ascii=False)


def key_of(place: Place) -> str:
    return "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in place).lstrip(".")


@pytest.mark.parametrize("document", FILES, ids=lambda document: document.id)
def test_every_number_of_a_file_is_refused_by_its_key_when_it_is_made_impossible(document: RuleDocument) -> None:
    content = builtins_of(document)
    places = list(numbers_in(content))
    assert len(places) > 10
    for at, place in enumerate(places):
        for bad in IMPOSSIBLE if document is SW else ("NaN", IMPOSSIBLE[at % len(IMPOSSIBLE)]):
            with pytest.raises(RuleSetRefused) as refused:
                parse_json(with_at(content, place, bad), "draft")
            assert key_of(place) in {problem.key for problem in refused.value.problems}, (place, bad)


@given(value=st.decimals(), place=st.sampled_from(list(numbers_in(builtins_of(SW)))))
def test_whatever_number_stands_in_a_file_it_is_taken_or_refused_and_what_is_taken_can_be_reckoned_with(
    value: Decimal, place: Place
) -> None:
    text = with_at(builtins_of(SW), place, str(value))
    good = value.is_finite() and 0 <= value < 10_000 and value == round(value, 4)
    with nullcontext() if good else pytest.raises(RuleSetRefused), suppress(RuleSetRefused) if good else nullcontext():
        assert list(unfit_values(parse_json(text, "draft"))) == []


@pytest.mark.parametrize("day", ["0001-01-01", "1899-12-31", "2201-01-01", "9999-12-31"])
def test_a_day_outside_the_years_of_the_system_is_refused(day: str) -> None:
    with pytest.raises(RuleSetRefused) as refused:
        parse_toml(TEXT.replace("effective_from = 2020-01-01", f"effective_from = {day}"), "draft")
    assert [(each.key, "1900-01-01" in each.message) for each in refused.value.problems] == [("effective_from", True)]


@pytest.mark.parametrize(
    ("old", "new", "key"),
    [
        ("points = 120", f"points = {'9' * 5000}", "document"),
        ("points = 120", "points = " + "[" * 3000, "document"),
        ('regulation = "social-workers"', 'regulation = "a\\u0000b"', "regulation"),
        ('code = "SW", zh', 'code = "sw", zh', "professions[0].code"),
        ('code = "SW", zh', 'code = "SWXYZ", zh', "professions[0].code"),
        ("minutes = 60", "minutes = nan", "credit_hour.minutes"),
        ("minutes = 60", "minutes = 1e400", "credit_hour.minutes"),
    ],
)
def test_what_no_column_and_no_other_service_could_take_is_refused_by_its_key(old: str, new: str, key: str) -> None:
    assert old in TEXT
    with pytest.raises(RuleSetRefused) as refused:
        parse_toml(TEXT.replace(old, new, 1), "draft")
    assert key in {problem.key for problem in refused.value.problems}


def test_a_json_text_with_half_a_character_is_refused() -> None:
    content = json.dumps(msgspec.to_builtins(SW)).replace('"social-workers"', '"\\ud800"')
    with pytest.raises(RuleSetRefused) as refused:
        parse_json(content, "draft")
    assert [problem.key for problem in refused.value.problems] == ["regulation"]


def a_bad_example(kind: inspect.Type) -> Any:
    """A value of a type in which every number, day and text is impossible; every optional field is there."""
    if isinstance(kind, inspect.StructType):
        return kind.cls(**{field.name: a_bad_example(field.type) for field in kind.fields})
    if isinstance(kind, inspect.UnionType):
        return a_bad_example(next(each for each in kind.types if not isinstance(each, inspect.NoneType)))
    if isinstance(kind, inspect.DictType):
        return {"x": a_bad_example(kind.value_type)}
    if isinstance(kind, inspect.VarTupleType):
        return (a_bad_example(kind.item_type),)
    if isinstance(kind, inspect.Metadata):
        return a_bad_example(kind.type)
    bad = {
        inspect.DecimalType: Decimal("NaN"),
        inspect.IntType: -1,
        inspect.DateType: date(1, 1, 1),
        inspect.StrType: "\x00",
        inspect.BoolType: True,
    }
    return bad[type(kind)] if type(kind) in bad else kind.values[0]  # type: ignore[attr-defined] # a Literal


def leaves_of(kind: inspect.Type, key: str = "") -> Iterator[str]:
    if isinstance(kind, inspect.StructType):
        for field in kind.fields:
            yield from leaves_of(field.type, f"{key}.{field.name}".lstrip("."))
    elif isinstance(kind, inspect.UnionType):
        yield from leaves_of(next(each for each in kind.types if not isinstance(each, inspect.NoneType)), key)
    elif isinstance(kind, inspect.DictType):
        yield from leaves_of(kind.value_type, f"{key}.x")
    elif isinstance(kind, inspect.VarTupleType):
        yield from leaves_of(kind.item_type, f"{key}[0]")
    elif not isinstance(kind, inspect.BoolType | inspect.LiteralType):
        yield key


def test_no_field_of_the_document_escapes_the_check_also_one_that_is_added_later() -> None:
    kind = inspect.type_info(RuleDocument)
    assert [unfit.key for unfit in unfit_values(a_bad_example(kind))] == list(leaves_of(kind))


def test_a_number_of_a_name_that_nobody_has_thought_of_is_held_to_the_common_range() -> None:
    class Bonus(msgspec.Struct):
        bonus: Decimal | None

    for bad in ("NaN", "-1", "10000", "1.005"):
        assert [unfit.key for unfit in unfit_values({"new": (Bonus(Decimal(bad)),)})] == ["new[0].bonus"]
    assert list(unfit_values(Bonus(Decimal("1.50")))) == []


def test_what_was_published_before_a_check_was_made_can_still_be_read() -> None:
    rule_set = rule_set_of(TEXT.replace("points = 120", "points = 120.123"), "toml", "SW2020 version 1", 1)
    assert rule_set.document.standards["full"].total.points == Decimal("120.123")
