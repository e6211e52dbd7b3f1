"""Health routes, and what the outermost layer adds to every request: an id, a span, a line."""

from __future__ import annotations

import asyncio
import time
from typing import Any

import msgspec
import pytest
import structlog
from litestar import get
from litestar.params import FromPath
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.trace import SpanKind, StatusCode
from tests.support.http import app_of, client_of

from cec_chassis.http import HttpRequest, public
from cec_chassis.http import health as health_module
from cec_chassis.telemetry import configure_telemetry, current_traceparent


@get("/items/{item:int}", **public)
async def read_item(request: HttpRequest, item: FromPath[int]) -> dict[str, Any]:
    context = request.command_context()
    return {
        "traceparent": current_traceparent(),
        "context": context.traceparent,
        "tracestate": context.tracestate,
        "request_id": context.request_id,
        "correlation_id": context.correlation_id,
        "bound": structlog.contextvars.get_contextvars(),
    }


@get("/bug", **public)
async def bug() -> None:
    raise RuntimeError


@pytest.fixture(scope="module")
def spans() -> InMemorySpanExporter:
    seen = InMemorySpanExporter()
    configure_telemetry("example", "test", span_processors=[SimpleSpanProcessor(seen)])
    return seen


async def test_a_service_is_alive_and_tells_its_version_while_everything_else_is_away() -> None:
    async with client_of(app_of()) as client:
        assert (await client.get("/health/live")).json() == {"status": "alive"}
        assert (await client.get("/health/version")).json() == {
            "service": "example",
            "version": "0.1.0",
            "revision": "",
        }


async def test_ready_names_the_dependencies_that_are_missing() -> None:
    async def answers() -> None: ...

    async with client_of(app_of(readiness={"archive": answers})) as client:
        answer = await client.get("/health/ready")
    assert (answer.status_code, answer.headers["content-type"]) == (503, "application/problem+json")
    assert answer.json()["type"] == "/problems/not-ready"
    paths = [error["path"] for error in answer.json()["errors"]]
    assert paths == ["dependencies.database", "dependencies.signing_keys"]


async def test_a_dependency_that_takes_too_long_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(health_module, "CHECK_SECONDS", 0.05)

    async def hangs() -> None:
        await asyncio.sleep(30)

    async def answers() -> None: ...

    started = time.monotonic()
    missing = await health_module.missing_dependencies({"slow": hangs, "slower": hangs, "quick": answers})
    assert missing == ["slow", "slower"]
    assert time.monotonic() - started < 5


async def test_the_span_of_a_request_continues_the_callers_trace(spans: InMemorySpanExporter) -> None:
    spans.clear()
    headers = {"traceparent": "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01", "tracestate": "gov=1"}
    async with client_of(app_of(read_item)) as client:
        inside = (await client.get("/items/17", headers=headers)).json()
    (span,) = spans.get_finished_spans()
    assert span.name == "GET /items/{item}"
    assert span.kind is SpanKind.SERVER
    assert span.parent is not None
    assert f"{span.parent.span_id:016x}" == "b7ad6b7169203331"
    assert span.attributes is not None
    assert span.attributes["http.response.status_code"] == 200
    assert inside["traceparent"].split("-")[1] == "0af7651916cd43dd8448eb211c80319c"
    assert inside["context"] == inside["traceparent"]
    assert inside["tracestate"] == "gov=1"


async def test_without_a_callers_trace_there_is_a_new_one_each_time(spans: InMemorySpanExporter) -> None:
    async with client_of(app_of(read_item)) as client:
        traces = {(await client.get("/items/1")).json()["traceparent"].split("-")[1] for _ in range(3)}
    assert len(traces) == 3


async def test_a_fault_of_ours_makes_the_span_an_error(spans: InMemorySpanExporter) -> None:
    spans.clear()
    async with client_of(app_of(bug)) as client:
        await client.get("/bug")
    (span,) = spans.get_finished_spans()
    assert span.status.status_code is StatusCode.ERROR


async def test_the_request_id_is_bound_to_the_log_during_the_request_and_not_after() -> None:
    async with client_of(app_of(read_item)) as client:
        inside = (await client.get("/items/1", headers={"X-Request-Id": "gateway-0001"})).json()
    assert inside["bound"] == {"request_id": "gateway-0001"}
    assert "request_id" not in structlog.contextvars.get_contextvars()


async def test_the_correlation_id_is_the_callers_or_the_request_id() -> None:
    given = "0198f3a1-7c4e-7b12-9a55-0123456789ab"
    async with client_of(app_of(read_item)) as client:
        theirs = await client.get("/items/1", headers={"X-Correlation-Id": given})
        ours = await client.get("/items/1", headers={"X-Request-Id": "0af7651916cd43dd8448eb211c80319c"})
        none = await client.get("/items/1", headers={"X-Correlation-Id": "x", "X-Request-Id": "gateway-0001"})
    assert theirs.json()["correlation_id"] == given
    assert ours.json()["correlation_id"] == "0af76519-16cd-43dd-8448-eb211c80319c"
    assert none.json()["correlation_id"] not in {None, given}


async def test_refusals_get_a_line_and_health_checks_do_not(capsys: pytest.CaptureFixture[str]) -> None:
    configure_telemetry("example", "test")
    async with client_of(app_of(read_item)) as client:
        capsys.readouterr()
        await client.get("/items/1")
        await client.get("/nowhere?secret=A123456789")
        await client.get("/health/live")
        await client.get("/health/ready")
    written = capsys.readouterr().err
    lines = [msgspec.json.decode(line) for line in written.splitlines()]
    requests = [line for line in lines if line["event"] == "request"]
    assert [(line["level"], line["status"], line["path"]) for line in requests] == [("info", 404, "/nowhere")]
    assert requests[0]["request_id"]
    assert "A123456789" not in written
