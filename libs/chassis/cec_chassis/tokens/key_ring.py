"""The keys in memory: loaded when first needed, looked at again every minute and when an unknown key turns up."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta

import structlog
from joserfc.errors import JoseError
from joserfc.jwk import OKPKey

from cec_chassis.clock import Clock
from cec_chassis.problems import TemporarilyUnavailable
from cec_chassis.tokens.signing_keys import LoadKeys, SigningKey

log = structlog.get_logger(__name__)

FRESH_SECONDS = 60.0
"""How long a loaded set is trusted without looking again; bounds how long a withdrawn key still opens doors."""
PAUSE_SECONDS = 1.0
"""Unknown keys cause at most one look per this time, so a flood of foreign tokens is no flood of queries."""
SKEW = timedelta(seconds=5)


class KeyRing:
    """The public keys by their id. Times between looks are real time; what a key allows is judged by the clock."""

    def __init__(self, load: LoadKeys, clock: Clock, *, monotonic: Callable[[], float] = time.monotonic) -> None:
        """`load` reads the keys from where this service keeps them."""
        self._load = load
        self._clock = clock
        self._monotonic = monotonic
        self._keys: Mapping[str, tuple[SigningKey, OKPKey]] = {}
        self._loaded: dict[str, SigningKey] | None = None
        self._last_look = float("-inf")
        self._looks = 0
        self._looking = asyncio.Lock()
        self.generation = 0
        """Grows whenever the set of keys changed; whoever remembers a verdict forgets it then."""

    @property
    def stale(self) -> bool:
        """Whether it is time to look again."""
        return self._monotonic() - self._last_look >= FRESH_SECONDS

    async def find(self, kid: str) -> OKPKey | None:
        """The key `kid`, if tokens signed by it count now.

        Raises:
            TemporarilyUnavailable: the keys have never been read and cannot be read now.
        """
        if self.stale:
            await self.look_again()
        self._require_keys()
        key = self._usable(kid)
        if key is None and self._monotonic() - self._last_look >= PAUSE_SECONDS:
            await self.look_again()
            key = self._usable(kid)
        return key

    async def require_any(self) -> None:
        """For readiness: without a key nobody can be let in. Raises TemporarilyUnavailable while there is none."""
        if not self._keys:
            await self.look_again()
        if not self._keys:
            raise TemporarilyUnavailable(headers={"Retry-After": "1"})

    async def look_again(self) -> None:
        """Read the keys anew; several callers at once cause one reading.

        Raises:
            TemporarilyUnavailable: the keys have never been read and cannot be read now.
        """
        seen = self._looks
        async with self._looking:
            # Somebody else has looked while we waited: their finding is ours.
            if self._looks == seen:
                await self._look()
        self._require_keys()

    def _require_keys(self) -> None:
        """Not knowing the keys is our fault and no reason to call a token invalid."""
        if self._loaded is None:
            raise TemporarilyUnavailable(headers={"Retry-After": "1"})

    async def _look(self) -> None:
        try:
            self._take(await self._load())
        except Exception as error:  # noqa: BLE001 - whatever the database said: with keys in hand we go on
            log.warning("signing_keys_unreadable", error=type(error).__name__, known=len(self._keys))
            self._last_look = self._monotonic() - FRESH_SECONDS + PAUSE_SECONDS
        else:
            self._last_look = self._monotonic()
        finally:
            self._looks += 1

    def _take(self, keys: Sequence[SigningKey]) -> None:
        loaded = {key.kid: key for key in keys}
        if loaded == self._loaded:
            return
        self._keys = {kid: (key, imported) for kid, key in loaded.items() if (imported := _import(key)) is not None}
        self._loaded = loaded
        self.generation += 1
        log.info("signing_keys_loaded", kids=sorted(self._keys))

    def _usable(self, kid: str) -> OKPKey | None:
        found = self._keys.get(kid)
        if found is None:
            return None
        key, imported = found
        return imported if _counts(key, self._clock.now()) else None


def _counts(key: SigningKey, now: datetime) -> bool:
    return key.not_before - SKEW <= now and (key.retires_at is None or now < key.retires_at)


def _import(key: SigningKey) -> OKPKey | None:
    jwk = key.public_jwk
    if jwk.get("kty") != "OKP" or jwk.get("crv") != "Ed25519":
        log.error("signing_key_of_foreign_kind", kid=key.kid)
        return None
    try:
        return OKPKey.import_key({"kty": "OKP", "crv": "Ed25519", "x": jwk["x"]})
    except (JoseError, KeyError, ValueError):
        log.exception("signing_key_unusable", kid=key.kid)
        return None
