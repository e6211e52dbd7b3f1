"""Refusals: what the domain says no with, and how a no looks on the wire (RFC 9457, `application/problem+json`).

A refusal is a small class with three facts: a slug that clients may rely on for ever, an HTTP status, and a title in
Chinese with the English beside it. Nothing here knows a web framework; `cec_chassis.http` turns refusals into answers.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import ClassVar

import msgspec

PROBLEM_JSON = "application/problem+json"
_SLUG = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)*")


class FieldError(msgspec.Struct, frozen=True):
    """What is wrong with one part of a request.

    `path` says where, as the client wrote it: `body.courses[0].starts_at`, `query.limit`, `header.Idempotency-Key`,
    or `rows[17].national_id` for line 17 of a file.
    """

    path: str
    slug: str
    message: str


class Problem(msgspec.Struct, omit_defaults=True, kw_only=True):
    """The body of every answer with a status of 400 or more."""

    type: str
    title: str
    status: int
    detail: str
    instance: str = ""
    request_id: str = ""
    errors: tuple[FieldError, ...] = ()


class Refusal(Exception):
    """Base of every expected no. Raising one rolls the transaction back and pages nobody.

    Subclasses set `slug` (kebab-case, never changed once published), `status` (400 to 599) and `title`; a subclass
    that forgets one of them fails when it is defined.
    """

    slug: ClassVar[str]
    status: ClassVar[int]
    title: ClassVar[str]

    def __init__(
        self, detail: str = "", *, errors: Iterable[FieldError] = (), headers: Mapping[str, str] | None = None
    ) -> None:
        """`detail` explains this occurrence to a person; `headers` go onto the answer (for example Retry-After)."""
        self.detail = detail or self.title
        self.errors = tuple(errors)
        self.headers = dict(headers or {})
        super().__init__(self.detail)

    def __init_subclass__(cls, **kwargs: object) -> None:
        super().__init_subclass__(**kwargs)
        missing = [name for name in ("slug", "status", "title") if not getattr(cls, name, None)]
        if missing:
            raise TypeError(f"{cls.__qualname__} needs {', '.join(missing)}")
        if not _SLUG.fullmatch(cls.slug):
            raise TypeError(f"{cls.__qualname__}: {cls.slug!r} is not kebab-case")
        if not 400 <= cls.status <= 599:
            raise TypeError(f"{cls.__qualname__}: {cls.status} is no status of a refusal")

    def problem(self, *, instance: str = "", request_id: str = "") -> Problem:
        """The refusal as it is told to the client who asked for `instance` (a path)."""
        return Problem(
            type=f"/problems/{self.slug}",
            title=self.title,
            status=self.status,
            detail=self.detail,
            instance=instance,
            request_id=request_id,
            errors=self.errors,
        )


class ValidationFailed(Refusal):
    """The request can be read and its content is not acceptable; `errors` says where."""

    slug = "validation-failed"
    status = 422
    title = "內容不符規定 / The content is not acceptable"


class MalformedJson(Refusal):
    """The body is not JSON at all."""

    slug = "malformed-json"
    status = 400
    title = "不是有效的 JSON / The body is not valid JSON"


class BadRequest(Refusal):
    """The request breaks HTTP itself (host header, multipart boundary, a length that is no number)."""

    slug = "bad-request"
    status = 400
    title = "請求格式錯誤 / The request is malformed"


class Unauthenticated(Refusal):
    """Nobody is named by the request."""

    slug = "unauthenticated"
    status = 401
    title = "請先登入 / Sign in first"


class TokenExpired(Refusal):
    """The access token was good once; the client refreshes it and asks again."""

    slug = "token-expired"
    status = 401
    title = "登入已逾時 / The access token has expired"


class TokenInvalid(Refusal):
    """The access token was never good here."""

    slug = "token-invalid"
    status = 401
    title = (
        "登入憑證無效，請重新登入或重新取得憑證 / The access token is not valid; sign in again, or ask for a new token"
    )


class Forbidden(Refusal):
    """The caller is known and may not do this."""

    slug = "forbidden"
    status = 403
    title = "沒有權限 / You may not do this"


class NotFound(Refusal):
    """There is nothing here, or nothing the caller may know of."""

    slug = "not-found"
    status = 404
    title = "找不到資料 / Not found"


class MethodNotAllowed(Refusal):
    """The address exists; it does not know this method. The `Allow` header names those it knows."""

    slug = "method-not-allowed"
    status = 405
    title = "不支援此方法 / The method is not supported here"


class BodyTooLarge(Refusal):
    """The body is larger than the address accepts."""

    slug = "body-too-large"
    status = 413
    title = "內容過大 / The body is too large"


class UnsupportedMediaType(Refusal):
    """The body is of a kind that the address does not read."""

    slug = "unsupported-media-type"
    status = 415
    title = "不支援此內容類型 / The content type is not supported"


class TooManyRequests(Refusal):
    """The caller asks too often; `Retry-After` says when to come again."""

    slug = "too-many-requests"
    status = 429
    title = "請求過於頻繁 / Too many requests"


class InternalError(Refusal):
    """A fault of ours. It says nothing of its cause; the log does, under the same request id."""

    slug = "internal-error"
    status = 500
    title = "系統發生錯誤 / Something went wrong on our side"


class TemporarilyUnavailable(Refusal):
    """Something we depend on does not answer right now; the same request may succeed later."""

    slug = "temporarily-unavailable"
    status = 503
    title = "服務暫時無法使用 / Temporarily unavailable"


def known_refusals() -> Iterator[type[Refusal]]:
    """Every kind of refusal that the running process has defined, chassis and service alike, ordered by slug."""

    def below(kind: type[Refusal]) -> Iterator[type[Refusal]]:
        for child in kind.__subclasses__():
            yield child
            yield from below(child)

    yield from sorted(set(below(Refusal)), key=lambda kind: kind.slug)
