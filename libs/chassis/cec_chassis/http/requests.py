"""What comes in: the base of request bodies, and the request itself with strict reading of its JSON."""

from __future__ import annotations

import re
from functools import cache
from typing import Any, cast
from uuid import UUID

import msgspec
from litestar import Request as LitestarRequest
from litestar.datastructures import State

from cec_chassis.context import Actor, CommandContext
from cec_chassis.http.client_address import IPAddress, client_address, trusted_networks
from cec_chassis.http.repeated_keys import require_keys_once
from cec_chassis.http.unusable import unusable_values
from cec_chassis.http.validation import field_error
from cec_chassis.ids import new_id
from cec_chassis.problems import FieldError, MalformedJson, UnsupportedMediaType, ValidationFailed
from cec_chassis.telemetry import current_trace

_JSON = re.compile(r"application/([\w.+-]+\+)?json")


class Request(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """Base of the structs that describe request bodies: a field nobody knows is refused, not ignored."""


class HttpRequest(LitestarRequest[Actor, bytes, State]):
    """The request as handlers see it: `user` is the verified caller."""

    @property
    def request_id(self) -> str:
        """The id under which the log knows this request; also in the answer's `X-Request-Id`."""
        return str(self.scope["state"]["request_id"])

    @property
    def actor(self) -> Actor | None:
        """The caller, or None on a public route."""
        return cast("Actor | None", self.scope.get("user"))

    @property
    def client_address(self) -> IPAddress:
        """Who is at the other end, as our own gateway tells it; what callers write into headers counts for nothing."""
        return client_address(self.scope, trusted_networks(self.app.state.settings.trusted_proxies))

    def command_context(self) -> CommandContext:
        """Who asks, and where in which trace: what outbox and audit rows will say about this request."""
        here = current_trace()
        return CommandContext(
            actor=self.actor,
            request_id=self.request_id,
            correlation_id=_uuid(self.headers.get("x-correlation-id")) or _uuid(self.request_id) or new_id(),
            traceparent=here.traceparent if here else None,
            tracestate=here.tracestate if here else None,
        )

    async def json(self) -> Any:
        """The body, decoded straight into the type that the handler's `data` asks for.

        Strict: a number in quotes is no number. Decimals keep the digits that were sent.

        Raises:
            UnsupportedMediaType: the body is not declared as JSON.
            MalformedJson: it is no JSON, or has a key twice.
            ValidationFailed: it is JSON of another shape; the error has the field's path.
        """
        expect_media_type(self, _JSON)
        field = self.route_handler.parsed_data_field
        kind = field.annotation if field is not None else Any
        body = await self.body()
        try:
            value = _decoder(kind).decode(body or b"null")
        except msgspec.ValidationError as error:
            raise ValidationFailed(errors=[field_error(str(error), kind=kind)]) from None
        except (msgspec.DecodeError, UnicodeDecodeError) as error:
            raise MalformedJson(f"無法讀取 / {error}") from None
        except RecursionError:
            raise MalformedJson("巢狀過深 / Nested too deeply") from None
        require_keys_once(body)
        if errors := unusable_values(kind, value, "body"):
            raise ValidationFailed(errors=errors)
        return value


async def refuse_ignored_body(request: HttpRequest) -> None:
    """For routes that read no JSON: what was sent all the same would be ignored in silence, so its fields are unknown.
    No body, `null` and an empty object are none.

    Raises:
        ValidationFailed: with `unknown-field` for each.
    """
    if request.route_handler.parsed_data_field is not None or not _JSON.fullmatch(request.content_type[0].lower()):
        return
    body = await request.body()
    try:
        sent = msgspec.json.decode(body or b"null")
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        raise MalformedJson from None
    if isinstance(sent, dict):
        message = "此位址不讀取內容 / This address reads no body"
        errors = [FieldError(f"body.{name[:100]}", "unknown-field", message) for name in sent]
    else:
        errors = (
            [] if sent is None else [FieldError("body", "wrong-type", "此位址不讀取內容 / This address reads no body")]
        )
    if errors:
        raise ValidationFailed(errors=errors)


def expect_media_type(
    request: LitestarRequest[Any, Any, Any], accepted: re.Pattern[str] | str, called: str = "JSON"
) -> None:
    """For handlers that read a raw body: refuse any other kind than `accepted` (`text/csv`, or a pattern, `called` so).

    Raises:
        UnsupportedMediaType: with an `Accept` header where one kind is asked for.
    """
    declared = request.content_type[0].lower()
    if isinstance(accepted, str):
        if declared != accepted:
            raise UnsupportedMediaType(
                f"請以 {accepted} 傳送 / Send {accepted}, not {declared or 'an undeclared body'}",
                headers={"Accept": accepted},
            )
    elif not accepted.fullmatch(declared):
        raise UnsupportedMediaType(f"請以 {called} 傳送 / Send {called}, not {declared or 'an undeclared body'}")


@cache
def _decoder(kind: Any) -> msgspec.json.Decoder[Any]:
    return msgspec.json.Decoder(kind)


def _uuid(text: str | None) -> UUID | None:
    try:
        return UUID(text) if text else None
    except ValueError:
        return None
