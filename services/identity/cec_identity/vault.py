"""The secrets of a running identity process, made from its settings once and handed to those who need them."""

from __future__ import annotations

from dataclasses import dataclass, field

from cec_identity.sealing import Sealer, derived_key
from cec_identity.settings import IdentitySettings


@dataclass(frozen=True, slots=True)
class Vault:
    """No field shows in its text form."""

    national_ids: Sealer = field(repr=False)
    """Bound to the practitioner's id."""
    signing_keys: Sealer = field(repr=False)
    """Bound to the key's `kid`."""
    index_key: bytes = field(repr=False)
    registry_rows: Sealer = field(repr=False)
    """Rows of large imports that wait; bound to the import and the number of the piece."""
    mails: Sealer = field(repr=False)
    """Links with tokens in mails that wait; bound to the mail's id."""
    proof_key: bytes = field(repr=False)
    """Signs what we give to strangers and want back unchanged: challenges, ids of mails."""
    one_time_codes: Sealer = field(repr=False)
    """Secrets of authenticator apps; bound to the account's id."""
    attempts_key: bytes = field(repr=False)
    """Under which failed sign-ins are counted by name and address."""
    client_secret_key: bytes = field(repr=False)
    """Key of the digests of clients' secrets."""

    @classmethod
    def of(cls, settings: IdentitySettings) -> Vault:
        """The vault that `settings` open."""
        return cls(
            national_ids=Sealer(settings.secret_key, "national-id", settings.former_secret_key),
            signing_keys=Sealer(settings.secret_key, "signing-key", settings.former_secret_key),
            index_key=settings.index_key,
            registry_rows=Sealer(settings.secret_key, "registry-rows", settings.former_secret_key),
            mails=Sealer(settings.secret_key, "mail", settings.former_secret_key),
            one_time_codes=Sealer(settings.secret_key, "one-time-code", settings.former_secret_key),
            attempts_key=derived_key(settings.secret_key, "attempts"),
            proof_key=derived_key(settings.secret_key, "proof"),
            client_secret_key=derived_key(settings.secret_key, "client-secret"),
        )
