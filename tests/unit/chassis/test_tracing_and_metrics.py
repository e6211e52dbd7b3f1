"""Spans over the bus are children of what was stored, never of what happens to be current; gauges tell their value."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import AbstractContextManager

import pytest
from opentelemetry import trace
from opentelemetry.sdk.metrics.export import InMemoryMetricReader
from opentelemetry.sdk.trace import ReadableSpan
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.trace import SpanKind

from cec_chassis.telemetry import (
    Gauges,
    Reading,
    StoredTrace,
    configure_telemetry,
    current_trace,
    current_traceparent,
    internal_span,
    producer_span,
    span_context_of,
    start_consumer_span,
)

STORED = StoredTrace("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01", "gov=1")


@pytest.fixture(scope="module")
def exporter() -> InMemorySpanExporter:
    seen = InMemorySpanExporter()
    configure_telemetry("example", "test", span_processors=[SimpleSpanProcessor(seen)])
    return seen


@pytest.fixture(autouse=True)
def forget(exporter: InMemorySpanExporter) -> None:
    exporter.clear()


def only(exporter: InMemorySpanExporter) -> ReadableSpan:
    (span,) = exporter.get_finished_spans()
    return span


def test_a_consumer_continues_the_stored_story_and_links_to_it(exporter: InMemorySpanExporter) -> None:
    with start_consumer_span("process", STORED, attributes={"messaging.message.id": "1"}):
        here = current_trace()
    span = only(exporter)
    assert span.kind is SpanKind.CONSUMER
    assert span.context is not None
    assert f"{span.context.trace_id:032x}" == "0af7651916cd43dd8448eb211c80319c"
    assert span.parent is not None
    assert f"{span.parent.span_id:016x}" == "b7ad6b7169203331"
    assert [f"{link.context.span_id:016x}" for link in span.links] == ["b7ad6b7169203331"]
    assert here is not None
    assert here.traceparent.startswith("00-0af7651916cd43dd8448eb211c80319c-")
    assert here.tracestate == "gov=1"


def test_a_batch_has_a_trace_of_its_own_and_links_to_every_story(exporter: InMemorySpanExporter) -> None:
    with start_consumer_span("batch", links=[STORED, StoredTrace("not a traceparent"), STORED]):
        pass
    span = only(exporter)
    assert span.parent is None
    assert span.context is not None
    assert f"{span.context.trace_id:032x}" != "0af7651916cd43dd8448eb211c80319c"
    assert len(span.links) == 2


async def test_a_span_never_hangs_on_whatever_was_current_where_the_task_was_made(
    exporter: InMemorySpanExporter,
) -> None:
    async def reader() -> str | None:
        with start_consumer_span("process", STORED):
            return current_traceparent()

    with internal_span("whoever opened the connection"):
        task = asyncio.create_task(reader())
    found = await task
    assert found is not None
    assert found.split("-")[1] == "0af7651916cd43dd8448eb211c80319c"


def test_the_relay_sends_from_a_trace_of_its_own(exporter: InMemorySpanExporter) -> None:
    with producer_span("send", [STORED]):
        pass
    span = only(exporter)
    assert (span.kind, span.parent, len(span.links)) == (SpanKind.PRODUCER, None, 1)


def test_a_failure_is_told_by_the_span_and_goes_on(exporter: InMemorySpanExporter) -> None:
    def fail() -> None:
        with start_consumer_span("process", STORED):
            raise LookupError("nothing")

    with pytest.raises(LookupError):
        fail()
    span = only(exporter)
    assert span.status.description == "LookupError"
    assert [event.name for event in span.events] == ["exception"]
    assert not trace.get_current_span().get_span_context().is_valid


def a_consumer(name: str) -> AbstractContextManager[trace.Span]:
    return start_consumer_span(name, STORED)


@pytest.mark.parametrize("span_of", [a_consumer, producer_span, internal_span])
def test_a_span_that_fails_tells_no_number_token_or_password(
    exporter: InMemorySpanExporter, span_of: Callable[[str], AbstractContextManager[trace.Span]]
) -> None:
    def fail() -> None:
        try:
            int("A123456789")
        except ValueError as cause:
            text = "ab23456789 at postgresql://cec:secret@host, bearer eyJhbGciOiJFZERTQSJ9.e30.x"
            raise RuntimeError(text) from cause

    with pytest.raises(RuntimeError), span_of("step"):
        fail()
    (event,) = only(exporter).events
    told = dict(event.attributes or {})
    assert told["exception.type"] == "RuntimeError"
    assert told["exception.message"] == "a********* at postgresql://cec:***@host, bearer [token]"
    # What was behind it is told as well.
    assert "invalid literal for int() with base 10: 'A*********'" in str(told["exception.stacktrace"])
    exported = only(exporter).to_json()
    assert not any(secret in exported for secret in ("A123456789", "ab23456789", "secret", "eyJ"))


@pytest.mark.parametrize(
    "text",
    [
        None,
        "",
        "00-zz-b7ad6b7169203331-01",
        "00-00000000000000000000000000000000-b7ad6b7169203331-01",
        "ff-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
        "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331",
    ],
)
def test_a_broken_traceparent_is_no_context(text: str | None) -> None:
    assert span_context_of(text) is None


def test_outside_of_every_span_there_is_no_trace() -> None:
    assert current_trace() is None
    assert current_traceparent() is None


def test_gauges_tell_their_value_now_and_to_the_exporter() -> None:
    from opentelemetry.sdk.metrics import MeterProvider

    gauges = Gauges()
    backlog = gauges.last_value("cec.test.backlog", unit="{event}", description="…")
    backlog.set(3, queue="credits")
    backlog.set(5, queue="credits")
    backlog.set(1, queue="reporting")
    gauges.register("cec.test.age", lambda: [Reading(2.5)], unit="s", description="…")
    assert gauges.snapshot() == {
        "cec.test.backlog": [Reading(5, {"queue": "credits"}), Reading(1, {"queue": "reporting"})],
        "cec.test.age": [Reading(2.5)],
    }
    backlog.clear()
    assert gauges.snapshot()["cec.test.backlog"] == []
    assert isinstance(MeterProvider([InMemoryMetricReader()]), MeterProvider)


def test_one_failing_gauge_does_not_silence_the_others() -> None:
    gauges = Gauges()

    def broken() -> list[Reading]:
        raise RuntimeError("no")

    gauges.register("cec.test.broken", broken, unit="1", description="…")
    assert list(gauges._callback("cec.test.broken")(None)) == []  # type: ignore[arg-type]
