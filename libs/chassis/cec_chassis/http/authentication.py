"""Reads `Authorization: Bearer …` on every route that is not public and puts the caller into the request."""

from __future__ import annotations

from litestar.types import ASGIApp, Receive, Scope, Send

from cec_chassis.http.at_hand import at_hand
from cec_chassis.problems import TokenExpired, TokenInvalid, Unauthenticated
from cec_chassis.tokens import TokenVerifier

VERIFIER = "token verifier"
"""Under which the verifier is at hand."""

_CHALLENGE = 'Bearer realm="cec"'
_CHALLENGE_INVALID = f'{_CHALLENGE}, error="invalid_token"'


class Authentication:
    """ASGI middleware. The caller ends up in `scope["user"]`, which is `request.user`.

    A public route never looks at the token: a client with an old one can still sign in again.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let through whoever can be named.

        Raises:
            Unauthenticated: no token.
            TokenExpired: a token that was good once.
            TokenInvalid: any other token.
        """
        if scope["route_handler"].opt.get("public") or scope.get("method") == "OPTIONS":
            await self._app(scope, receive, send)
            return
        token = _bearer(scope)
        if token is None:
            raise Unauthenticated(headers={"WWW-Authenticate": _CHALLENGE})
        try:
            verifier: TokenVerifier = at_hand(VERIFIER)
            scope["user"] = await verifier.verify(token)
        except (TokenExpired, TokenInvalid) as refusal:
            refusal.headers["WWW-Authenticate"] = _CHALLENGE_INVALID
            raise
        await self._app(scope, receive, send)


def _bearer(scope: Scope) -> bytes | None:
    for name, value in scope["headers"]:
        if name == b"authorization":
            scheme, _, token = value.partition(b" ")
            return token.strip() if scheme.lower() == b"bearer" and token.strip() else None
    return None
