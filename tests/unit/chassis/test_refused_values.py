"""Values that no route can use, bodies that say two things, and how errors call what the client sent."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from enum import Enum
from typing import Annotated, Any

import msgspec
import pytest
from litestar import get, post
from litestar.di import NamedDependency, Provide
from litestar.params import FromPath, FromQuery, HeaderParameter, JSONBody, QueryParameter
from tests.support.http import app_of, client_of

from cec_chassis.http import Request, public


class Kind(Enum):
    GROUP = "group"


class Course(msgspec.Struct, forbid_unknown_fields=True):
    starts_at: datetime
    points: Decimal


class Apply(Request):
    title: str
    kind: Kind
    courses: list[Course]


@post("/applications", **public)
async def apply(data: JSONBody[Apply]) -> Apply:
    return data


@get("/search", **public)
async def search(kind: FromQuery[Kind], since: FromQuery[datetime | None] = None) -> str:
    return f"{kind} {since}"


@post("/close", **public)
async def close() -> None: ...


async def _span(
    held_from: Annotated[date | None, QueryParameter(name="from")] = None,
    in_state: Annotated[Kind | None, QueryParameter(name="state")] = None,
) -> str:
    return f"{held_from} {in_state}"


@get("/spans/{word:str}", dependencies={"span": Provide(_span)}, **public)
async def spans(
    span: NamedDependency[str],
    word: FromPath[str],
    held_to: Annotated[date | None, QueryParameter(name="to")] = None,
    in_header: Annotated[Kind | None, HeaderParameter(name="X-Kind")] = None,
    tags: FromQuery[list[str] | None] = None,
) -> str:
    return f"{span} {held_to} {in_header} {word} {tags}"


APP = app_of(apply, search, close, spans)
GOOD = {
    "title": "年會",
    "kind": "group",
    "courses": [{"starts_at": "2016-07-07T09:00:00+08:00", "points": "58.80"}],
}


async def refused(method: str, path: str, **options: Any) -> tuple[int, dict[str, Any]]:
    async with client_of(APP) as client:
        answer = await client.request(method, path, **options)
    assert answer.headers["content-type"] == "application/problem+json"
    problem: dict[str, Any] = answer.json()
    return answer.status_code, problem


@pytest.mark.parametrize(
    ("address", "headers", "path", "slug"),
    [
        ("/spans/a?from=foo", {}, "query.from", "wrong-format"),
        ("/spans/a?to=foo", {}, "query.to", "wrong-format"),
        ("/spans/a?state=zzz", {}, "query.state", "unknown-value"),
        ("/spans/a", {"X-Kind": "zzz"}, "header.X-Kind", "unknown-value"),
        ("/spans/a?from=0001-01-01", {}, "query.from", "out-of-range"),
        ("/spans/a?to=9999-12-31", {}, "query.to", "out-of-range"),
        ("/search?kind=group&since=0001-01-01T00:00:00%2B14:00", {}, "query.since", "out-of-range"),
        ("/search?kind=group&since=9999-12-31T23:59:59-14:00", {}, "query.since", "out-of-range"),
        ("/search?kind=group&since=-9999999999", {}, "query.since", "out-of-range"),
        ("/spans/a?tags=x&tags=a%00b", {}, "query.tags", "bad-character"),
        ("/spans/a?tags=a%E2%80%AEb", {}, "query.tags", "bad-character"),
        ("/spans/a?tags=a%0Ab", {}, "query.tags", "bad-character"),
        ("/spans/a?tags=%E2%80%8B%20", {}, "query.tags", "bad-character"),
        ("/spans/a%00b", {}, "path.word", "bad-character"),
    ],
)
async def test_what_is_wrong_is_called_as_the_client_called_it(
    address: str, headers: dict[str, str], path: str, slug: str
) -> None:
    status, problem = await refused("GET", address, headers=headers)
    assert (status, problem["type"]) == (422, "/problems/validation-failed")
    assert [(error["path"], error["slug"]) for error in problem["errors"]] == [(path, slug)]


async def test_a_value_that_is_not_allowed_is_answered_with_those_that_are() -> None:
    _, in_query = await refused("GET", "/spans/a?state=zzz")
    _, in_body = await refused("POST", "/applications", json=GOOD | {"kind": "zzz"})
    for problem in (in_query, in_body):
        assert problem["errors"][0]["message"] == (
            "'zzz' 不是允許的值,可用:group / 'zzz' is not one of the allowed values: group"
        )


async def test_a_parameter_given_twice_is_400_unless_it_is_a_list() -> None:
    status, problem = await refused("GET", "/spans/a?from=2026-01-01&from=2026-01-02")
    assert (status, problem["type"], problem["errors"][0]["path"]) == (
        400,
        "/problems/repeated-parameter",
        "query.from",
    )
    async with client_of(APP) as client:
        assert (await client.get("/spans/a?tags=x&tags=y&from=1900-01-01&to=2200-12-31")).status_code == 200


@pytest.mark.parametrize("title", ["a\0b", "a\x1bb", "a\u202eb", "a\u2066b", "\u200b", " \ufeff\u3164 "])
async def test_a_text_that_cannot_be_stored_or_read_is_422_with_its_path(title: str) -> None:
    status, problem = await refused("POST", "/applications", json=GOOD | {"title": title})
    assert (status, problem["type"]) == (422, "/problems/validation-failed")
    assert [(error["path"], error["slug"]) for error in problem["errors"]] == [("body.title", "bad-character")]


@pytest.mark.parametrize("title", ["第一行\n\t第二行\r\n", "👩\u200d⚕️", "葛\U000e0100", ""])
async def test_lines_and_joined_characters_are_good_text(title: str) -> None:
    async with client_of(APP) as client:
        assert (await client.post("/applications", json=GOOD | {"title": title})).status_code == 201


@pytest.mark.parametrize("at", ["0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00", "1899-12-31T00:00:00Z"])
async def test_a_time_out_of_all_reason_is_422_with_its_path(at: str) -> None:
    courses = [{"starts_at": at, "points": "1"}]
    status, problem = await refused("POST", "/applications", json=GOOD | {"courses": courses})
    assert status == 422
    assert [(e["path"], e["slug"]) for e in problem["errors"]] == [("body.courses[0].starts_at", "out-of-range")]


@pytest.mark.parametrize("body", [b'{"a":1,"a":2}', b'{"x":[{"b" : 1,"b" : 1e9}]}'])
async def test_a_key_that_is_there_twice_is_400(body: bytes) -> None:
    @post("/any", **public)
    async def anything(data: JSONBody[dict[str, Any]]) -> None: ...

    async with client_of(app_of(anything)) as client:
        answer = await client.post("/any", content=body, headers={"Content-Type": "application/json"})
        assert (answer.status_code, answer.json()["type"]) == (400, "/problems/malformed-json")
        assert "appears twice" in answer.json()["detail"]
        assert (await client.post("/any", json={"a": {"a": 1}, "b": [{"a": 1}, {"a": 2}]})).status_code == 201


async def test_head_is_answered_as_get_without_its_body() -> None:
    async with client_of(APP) as client:
        got, head = await client.get("/spans/a"), await client.head("/spans/a")
        assert (head.status_code, head.content) == (200, b"")
        assert got.headers["content-length"] == head.headers["content-length"]
        refused = await client.head("/spans/a?from=foo")
        assert (refused.status_code, refused.content) == (422, b"")
        elsewhere = await client.head("/close")
        assert (elsewhere.status_code, set(elsewhere.headers["allow"].split(", "))) == (405, {"OPTIONS", "POST"})
