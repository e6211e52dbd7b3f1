"""What applications need to know to sign people in through us (OpenID Connect Discovery, RFC 8414)."""

from __future__ import annotations

import msgspec

from cec_chassis.tokens import ALGORITHM
from cec_contracts.access import scopes
from cec_identity.clients.public_keys import ALGORITHMS
from cec_identity.openid.models import AUTHENTICATION_METHODS


class ProviderMetadata(msgspec.Struct, kw_only=True):
    """The discovery document."""

    issuer: str
    authorization_endpoint: str
    token_endpoint: str
    userinfo_endpoint: str
    revocation_endpoint: str
    end_session_endpoint: str
    jwks_uri: str
    scopes_supported: tuple[str, ...]
    response_types_supported: tuple[str, ...] = ("code",)
    response_modes_supported: tuple[str, ...] = ("query",)
    grant_types_supported: tuple[str, ...] = ("authorization_code", "refresh_token", "client_credentials")
    subject_types_supported: tuple[str, ...] = ("public",)
    id_token_signing_alg_values_supported: tuple[str, ...] = (ALGORITHM,)
    token_endpoint_auth_methods_supported: tuple[str, ...] = AUTHENTICATION_METHODS
    token_endpoint_auth_signing_alg_values_supported: tuple[str, ...] = ALGORITHMS
    revocation_endpoint_auth_methods_supported: tuple[str, ...] = AUTHENTICATION_METHODS
    revocation_endpoint_auth_signing_alg_values_supported: tuple[str, ...] = ALGORITHMS
    code_challenge_methods_supported: tuple[str, ...] = ("S256",)
    claims_supported: tuple[str, ...] = (
        "sub",
        "iss",
        "aud",
        "exp",
        "iat",
        "auth_time",
        "nonce",
        "amr",
        "sid",
        "preferred_username",
        "role",
        "organisation_id",
        "practitioner_id",
    )
    prompt_values_supported: tuple[str, ...] = ("none", "login", "consent")
    ui_locales_supported: tuple[str, ...] = ("zh-TW", "en")
    claims_parameter_supported: bool = False
    request_parameter_supported: bool = False
    request_uri_parameter_supported: bool = False
    authorization_response_iss_parameter_supported: bool = True


def provider_metadata(issuer: str) -> ProviderMetadata:
    """The document of the provider at `issuer`, an address without a slash at its end."""
    return ProviderMetadata(
        issuer=issuer,
        authorization_endpoint=f"{issuer}/oauth/authorize",
        token_endpoint=f"{issuer}/oauth/token",
        userinfo_endpoint=f"{issuer}/oauth/userinfo",
        revocation_endpoint=f"{issuer}/oauth/revoke",
        end_session_endpoint=f"{issuer}/oauth/logout",
        jwks_uri=f"{issuer}/.well-known/jwks.json",
        scopes_supported=tuple(scopes()),
    )
