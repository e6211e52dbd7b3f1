"""What the front end needs to ask the person, and to send the browser on when there is nothing to ask."""

from __future__ import annotations

from collections.abc import Mapping
from uuid import UUID

import msgspec
from authlib.oauth2.rfc6749 import AccessDeniedError
from authlib.oidc.core.errors import LoginRequiredError

from cec_identity.openid.authorize import Pending


class ScopeView(msgspec.Struct):
    """A scope and what it means, Chinese / English."""

    scope: str
    meaning: str


class PendingView(msgspec.Struct, kw_only=True):
    """A request of an application that is in order.

    `consent_asked` is false for the portal's own. With `silent` no page may be shown: without a sign-in the browser goes
    to `if_not_signed_in`. `if_refused` is where it goes when the person says no before signing in.
    """

    client_id: UUID
    application: str
    scopes: tuple[ScopeView, ...]
    consent_asked: bool
    silent: bool
    sign_in_again: bool
    newest_sign_in_seconds: int | None
    if_refused: str
    if_not_signed_in: str


def pending_view(pending: Pending, meanings: Mapping[str, str]) -> PendingView:
    """The view of a request in hand."""
    return PendingView(
        client_id=pending.client.client_id,
        application=pending.client.name,
        scopes=tuple(ScopeView(scope, meanings[scope]) for scope in pending.scopes),
        consent_asked=not pending.client.trusted or "consent" in pending.prompts,
        silent="none" in pending.prompts,
        sign_in_again="login" in pending.prompts,
        newest_sign_in_seconds=int(pending.max_age.total_seconds()) if pending.max_age is not None else None,
        if_refused=pending.refused(AccessDeniedError),
        if_not_signed_in=pending.refused(LoginRequiredError),
    )
