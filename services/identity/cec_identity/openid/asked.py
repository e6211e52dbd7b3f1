"""A request of the protocol as authlib reads it: parameters that are once there, and of characters that are allowed."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qsl, unquote_plus

from authlib.oauth2.rfc6749 import InvalidClientError, InvalidRequestError, OAuth2Request
from authlib.oauth2.rfc6749.requests import BasicOAuth2Payload

PARAMETERS = frozenset(
    {
        "audience",
        "client_assertion",
        "client_assertion_type",
        "client_id",
        "client_secret",
        "code",
        "code_challenge",
        "code_challenge_method",
        "code_verifier",
        "grant_type",
        "id_token_hint",
        "max_age",
        "nonce",
        "post_logout_redirect_uri",
        "prompt",
        "redirect_uri",
        "refresh_token",
        "request",
        "request_uri",
        "resource",
        "response_mode",
        "response_type",
        "scope",
        "state",
        "token",
        "token_type_hint",
    }
)
"""What we know; the rest is ignored (RFC 6749 section 3.1)."""
LONGEST = 4_000
"""Characters of one parameter."""
MOST = 40
_VISIBLE = re.compile(r"[\x20-\x7e]*")
_QUOTABLE = re.compile(r'[^"\\]*')
"""What may be repeated in the description of an error (RFC 6749 section 5.2)."""
_UNSEEN = "https://gateway.invalid"
"""The gateway ends TLS; what is behind it cannot see whether the caller used it."""


class Asked(OAuth2Request):
    """A request; `parameters` are of the query or of the form, whichever the endpoint reads."""

    def __init__(self, method: str, parameters: Mapping[str, str], authorization: str | None = None) -> None:
        """`authorization` is the header of that name.

        Raises:
            InvalidClientError: Basic credentials that cannot be read.
            InvalidRequestError: the client shows who it is in two ways.
        """
        headers = {}
        if authorization is not None and authorization[:6].lower() == "basic ":
            _require_readable(authorization[6:])
            headers["Authorization"] = authorization
            if "client_secret" in parameters or "client_assertion" in parameters:
                raise InvalidRequestError("The client authenticates in more than one way.")
        super().__init__(method, _UNSEEN, headers=headers)
        self.parameters = dict(parameters)
        self.payload = BasicOAuth2Payload(self.parameters)

    @property
    def args(self) -> dict[str, str]:
        """For authlib."""
        return self.parameters

    @property
    def form(self) -> dict[str, str]:
        """For authlib."""
        return self.parameters

    def claimed_client(self) -> str | None:
        """Who the client says it is; not believed yet."""
        if "Authorization" in self.headers:
            text = base64.b64decode(self.headers["Authorization"][6:]).decode()
            return unquote_plus(text.partition(":")[0])
        return self.parameters.get("client_id")


def parameters_of(text: str | bytes) -> dict[str, str]:
    """The parameters of a query string or a form that we know.

    Raises:
        InvalidRequestError: one is there twice, too long, or has characters that none may have.
    """
    encoded = text if isinstance(text, str) else text.decode("latin-1")
    try:
        pairs = parse_qsl(encoded, keep_blank_values=True, max_num_fields=MOST, errors="strict")
    except ValueError:
        raise InvalidRequestError("The parameters cannot be read.") from None
    found: dict[str, str] = {}
    for name, value in pairs:
        if name not in PARAMETERS:
            continue
        if name in found:
            raise InvalidRequestError(f"Multiple '{name}' in request.")
        if len(value) > LONGEST or not _VISIBLE.fullmatch(value):
            raise InvalidRequestError(f"'{name}' is too long or has characters that it may not have.")
        if name != "state" and not _QUOTABLE.fullmatch(value):
            raise InvalidRequestError(f"'{name}' has characters that it may not have.")
        if value:  # sent without a value is as good as not sent
            found[name] = value
    return found


def _require_readable(credentials: str) -> None:
    try:
        text = base64.b64decode(credentials.strip().encode("ascii"), validate=True).decode("ascii")
    except (binascii.Error, UnicodeError):
        text = ""
    if ":" not in text or not _VISIBLE.fullmatch(text):
        raise InvalidClientError(status_code=401, description="The credentials cannot be read.")


def scopes_of(text: str | None) -> tuple[str, ...]:
    """Scopes as a list without repetition."""
    return tuple(dict.fromkeys((text or "").split()))


Body = dict[str, Any]
