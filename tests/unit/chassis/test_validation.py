"""msgspec's words about a wrong value become a path, a slug and a message."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from enum import Enum
from typing import Annotated, Any, Literal
from uuid import UUID

import msgspec
import pytest

from cec_chassis.http.unusable import unusable_values
from cec_chassis.http.validation import field_error


class Method(Enum):
    LECTURE = "lecture"


class Course(msgspec.Struct, forbid_unknown_fields=True):
    starts_at: datetime
    points: Decimal = Decimal(0)
    tags: dict[str, int] = {}


class Application(msgspec.Struct, forbid_unknown_fields=True):
    courses: list[Course]
    title: Annotated[str, msgspec.Meta(min_length=2, pattern="^[a-z]+$")] = "ab"
    method: Method = Method.LECTURE
    kind: Literal["a", "b"] = "a"
    seats: Annotated[int, msgspec.Meta(ge=1)] = 1
    held_on: date | None = None
    unit: UUID | None = None


GOOD = '"courses":[{"starts_at":"2020-01-01T00:00:00+08:00"}]'


@pytest.mark.parametrize(
    ("body", "path", "slug"),
    [
        ('{"courses":[{"starts_at":5}]}', "body.courses[0].starts_at", "wrong-type"),
        ('{"courses":[{"starts_at":"soon"}]}', "body.courses[0].starts_at", "wrong-format"),
        ('{"courses":[{}]}', "body.courses[0].starts_at", "missing-field"),
        ("{}", "body.courses", "missing-field"),
        ("[]", "body", "wrong-type"),
        (f'{{{GOOD},"colour":1}}', "body.colour", "unknown-field"),
        (f'{{{GOOD},"title":"a"}}', "body.title", "wrong-length"),
        (f'{{{GOOD},"title":"AB"}}', "body.title", "wrong-format"),
        (f'{{{GOOD},"method":"x"}}', "body.method", "unknown-value"),
        (f'{{{GOOD},"kind":"x"}}', "body.kind", "unknown-value"),
        (f'{{{GOOD},"seats":0}}', "body.seats", "out-of-range"),
        (f'{{{GOOD},"seats":"7"}}', "body.seats", "wrong-type"),
        (f'{{{GOOD},"held_on":"2020-02-30"}}', "body.held_on", "wrong-format"),
        (f'{{{GOOD},"unit":"x"}}', "body.unit", "wrong-format"),
        (
            '{"courses":[{"starts_at":"2020-01-01T00:00:00Z","points":"one"}]}',
            "body.courses[0].points",
            "wrong-format",
        ),
        (
            '{"courses":[{"starts_at":"2020-01-01T00:00:00Z","tags":{"a":"x"}}]}',
            "body.courses[0].tags[...]",
            "wrong-type",
        ),
    ],
)
def test_a_wrong_value_is_named_by_path_and_slug(body: str, path: str, slug: str) -> None:
    with pytest.raises(msgspec.ValidationError) as caught:
        msgspec.json.decode(body, type=Application)
    error = field_error(str(caught.value))
    assert (error.path, error.slug) == (path, slug)
    assert " / " in error.message


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ('{"courses":[{"starts_at":5}]}', ("須為日期時間,例如 2026-01-31T09:00:00+08:00,而非整數 / "
         "Must be a date and time such as 2026-01-31T09:00:00+08:00, not a whole number")),
        ('{"courses":[{"starts_at":"soon"}]}', ("須為日期時間,例如 2026-01-31T09:00:00+08:00 / "
         "Must be a date and time such as 2026-01-31T09:00:00+08:00")),
        ('{"courses":[{}]}', "缺少必要欄位 starts_at / The field starts_at is required"),
        ("[]", "須為物件,而非清單 / Must be an object, not a list"),
        (f'{{{GOOD},"colour":1}}', "沒有欄位 colour / There is no field colour here"),
        (f'{{{GOOD},"title":"a"}}', "至少 2 個字 / Must have at least 2 character(s)"),
        (f'{{{GOOD},"title":"AB"}}', "格式不符 / Not of the form that is asked for"),
        (f'{{{GOOD},"method":"x"}}', "'x' 不是允許的值 / 'x' is not one of the allowed values"),
        (f'{{{GOOD},"seats":0}}', "不得小於 1 / Must be 1 or more"),
        (f'{{{GOOD},"seats":"7"}}', "須為整數,而非文字 / Must be a whole number, not text"),
        (f'{{{GOOD},"held_on":"2020-02-30"}}', "須為日期,例如 2026-01-31 / Must be a date such as 2026-01-31"),
        (f'{{{GOOD},"held_on":[]}}', ("須為日期,例如 2026-01-31或空值,而非清單 / "
         "Must be a date such as 2026-01-31 or null, not a list")),
        (f'{{{GOOD},"unit":"x"}}', "須為識別碼 (UUID) / Must be an identifier (UUID)"),
    ],
)  # fmt: skip
def test_a_wrong_value_is_explained_in_peoples_words(body: str, message: str) -> None:
    with pytest.raises(msgspec.ValidationError) as caught:
        msgspec.json.decode(body, type=Application)
    assert field_error(str(caught.value)).message == message


class Form(msgspec.Struct):
    points: Annotated[str, msgspec.Meta(pattern="^[0-9]+$", extra={"form": "須為數字,例如 5 / digits, such as 5"})] = (
        "0"
    )
    reason: Annotated[str, msgspec.Meta(min_length=1, pattern=r"\S")] = "x"


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ('[{"points":"x"}]', "格式不符,須為數字,例如 5 / Not of the form that is asked for: digits, such as 5"),
        ('[{"points":5}]', "須為文字,而非整數,須為數字,例如 5 / Must be text, not a whole number: digits, such as 5"),
        ('[{"reason":"   "}]', "不得空白,請填寫內容 / Must not be blank; fill it in"),
    ],
)
def test_a_value_of_another_form_is_told_the_form_that_its_field_declares(body: str, message: str) -> None:
    with pytest.raises(msgspec.ValidationError) as caught:
        msgspec.json.decode(body, type=list[Form])
    assert field_error(str(caught.value), kind=list[Form]).message == message


def test_what_came_as_text_is_only_told_what_it_should_be() -> None:
    assert field_error("Expected `int`, got `str`", "query.page").message == "須為整數 / Must be a whole number"


def test_the_words_of_a_struct_are_kept() -> None:
    error = field_error("ends before it starts - at `$.courses[3]`")
    assert (error.path, error.slug, error.message) == (
        "body.courses[3]",
        "not-acceptable",
        "ends before it starts",
    )


@pytest.mark.parametrize("number", ['"NaN"', '"-Infinity"', '"1E+400"', '"1E-400"'])
def test_a_decimal_that_is_no_usable_number_is_found(number: str) -> None:
    value = msgspec.json.decode(f'[{{"starts_at":"2020-01-01T00:00:00Z","points":{number}}}]', type=list[Course])
    assert [(e.path, e.slug) for e in unusable_values(list[Course], value, "body")] == [
        ("body[0].points", "out-of-range")
    ]


def test_a_time_without_a_zone_is_found() -> None:
    value = msgspec.json.decode(b'{"courses":[{"starts_at":"2020-01-01T00:00:00"}]}', type=Application)
    assert [e.path for e in unusable_values(Application, value, "body")] == ["body.courses[0].starts_at"]


def test_usable_values_pass() -> None:
    value = msgspec.json.decode(f'{{{GOOD},"held_on":"2020-02-29"}}', type=Application)
    assert unusable_values(Application, value, "body") == []


class Node(msgspec.Struct):
    children: list[Node] = []
    size: int = 0


@pytest.mark.parametrize("kind", [Node, list[bool], dict[UUID, UUID], int | None])
def test_types_that_hold_nothing_unusable_are_not_walked_through(kind: Any) -> None:
    class Trap:
        """Would be seen by a walk, since nothing may look at it."""

        def __getattribute__(self, name: str) -> Any:
            raise AssertionError(name)

    assert unusable_values(kind, Trap(), "body") == []
