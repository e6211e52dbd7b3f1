"""Traces: one story from the HTTP request over outbox and bus into another service.

Nothing is instrumented by itself. The HTTP edge opens a server span; the relay opens a producer span *linked* to the
trace that is stored in the outbox row and passes on the *stored* context, not its own; a consumer opens a consumer
span from what came with the message. Tasks that a connection's reader creates inherit whatever was current when it was
opened, so every span here says explicitly whose child it is.
"""

from __future__ import annotations

import re
import traceback
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import NamedTuple

from opentelemetry import context as otel_context
from opentelemetry import trace
from opentelemetry.trace import Link, NonRecordingSpan, Span, SpanContext, SpanKind, Status, StatusCode, TraceFlags
from opentelemetry.trace.span import TraceState
from opentelemetry.util.types import AttributeValue

from cec_chassis.telemetry.masking import masked

_TRACEPARENT = re.compile(r"[0-9a-f]{2}-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})(-.*)?")
_KNOWN_FLAGS = TraceFlags.SAMPLED | TraceFlags.RANDOM_TRACE_ID
# Made before the provider exists; it speaks to the real one from the moment there is one.
_tracer = trace.get_tracer("cec_chassis")


class StoredTrace(NamedTuple):
    """A place in a trace as it travels: in an outbox row, in a message, in an HTTP header (W3C Trace Context)."""

    traceparent: str
    tracestate: str | None = None


def tracer() -> trace.Tracer:
    """The tracer of this process; does nothing useful before :func:`cec_chassis.telemetry.configure_telemetry`."""
    return _tracer


def current_trace() -> StoredTrace | None:
    """Where we are now, to be stored with what happens here; None outside of every span."""
    context = trace.get_current_span().get_span_context()
    if not context.is_valid:
        return None
    traceparent = f"00-{context.trace_id:032x}-{context.span_id:016x}-{int(context.trace_flags):02x}"
    return StoredTrace(traceparent, context.trace_state.to_header() or None)


def current_traceparent() -> str | None:
    """The `traceparent` of :func:`current_trace`."""
    here = current_trace()
    return here.traceparent if here else None


def span_context_of(traceparent: str | None, tracestate: str | None = None) -> SpanContext | None:
    """The remote span that a `traceparent` names; None when there is none or it is not well-formed."""
    if not traceparent:
        return None
    found = _TRACEPARENT.fullmatch(traceparent)
    if found is None or traceparent.startswith("ff"):
        return None
    context = SpanContext(
        trace_id=int(found[1], 16),
        span_id=int(found[2], 16),
        is_remote=True,
        trace_flags=TraceFlags(int(found[3], 16) & _KNOWN_FLAGS),
        trace_state=TraceState.from_header([tracestate]) if tracestate else None,
    )
    return context if context.is_valid else None


@contextmanager
def producer_span(
    name: str,
    stored: Iterable[StoredTrace] = (),
    *,
    attributes: Mapping[str, AttributeValue] | None = None,
) -> Iterator[Span]:
    """A span of the relay, in a trace of its own, linked to the stories whose news it sends."""
    with _span(name, SpanKind.PRODUCER, None, stored, attributes) as span:
        yield span


@contextmanager
def start_consumer_span(
    name: str,
    stored: StoredTrace | None = None,
    *,
    links: Iterable[StoredTrace] = (),
    attributes: Mapping[str, AttributeValue] | None = None,
) -> Iterator[Span]:
    """A span of a consumer; current inside the block.

    With `stored` the span continues that story (same trace id, and a link to the span that published), which is right
    for one message. A batch belongs to many stories: leave `stored` out, give them as `links`, and the batch gets a
    trace of its own.
    """
    linked = [*links] if stored is None else [stored, *links]
    with _span(name, SpanKind.CONSUMER, stored, linked, attributes) as span:
        yield span


@contextmanager
def internal_span(name: str, *, attributes: Mapping[str, AttributeValue] | None = None) -> Iterator[Span]:
    """A step inside what is going on now: a recalculation, an export."""
    with (
        _tracer.start_as_current_span(
            name, attributes=attributes, record_exception=False, set_status_on_exception=False
        ) as span,
        _telling_failures(span),
    ):
        yield span


@contextmanager
def _span(
    name: str,
    kind: SpanKind,
    parent: StoredTrace | None,
    linked: Iterable[StoredTrace],
    attributes: Mapping[str, AttributeValue] | None,
) -> Iterator[Span]:
    links = [Link(context) for stored in linked if (context := span_context_of(*stored)) is not None]
    parent_context = span_context_of(*parent) if parent else None
    # An empty context, never the ambient one: a reader task carries the context of whoever opened the connection.
    base = otel_context.Context()
    if parent_context is not None:
        base = trace.set_span_in_context(NonRecordingSpan(parent_context), base)
    span = _tracer.start_span(name, context=base, kind=kind, attributes=attributes, links=links)
    token = otel_context.attach(trace.set_span_in_context(span, base))
    try:
        with _telling_failures(span):
            yield span
    finally:
        otel_context.detach(token)
        span.end()


@contextmanager
def _telling_failures(span: Span) -> Iterator[None]:
    """A span leaves the system as a log line does: texts of errors, which quote what somebody typed, are masked."""
    try:
        yield
    except Exception as error:
        told = {
            "exception.message": masked(str(error)),
            "exception.stacktrace": masked("".join(traceback.format_exception(error))),
        }
        span.record_exception(error, attributes=told)
        span.set_status(Status(StatusCode.ERROR, type(error).__name__))
        raise
