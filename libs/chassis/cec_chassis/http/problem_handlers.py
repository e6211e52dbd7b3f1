"""Every way a request can fail, turned into one form: `application/problem+json` with a stable slug.

The framework's own exceptions are translated here and nowhere else. What nobody expected becomes a bare
`internal-error`: the text of an exception is for the log, which has it under the same request id.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import msgspec
import structlog
from litestar import Request, Response
from litestar.exceptions import HTTPException, ValidationException
from litestar.types import ExceptionHandlersMap

from cec_chassis.bus.faults import TRY_AGAIN_STATES, Fault, classify
from cec_chassis.http.forwarded import called_path
from cec_chassis.http.parameters import Parameter, parameters_of
from cec_chassis.http.validation import field_error
from cec_chassis.problems import (
    PROBLEM_JSON,
    BadRequest,
    BodyTooLarge,
    FieldError,
    Forbidden,
    InternalError,
    MethodNotAllowed,
    NotFound,
    Refusal,
    TemporarilyUnavailable,
    TooManyRequests,
    Unauthenticated,
    UnsupportedMediaType,
    ValidationFailed,
)
from cec_chassis.telemetry import masked

log = structlog.get_logger(__name__)

AnyRequest = Request[Any, Any, Any]

_BY_STATUS: Mapping[int, type[Refusal]] = {
    401: Unauthenticated,
    403: Forbidden,
    404: NotFound,
    405: MethodNotAllowed,
    413: BodyTooLarge,
    415: UnsupportedMediaType,
    429: TooManyRequests,
    503: TemporarilyUnavailable,
}
_MISSING = re.compile(r"Missing required (\w+) parameter '([^']+)'")


def answer(request: AnyRequest, refusal: Refusal) -> Response[bytes]:
    """The refusal as an HTTP answer. What it quotes of the request (a wrong value, a field's name, the path) is kept by
    clients and shown on screens, so a national ID in it is struck out as it is in the log."""
    problem = refusal.problem(
        instance=called_path(request.scope), request_id=str(request.scope["state"].get("request_id", ""))
    )
    return Response(
        masked(msgspec.json.encode(problem).decode()).encode(),
        status_code=refusal.status,
        headers={"Cache-Control": "no-store", **refusal.headers},
        media_type=PROBLEM_JSON,
    )


def on_refusal(request: AnyRequest, refusal: Refusal) -> Response[bytes]:
    """The domain said no, or the chassis did."""
    return answer(request, refusal)


def on_http_exception(request: AnyRequest, error: HTTPException) -> Response[bytes]:
    """The framework said no."""
    if error.status_code >= 500 and error.status_code != 503:
        log.error("framework_failed", detail=error.detail, path=request.scope["path"])
        return answer(request, InternalError())
    kind = _BY_STATUS.get(error.status_code)
    if kind is BodyTooLarge:
        return answer(request, BodyTooLarge(_most_taken(request), headers=error.headers))
    if kind is not None:
        return answer(request, kind(headers=error.headers))
    return answer(request, BadRequest(error.detail, headers=error.headers))


def on_validation_exception(request: AnyRequest, error: ValidationException) -> Response[bytes]:
    """Parameters or a form that the framework could not convert; `extra` has a line for each."""
    if missing := _MISSING.match(error.detail):
        lines = [
            FieldError(
                f"{missing[1]}.{missing[2]}", "missing-field", f"缺少參數 {missing[2]} / {missing[2]} is required"
            )
        ]
    else:
        named = parameters_of(request)
        lines = [_parameter_error(line, named) for line in error.extra] if isinstance(error.extra, list) else []
    return answer(request, ValidationFailed(errors=lines))


def on_unforeseen(request: AnyRequest, error: Exception) -> Response[bytes]:
    """Anything else: the database is away, a deadlock lost, text that PostgreSQL cannot store, or a fault of ours."""
    if classify(error) is Fault.INFRASTRUCTURE or _sqlstate(error) in TRY_AGAIN_STATES:
        log.warning("dependency_unavailable", error=type(error).__name__, path=request.scope["path"])
        return answer(request, TemporarilyUnavailable(headers={"Retry-After": "2"}))
    if _sqlstate(error) in _UNSTORABLE_TEXT:
        return answer(
            request, ValidationFailed("文字含有無法儲存的字元 / The text has a character that cannot be stored")
        )
    log.error("unforeseen", method=request.scope["method"], path=request.scope["path"], exc_info=error)
    return answer(request, InternalError())


_UNSTORABLE_TEXT = frozenset({"22021", "22P05"})
"""character not in repertoire, untranslatable character: a NUL inside a JSON string"""

HANDLERS: ExceptionHandlersMap = {
    Refusal: on_refusal,
    ValidationException: on_validation_exception,
    HTTPException: on_http_exception,
    Exception: on_unforeseen,
}


def _most_taken(request: AnyRequest) -> str:
    """How much the address that was called takes."""
    most = request.route_handler.resolve_request_max_body_size() or 0
    told = f"{most / 1_000_000:g} MB" if most >= 1_000_000 else f"{most:,} bytes"
    return f"此網址最多接受 {told} / At most {told} are taken here"


def _sqlstate(error: Exception) -> str:
    return getattr(getattr(error, "orig", error), "sqlstate", None) or ""


def _parameter_error(line: Any, named: Mapping[str, Parameter]) -> FieldError:
    """A line of Litestar's `extra`: message, key and source (body, query, path, header, cookie). The key is what the handler
    calls the value inside; the client is told the name under which it was sent."""
    message = str(line.get("message", ""))
    key = str(line.get("key", ""))
    source = str(getattr(line.get("source"), "value", line.get("source") or ""))
    if source == "body":
        if message in {"'data'", ""}:
            return FieldError("body", "missing-field", "缺少內容 / The body is missing")
        return field_error(message, "body" if key == "data" else f"body.{key}")
    parameter = named.get(key.partition(".")[0])
    if parameter is not None:
        return field_error(message, parameter.path, parameter.kind)
    return field_error(message, f"{source}.{key}" if source else key)
