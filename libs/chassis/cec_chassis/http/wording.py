"""msgspec's words about a wrong value, in people's words: Chinese first, English beside it, no names of Python types."""

from __future__ import annotations

import re
from collections.abc import Callable

Say = Callable[[re.Match[str]], str]

_KINDS = {
    "int": ("整數", "a whole number"),
    "float": ("數字", "a number"),
    "decimal": ("數字", "a number"),
    "str": ("文字", "text"),
    "bool": ("是或否", "true or false"),
    "null": ("空值", "null"),
    "array": ("清單", "a list"),
    "object": ("物件", "an object"),
    "bytes": ("Base64 文字", "Base64 text"),
    "uuid": ("識別碼 (UUID)", "an identifier (UUID)"),
    "date": ("日期,例如 2026-01-31", "a date such as 2026-01-31"),
    "datetime": ("日期時間,例如 2026-01-31T09:00:00+08:00", "a date and time such as 2026-01-31T09:00:00+08:00"),
    "time": ("時刻,例如 09:00:00", "a time such as 09:00:00"),
    "duration": ("時間長度,例如 PT90M", "a duration such as PT90M"),
}
_UNITS = {"str": ("個字", "character(s)"), "array": ("項", "item(s)"), "object": ("項", "item(s)")}
_BOUNDS = {
    ">=": ("不得小於 {0}", "Must be {0} or more"),
    "<=": ("不得大於 {0}", "Must be {0} or less"),
    ">": ("須大於 {0}", "Must be more than {0}"),
    "<": ("須小於 {0}", "Must be less than {0}"),
}


def in_peoples_words(what: str, *, as_text: bool = False) -> str:
    """What is wrong, said to a person. `as_text`: the value came as text (a query, a path), so that what it is instead
    of what it should be says nothing."""
    for pattern, say in _SAYINGS:
        if found := pattern.search(what):
            return say(found) if not (as_text and say is _other_kind) else _kind_only(found)
    return what  # the words of one of our own structs


def _kinds(names: str) -> tuple[str, str]:
    parts = [_KINDS.get(name.strip(), ("其他內容", "something else")) for name in names.split("|")]
    return "或".join(part[0] for part in parts), " or ".join(part[1] for part in parts)


def _other_kind(found: re.Match[str]) -> str:
    chinese, english = _kinds(found[1])
    chinese_got, english_got = _kinds(found[2])
    return f"須為{chinese},而非{chinese_got.partition(',')[0]} / Must be {english}, not {english_got.partition(' such')[0]}"


def _kind_only(found: re.Match[str]) -> str:
    chinese, english = _kinds(found[1])
    return f"須為{chinese} / Must be {english}"


def _length(found: re.Match[str]) -> str:
    chinese, english = _UNITS.get(found["kind"], ("個位元組", "byte(s)"))
    bound = (
        found["bound"].replace("at least length", ">=").replace("at most length", "<=").replace("length", "").strip()
    )
    if " to " in bound:
        low, high = bound.split(" to ")
        return f"須為 {low} 至 {high} {chinese} / Must have {low} to {high} {english}"
    if bound.startswith(">="):
        return f"至少 {bound[2:].strip()} {chinese} / Must have at least {bound[2:].strip()} {english}"
    if bound.startswith("<="):
        return f"至多 {bound[2:].strip()} {chinese} / Must have at most {bound[2:].strip()} {english}"
    return f"須為 {bound} {chinese} / Must have {bound} {english}"


def _bound(found: re.Match[str]) -> str:
    chinese, english = _BOUNDS[found[1]]
    return f"{chinese} / {english}".format(found[2])


def _fixed(text: str) -> Say:
    return lambda _: text


def _named(text: str) -> Say:
    return lambda found: text.format(found[1])


def _must_be(kind: str) -> Say:
    chinese, english = _KINDS[kind]
    return _fixed(f"須為{chinese} / Must be {english}")


_SAYINGS: tuple[tuple[re.Pattern[str], Say], ...] = tuple(
    (re.compile(pattern, re.DOTALL), say)
    for pattern, say in (
        (r"^Object contains unknown field `([^`]*)`", _named("沒有欄位 {0} / There is no field {0} here")),
        (r"^Object missing required field `([^`]*)`", _named("缺少必要欄位 {0} / The field {0} is required")),
        (r"^Invalid (?:enum )?value (.+)", _named("{0} 不是允許的值 / {0} is not one of the allowed values")),
        (r"^Expected `(?P<kind>\w+)` of (?P<bound>(?:at (?:least|most) )?length (?:[<>]= )?\d+(?: to \d+)?)", _length),
        (r"^Expected .* matching regex '\\\\S'", _fixed("不得空白,請填寫內容 / Must not be blank; fill it in")),
        (r"^Expected .* matching regex", _fixed("格式不符 / Not of the form that is asked for")),
        (r"^Expected .* with a timezone", _fixed("須有時區,例如 +08:00 / The time needs a zone, for example +08:00")),
        (r"^Expected .* with no timezone", _fixed("不得有時區 / The time must not have a zone")),
        (r"^Expected `[^`]*` (>=|<=|>|<) (\S+)", _bound),
        (r"^Expected .* that's a multiple of (\S+)", _named("須為 {0} 的倍數 / Must be a multiple of {0}")),
        (
            r"^(?:Integer value|Number|Timestamp is|Duration is) out of range",
            _fixed("數值過大或過小 / Too large or too small"),
        ),
        (r"^Expected `([^`]*)`, got `([^`]*)`", _other_kind),
        (r"^Expected `([^`]*)`", _kind_only),
        (r"^Invalid UUID", _must_be("uuid")),
        (r"^Invalid (?:RFC3339 encoded datetime|epoch timestamp)", _must_be("datetime")),
        (r"^Invalid RFC3339 encoded date", _must_be("date")),
        (r"^Invalid RFC3339 encoded time", _must_be("time")),
        (r"^Invalid ISO8601 duration", _must_be("duration")),
        (r"^Invalid decimal string", _must_be("decimal")),
        (r"^Invalid base64", _must_be("bytes")),
    )
)
