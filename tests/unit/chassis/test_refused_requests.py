"""Bad input, one kind after another: problem+json with a stable slug and the path of what is wrong."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from enum import Enum
from typing import Annotated, Any
from uuid import UUID

import msgspec
import pytest
from litestar import get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery, HeaderParameter, JSONBody
from tests.support.http import app_of, client_of

from cec_chassis.http import HttpRequest, Paging, Request, expect_media_type, public
from cec_chassis.ids import new_id
from cec_chassis.problems import FieldError, Refusal


class RosterIsClosed(Refusal):
    slug = "roster-is-closed"
    status = 409
    title = "名冊已截止 / The roster is closed"


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


@post("/csv", **public)
async def upload(request: HttpRequest) -> str:
    expect_media_type(request, "text/csv")
    return (await request.body()).decode()


@get("/search", **public)
async def search(
    paging: NamedDependency[Paging], kind: FromQuery[Kind], since: FromQuery[datetime | None] = None
) -> str:
    return f"{paging.offset} {kind} {since}"


@get("/header", **public)
async def needs_header(token: Annotated[str, HeaderParameter(name="X-Challenge")]) -> str:
    return token


@get("/things/{thing_id:uuid}", **public)
async def thing(thing_id: FromPath[UUID]) -> str:
    return str(thing_id)


@post("/close", **public)
async def close() -> None:
    raise RosterIsClosed(
        "已於 2016-07-07 截止",
        errors=[FieldError("rows[17].national_id", "wrong-checksum", "檢查碼不符")],
        headers={"Retry-After": "30"},
    )


@get("/bug", **public)
async def bug() -> None:
    raise RuntimeError("secret A123456789 of the inside")


APP = app_of(apply, upload, search, needs_header, thing, close, bug)
GOOD = {
    "title": "年會",
    "kind": "group",
    "courses": [{"starts_at": "2016-07-07T09:00:00+08:00", "points": "58.80"}],
}


async def ask(method: str, path: str, **options: Any) -> tuple[int, dict[str, Any]]:
    async with client_of(APP) as client:
        answer = await client.request(method, path, **options)
    assert answer.headers["content-type"] == "application/problem+json"
    problem: dict[str, Any] = answer.json()
    assert problem["status"] == answer.status_code
    assert problem["request_id"] == answer.headers["x-request-id"]
    assert problem["type"].startswith("/problems/")
    assert " / " in problem["title"]
    return answer.status_code, problem


async def test_good_input_is_taken_and_decimals_keep_their_digits() -> None:
    async with client_of(APP) as client:
        answer = await client.post("/applications", json=GOOD)
    assert answer.status_code == 201
    assert answer.json()["courses"][0]["points"] == "58.80"


@pytest.mark.parametrize(
    ("changes", "path", "slug"),
    [
        ({"title": 5}, "body.title", "wrong-type"),
        ({"seats": 5}, "body.seats", "unknown-field"),
        ({"kind": "solo"}, "body.kind", "unknown-value"),
        ({"courses": [GOOD["courses"][0], {"points": "1"}]}, "body.courses[1].starts_at", "missing-field"),
        (
            {"courses": [{"starts_at": "2016-07-07T09:00:00", "points": "1"}]},
            "body.courses[0].starts_at",
            "wrong-format",
        ),
        (
            {"courses": [{"starts_at": "2016-07-07T09:00:00Z", "points": "NaN"}]},
            "body.courses[0].points",
            "out-of-range",
        ),
    ],
)
async def test_a_wrong_body_is_422_with_the_path(changes: dict[str, Any], path: str, slug: str) -> None:
    status, problem = await ask("POST", "/applications", json={**GOOD, **changes})
    assert (status, problem["type"]) == (422, "/problems/validation-failed")
    assert [(error["path"], error["slug"]) for error in problem["errors"]] == [(path, slug)]


async def test_a_missing_body_is_422() -> None:
    status, problem = await ask("POST", "/applications", headers={"Content-Type": "application/json"})
    assert (status, problem["errors"][0]["path"], problem["errors"][0]["slug"]) == (422, "body", "missing-field")


@pytest.mark.parametrize("body", [b"{", b"{'a':1}", b'{"a":1}}', b"\xa4\xa4\xa4\xe5", b'[{"a":' * 5000])
async def test_what_is_no_json_is_400(body: bytes) -> None:
    options = {"content": body, "headers": {"Content-Type": "application/json"}}
    if body.startswith(b"[{"):
        options["content"] = body.replace(b'"a"', b'"title"')
    status, problem = await ask("POST", "/applications", **options)
    assert (status, problem["type"].rsplit("/", 1)[1]) in {(400, "malformed-json"), (422, "validation-failed")}


async def test_endless_nesting_is_400_and_not_a_crash() -> None:
    @post("/any", **public)
    async def anything(data: JSONBody[dict[str, Any]]) -> None: ...

    async with client_of(app_of(anything)) as client:
        answer = await client.post("/any", content=b'{"a":' * 100_000, headers={"Content-Type": "application/json"})
    assert (answer.status_code, answer.json()["type"]) == (400, "/problems/malformed-json")


@pytest.mark.parametrize("kind", ["text/plain", "application/x-www-form-urlencoded", "text/json", ""])
async def test_a_body_of_another_kind_is_415(kind: str) -> None:
    status, problem = await ask("POST", "/applications", content=b"{}", headers={"Content-Type": kind})
    assert (status, problem["type"]) == (415, "/problems/unsupported-media-type")


async def test_a_raw_body_says_which_kind_it_wants() -> None:
    async with client_of(APP) as client:
        answer = await client.post("/csv", content=b"a,b", headers={"Content-Type": "application/json"})
        taken = await client.post("/csv", content=b"a,b", headers={"Content-Type": "text/csv; charset=big5"})
    assert (answer.status_code, answer.headers["accept"]) == (415, "text/csv")
    assert (taken.status_code, taken.text) == (201, "a,b")


async def test_twenty_megabytes_are_413() -> None:
    status, problem = await ask(
        "POST", "/applications", content=b" " * 20_000_000, headers={"Content-Type": "application/json"}
    )
    assert (status, problem["type"]) == (413, "/problems/body-too-large")


async def test_twenty_megabytes_without_a_length_are_413() -> None:
    async def drip() -> Any:
        for _ in range(20):
            yield b" " * 1_000_000

    status, problem = await ask("POST", "/applications", content=drip(), headers={"Content-Type": "application/json"})
    assert (status, problem["type"]) == (413, "/problems/body-too-large")


@pytest.mark.parametrize(
    ("query", "path", "slug"),
    [
        ("", "query.kind", "missing-field"),
        ("kind=solo", "query.kind", "unknown-value"),
        ("kind=group&page=0", "query.page", "out-of-range"),
        ("kind=group&page=x", "query.page", "wrong-type"),
        ("kind=group&page_size=100000", "query.page_size", "out-of-range"),
        ("kind=group&since=yesterday", "query.since", "wrong-format"),
    ],
)
async def test_a_wrong_parameter_is_422_with_its_name(query: str, path: str, slug: str) -> None:
    status, problem = await ask("GET", f"/search?{query}")
    assert (status, problem["type"]) == (422, "/problems/validation-failed")
    assert [(error["path"], error["slug"]) for error in problem["errors"]] == [(path, slug)]


@pytest.mark.parametrize("address", ["/search?kind=group&kindd=x", "/things/no-uuid?x=1", "/health/live?deep=1"])
async def test_an_unknown_parameter_is_400_and_named_with_the_known_ones(address: str) -> None:
    status, problem = await ask("GET", address.replace("no-uuid", str(new_id())))
    assert (status, problem["type"]) == (400, "/problems/unknown-parameter")
    (error,) = problem["errors"]
    name = address.rpartition("&")[2].rpartition("?")[2].partition("=")[0]
    assert (error["path"], error["slug"]) == (f"query.{name}", "unknown-parameter")
    if address.startswith("/search"):
        assert "known are kind, page, page_size, since" in error["message"]
    else:
        assert "takes no parameters" in error["message"]


@pytest.mark.parametrize(
    ("prefix", "instance"),
    [
        ("/api/v1/probe", "/api/v1/probe/close"),
        ("", "/close"),
        ("https://elsewhere.example", "/close"),
        ("//elsewhere.example", "/close"),
        ("/api/<script>", "/close"),
    ],
)
async def test_the_instance_is_what_the_client_called(prefix: str, instance: str) -> None:
    _, problem = await ask("POST", "/close", headers={"X-Forwarded-Prefix": prefix})
    assert problem["instance"] == instance


@pytest.mark.parametrize("wrong", [{"kind": "A123456789"}, {"A123456789": 1}])
async def test_what_is_quoted_of_the_request_has_no_national_id(wrong: dict[str, Any]) -> None:
    for path in ("/applications", "/nobody/A123456789"):
        _, problem = await ask("POST", path, json={**GOOD, **wrong})
        assert "A123456789" not in str(problem)
        assert "A*********" in str(problem)


async def test_a_missing_header_is_named() -> None:
    status, problem = await ask("GET", "/header")
    assert (status, problem["errors"][0]["path"]) == (422, "header.X-Challenge")


@pytest.mark.parametrize("path", ["/nowhere", "/things/17", "/things/"])
async def test_an_address_that_does_not_exist_is_404(path: str) -> None:
    status, problem = await ask("GET", path)
    assert (status, problem["type"]) == (404, "/problems/not-found")


async def test_a_wrong_method_is_405() -> None:
    status, problem = await ask("PUT", "/close")
    assert (status, problem["type"]) == (405, "/problems/method-not-allowed")


async def test_a_refusal_of_the_domain_arrives_whole() -> None:
    async with client_of(APP) as client:
        answer = await client.post("/close", headers={"X-Request-Id": "gateway-0001"})
    assert answer.status_code == 409
    assert answer.headers["retry-after"] == "30"
    assert answer.headers["cache-control"] == "no-store"
    assert answer.json() == {
        "type": "/problems/roster-is-closed",
        "title": "名冊已截止 / The roster is closed",
        "status": 409,
        "detail": "已於 2016-07-07 截止",
        "instance": "/close",
        "request_id": "gateway-0001",
        "errors": [{"path": "rows[17].national_id", "slug": "wrong-checksum", "message": "檢查碼不符"}],
    }


async def test_a_bug_is_500_and_says_nothing_of_itself() -> None:
    async with client_of(APP) as client:
        answer = await client.get("/bug")
    assert (answer.status_code, answer.json()["type"]) == (500, "/problems/internal-error")
    assert "secret" not in answer.text
    assert "RuntimeError" not in answer.text


async def test_a_dependency_that_is_away_is_503_and_worth_another_try() -> None:
    @get("/away", **public)
    async def away() -> None:
        raise ConnectionRefusedError("postgresql://cec:geheim@db")

    async with client_of(app_of(away)) as client:
        answer = await client.get("/away")
    assert (answer.status_code, answer.json()["type"]) == (503, "/problems/temporarily-unavailable")
    assert "retry-after" in answer.headers
    assert "geheim" not in answer.text


async def test_the_request_id_of_the_gateway_is_kept_and_nonsense_is_replaced() -> None:
    async with client_of(APP) as client:
        thing_path = f"/things/{new_id()}"
        kept = await client.get(thing_path, headers={"X-Request-Id": "0af7651916cd43dd8448eb211c80319c"})
        replaced = [
            (await client.get(thing_path, headers={"X-Request-Id": bad})).headers["x-request-id"]
            for bad in ("short", "x" * 65, "with space and more", "new\tline-0000")
        ]
    assert kept.headers["x-request-id"] == "0af7651916cd43dd8448eb211c80319c"
    assert all(UUID(made).version == 7 for made in replaced)
