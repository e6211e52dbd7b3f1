"""From the text of an access token to the caller it names, or a refusal.

The algorithm is pinned: a token that says `none`, `HS256` or anything else than EdDSA is refused before any key is
looked at. A verdict is remembered until the token expires, under the SHA-256 of the token, so that a client who asks a
thousand times costs one signature check.
"""

from __future__ import annotations

from collections import OrderedDict
from hashlib import sha256
from typing import NamedTuple

import msgspec
from joserfc import jws
from joserfc.errors import JoseError

from cec_chassis.clock import Clock
from cec_chassis.context import Actor
from cec_chassis.problems import TokenExpired, TokenInvalid
from cec_chassis.tokens.claims import ALGORITHM, REGISTRY, TOKEN_TYPE, AccessTokenClaims
from cec_chassis.tokens.key_ring import KeyRing

LONGEST_TOKEN = 4096
SKEW_SECONDS = 5
"""How far the issuer's clock may be ahead of ours."""
REMEMBERED = 10_000

_claims = msgspec.json.Decoder(AccessTokenClaims)
_INVALID = (
    "存取憑證無法驗證，請重新登入或重新取得憑證"
    " / The access token could not be verified; sign in again, or ask for a new token"
)
_EXPIRED = "存取憑證已過期,請更新後再試 / The access token has expired; refresh it and try again"


class _Verdict(NamedTuple):
    actor: Actor
    expires: int


class TokenVerifier:
    """Verifies access tokens of one issuer for one audience."""

    def __init__(
        self, keys: KeyRing, *, issuer: str, audience: str, clock: Clock, remembered: int = REMEMBERED
    ) -> None:
        """`remembered` bounds the verdicts kept in memory; the least recently used is forgotten first."""
        self._keys = keys
        self._issuer = issuer
        self._audience = audience
        self._clock = clock
        self._remembered = remembered
        self._verdicts: OrderedDict[bytes, _Verdict] = OrderedDict()
        self._generation = keys.generation

    async def verify(self, token: bytes) -> Actor:
        """The caller that `token` names.

        Raises:
            TokenExpired: it was good once.
            TokenInvalid: anything else is wrong with it; the answer does not say what.
            TemporarilyUnavailable: the signing keys cannot be read.
        """
        if self._keys.stale:
            await self._keys.look_again()
        if self._generation != self._keys.generation:
            self._verdicts.clear()
            self._generation = self._keys.generation
        digest = sha256(token).digest()
        verdict = self._verdicts.get(digest)
        if verdict is None:
            verdict = await self._judge(token)
            self._verdicts[digest] = verdict
            if len(self._verdicts) > self._remembered:
                self._verdicts.popitem(last=False)
        else:
            self._verdicts.move_to_end(digest)
        if verdict.expires <= self._clock.now().timestamp():
            self._verdicts.pop(digest, None)
            raise TokenExpired(_EXPIRED)
        return verdict.actor

    async def _judge(self, token: bytes) -> _Verdict:
        if len(token) > LONGEST_TOKEN:
            raise TokenInvalid(_INVALID)
        try:
            signed = jws.extract_compact(token, registry=REGISTRY)
            header = signed.headers()
        except (JoseError, ValueError, TypeError, KeyError) as error:
            raise TokenInvalid(_INVALID) from error
        kid = header.get("kid")
        if header.get("alg") != ALGORITHM or header.get("typ") != TOKEN_TYPE or not isinstance(kid, str):
            raise TokenInvalid(_INVALID)
        key = await self._keys.find(kid)
        if key is None:
            raise TokenInvalid(_INVALID)
        try:
            genuine = jws.validate_compact(signed, key, registry=REGISTRY)
            claims = _claims.decode(signed.payload or b"") if genuine else None
        except (JoseError, ValueError, TypeError, KeyError) as error:
            raise TokenInvalid(_INVALID) from error
        if claims is None or not self._meant_for_us(claims):
            raise TokenInvalid(_INVALID)
        return _Verdict(claims.actor(), claims.exp)

    def _meant_for_us(self, claims: AccessTokenClaims) -> bool:
        latest = self._clock.now().timestamp() + SKEW_SECONDS
        audience = [claims.aud] if isinstance(claims.aud, str) else claims.aud
        return (
            claims.iss == self._issuer and self._audience in audience and claims.iat <= latest and claims.nbf <= latest
        )
