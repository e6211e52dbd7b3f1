"""The outermost layer of a service: request id, server span and one line of log, around everything including 404.

Pure ASGI and hand-made, because it is paid for by every request: a statement read must stay near the bare framework.

HEAD is answered here as GET would be, without the body (RFC 9110 section 9.3.2): routes, guards and looks are those of GET.
"""

from __future__ import annotations

import logging
import re
import time
from typing import Any, cast

import structlog
from litestar.enums import ScopeType
from litestar.types import ASGIApp, HTTPScope, Message, Receive, Scope, Send
from opentelemetry import context as otel_context
from opentelemetry import trace
from opentelemetry.trace import NonRecordingSpan, Span, SpanKind, Status, StatusCode

from cec_chassis.http.unread import IncomingBody
from cec_chassis.ids import new_id
from cec_chassis.telemetry import span_context_of, tracer

log = structlog.get_logger(__name__)
_logger = logging.getLogger(__name__)

REQUEST_ID_HEADER = b"x-request-id"
SLOW_SECONDS = 1.0
"""An answer that took longer is worth a line even when it was a good one."""

_ACCEPTABLE_ID = re.compile(rb"[A-Za-z0-9._-]{8,64}")
_QUIET = ("/health/", "/openapi.json")
_EMPTY = otel_context.Context()


class Edge:
    """Wraps the application. A request id that the gateway sent is kept; otherwise a new one is made."""

    __slots__ = ("_app",)

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request from beginning to end."""
        if scope["type"] != ScopeType.HTTP:
            await self._app(scope, receive, send)
        else:
            await self._handle(scope, receive, send)

    async def _handle(self, scope: HTTPScope, receive: Receive, send: Send) -> None:
        incoming, traceparent, tracestate, has_body = _read_headers(scope["headers"])
        request_id = incoming if incoming and _ACCEPTABLE_ID.fullmatch(incoming) else str(new_id()).encode()
        scope["state"]["request_id"] = request_id.decode()

        head = scope["method"] == "HEAD"
        if head:  # a copy: the server goes by its own, and must know that no body follows
            scope = cast("HTTPScope", {**scope, "method": "GET"})
        span, attached = _open_span(scope, traceparent, tracestate)
        bound = structlog.contextvars.bind_contextvars(request_id=request_id.decode())
        body = IncomingBody(receive) if has_body else None
        started = time.perf_counter()
        status = 500

        async def send_with_id(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                message["headers"] = [*message["headers"], (REQUEST_ID_HEADER, request_id)]
                if body is not None and not body.ended:
                    await body.drain()
            elif head and message["type"] == "http.response.body":
                message["body"] = b""
            await send(message)

        try:
            await self._app(scope, body.receive if body is not None else receive, send_with_id)
        except Exception:
            # Too late for a problem document: the answer was under way. The server cuts the connection.
            log.exception("answer_broken_off", method=scope["method"], path=scope["path"], status=status)
            raise
        finally:
            _write_line(scope, status, time.perf_counter() - started)
            _close_span(span, scope, status)
            structlog.contextvars.reset_contextvars(**bound)
            otel_context.detach(attached)


def _read_headers(headers: Any) -> tuple[bytes | None, str | None, str | None, bool]:
    """Request id, traceparent, tracestate and whether a body follows, in one pass."""
    request_id = traceparent = tracestate = None
    has_body = False
    for name, value in headers:
        if name == REQUEST_ID_HEADER:
            request_id = value
        elif name == b"traceparent":
            traceparent = value.decode("latin-1")
        elif name == b"tracestate":
            tracestate = value.decode("latin-1")
        elif name == b"transfer-encoding" or (name == b"content-length" and value != b"0"):
            has_body = True
    return request_id, traceparent, tracestate, has_body


def _open_span(scope: HTTPScope, traceparent: str | None, tracestate: str | None) -> tuple[Span, Any]:
    parent = span_context_of(traceparent, tracestate)
    base = trace.set_span_in_context(NonRecordingSpan(parent), _EMPTY) if parent else _EMPTY
    span = tracer().start_span(scope["method"], context=base, kind=SpanKind.SERVER)
    return span, otel_context.attach(trace.set_span_in_context(span, base))


def _close_span(span: Span, scope: HTTPScope, status: int) -> None:
    if span.is_recording():
        # The template, not the path: a path has ids in it, and every one would be a span name of its own.
        route = scope.get("path_template") or "unrouted"
        span.update_name(f"{scope['method']} {route}")
        span.set_attributes(
            {
                "http.request.method": scope["method"],
                "http.route": route,
                "http.response.status_code": status,
                "cec.request_id": scope["state"]["request_id"],
            }
        )
        if status >= 500:
            span.set_status(Status(StatusCode.ERROR))
    span.end()


def _write_line(scope: HTTPScope, status: int, seconds: float) -> None:
    """Good and quick answers are told at debug; refusals and slow ones at info; faults of ours as warnings."""
    if scope["path"].startswith(_QUIET):
        return
    if status >= 500:
        write = log.warning
    elif status >= 400 or seconds >= SLOW_SECONDS:
        write = log.info
    elif _logger.isEnabledFor(logging.DEBUG):
        write = log.debug
    else:
        return
    user = scope.get("user")
    write(
        "request",
        method=scope["method"],
        path=scope["path"],
        route=scope.get("path_template"),
        status=status,
        milliseconds=round(seconds * 1000, 1),
        **({"account_id": str(user.account_id)} if user else {}),
    )
