"""Sign out from an application's side (OpenID Connect RP-Initiated Logout): the sign-in here ends, for all applications."""

from __future__ import annotations

from authlib.common.urls import add_params_to_uri
from authlib.oauth2.rfc6749 import InvalidRequestError

from cec_chassis.database import Transaction
from cec_identity.clients.store import client_by_id
from cec_identity.openid.asked import Asked
from cec_identity.openid.issuing import hint_of
from cec_identity.openid.load import client_id_of
from cec_identity.sign_in.store import end_session
from cec_identity.signing_keys.store import keys_in_set


async def sign_out_everywhere(tx: Transaction, asked: Asked, issuer: str) -> str | None:
    """Ends the sign-in that the ID token names; where the browser goes next, None: nowhere.

    The ID token must be there: anybody can send a browser to an address, but only the application has the token.

    Raises:
        InvalidRequestError: no ID token of ours, one of another client, or an address that is not registered. The
            browser must not be sent anywhere then.
    """
    parameters = asked.parameters
    hint = hint_of(parameters.get("id_token_hint", ""), await keys_in_set(tx), issuer)
    client_id = client_id_of(hint.aud) if hint is not None else None
    if hint is None or client_id is None or parameters.get("client_id", hint.aud) != hint.aud:
        raise InvalidRequestError("'id_token_hint' is missing or not an ID token of this client.")
    client = await client_by_id(tx, client_id)
    onwards = parameters.get("post_logout_redirect_uri")
    if onwards is not None and (client is None or onwards not in client.post_logout_redirect_uris):
        raise InvalidRequestError("'post_logout_redirect_uri' is not registered.")
    if await end_session(tx, hint.sid, "signed-out-by-application"):
        tx.audit(
            "session.ended",
            subject_type="account",
            subject_id=hint.sub,
            reason="signed out by application",
            after={"session_id": str(hint.sid), "client_id": str(client_id)},
        )
    if onwards is None:
        return None
    state = parameters.get("state")
    return str(add_params_to_uri(onwards, [("state", state)])) if state is not None else onwards
