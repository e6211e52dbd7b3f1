"""The secrets of a running identity process, made from its settings once and handed to those who need them."""

from __future__ import annotations

from dataclasses import dataclass, field

from cec_identity.sealing import Sealer
from cec_identity.settings import IdentitySettings


@dataclass(frozen=True, slots=True)
class Vault:
    """No field shows in its text form."""

    national_ids: Sealer = field(repr=False)
    """Bound to the practitioner's id."""
    signing_keys: Sealer = field(repr=False)
    """Bound to the key's `kid`."""
    index_key: bytes = field(repr=False)

    @classmethod
    def of(cls, settings: IdentitySettings) -> Vault:
        """The vault that `settings` open."""
        return cls(
            national_ids=Sealer(settings.secret_key, "national-id"),
            signing_keys=Sealer(settings.secret_key, "signing-key"),
            index_key=settings.index_key,
        )
