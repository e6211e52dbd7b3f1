"""What identity needs to know beyond what every service does."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated

from msgspec import Meta

from cec_chassis.service import Runtime
from cec_chassis.settings import ServiceSettings


class IdentitySettings(ServiceSettings, frozen=True, kw_only=True):
    """Secrets come from `CEC_…` or `CEC_…_FILE`. Losing `secret_key` loses the stored IDs and signing keys."""

    secret_key: Annotated[str, Meta(min_length=32)]
    """Seals national IDs and private signing keys at rest."""
    former_secret_key: str = ""
    """The secret before this one, until `reseal` has sealed everything under the new one."""
    national_id_index_key: Annotated[str, Meta(min_length=32)]
    """Key of the index of national IDs; its UTF-8 bytes are the HMAC key. Enrolment has the same."""
    bootstrap_admin_name: str | None = None
    bootstrap_admin_password: str | None = None
    """The first system administrator, opened by `migrate` only while there is none."""
    refresh_token_hours: int = 8
    """A session that nobody refreshes for so long is over."""
    session_hours: int = 24
    """However often it is refreshed, a session is over after this time, and the password is asked again."""
    signing_key_settle_seconds: int = 10
    """Services hear of a new signing key this long before it may sign."""
    registry_result_hours: int = 72
    """What became of the rows of a large import is kept for so long; the counts stay."""
    portal_url: str = "http://127.0.0.1:8080"
    """Where people find the portal; links in mails begin with it."""
    smtp_host: str = ""
    """The mail server. Empty: mails wait until there is one."""
    smtp_port: int = 25
    smtp_user: str = ""
    smtp_password: str = ""
    smtp_starttls: bool = False
    """Ask the server for TLS and refuse to go on without. Otherwise TLS is used when the server offers it."""
    smtp_timeout_seconds: float = 20.0
    mail_from: str = "no-reply@cec.invalid"
    """Sender of every mail; its domain also stands in their ids."""
    mails_per_minute: int = 300
    """By all workers together; the mail server's own limit."""
    mail_tries: int = 10
    """Attempts before a mail counts as failed: some nine hours."""
    proof_of_work_cost: int = 5_000
    """Iterations of one try of a client; 256 tries are needed on average. 5,000 are about a second in a browser."""

    sign_in_places: int = 32
    """Password checks that may wait at once in a process; more are told to come again."""
    sign_in_failures_per_minute: int = 200
    """Failed sign-ins of all together that are nothing unusual; beyond them unknown devices bring a proof of work."""
    second_factor_roles: str = ""
    """Roles that have to have a second factor, separated by commas: `system_administrator,review_unit`."""
    authenticator_name: str = "醫事人員繼續教育積分管理系統"
    """Under which authenticator apps list our codes."""
    breached_passwords_file: str = ""
    """Passwords known from breaches: SHA-1 in hexadecimal, one a line, sorted, with or without `:count`."""
    passkey_domain: str = "localhost"
    """The relying party's id: the portal's domain. Passkeys of another one are worthless here."""
    passkey_origins: str = "http://localhost:8080"
    """Origins of the pages that may ask for passkeys, separated by commas."""
    card_authorities: str = ""
    """PEM files of the authorities whose cards sign in, separated by commas; empty: cards do not."""
    card_intermediates: str = ""
    """PEM files of authorities in between."""
    card_revocations: str = ""
    """Folder with revocation lists (`.crl`) and answers about certificates (`.ocsp`) of these authorities; whoever
    fetches them puts them there."""
    card_revocation_mode: str = "hard-fail"
    """`hard-fail` refuses a certificate of which that folder knows nothing; `soft-fail` only one known to be revoked."""
    card_national_ids: bool = False
    """Whether a card opens the account of the practitioner whose national ID is its subject's serial number; by a former
    number too, when the card is in the practitioner's name."""

    @property
    def roles_with_second_factor(self) -> frozenset[str]:
        """The roles of `second_factor_roles`."""
        return frozenset(_parts(self.second_factor_roles))

    @property
    def origins_with_passkeys(self) -> tuple[str, ...]:
        """The origins of `passkey_origins`."""
        return _parts(self.passkey_origins)

    @property
    def card_authority_files(self) -> tuple[str, ...]:
        """The files of `card_authorities`."""
        return _parts(self.card_authorities)

    @property
    def card_intermediate_files(self) -> tuple[str, ...]:
        """The files of `card_intermediates`."""
        return _parts(self.card_intermediates)

    @property
    def index_key(self) -> bytes:
        """The HMAC key of the index of national IDs."""
        return self.national_id_index_key.encode()

    @property
    def openid_issuer(self) -> str:
        """Who we are to applications that sign people in here: the address of this service at the gateway."""
        return f"{self.portal_url.rstrip('/')}/api/v1/identity"

    @property
    def refresh_token_lifetime(self) -> timedelta:
        return timedelta(hours=self.refresh_token_hours)

    @property
    def session_lifetime(self) -> timedelta:
        return timedelta(hours=self.session_hours)

    @property
    def signing_key_settle(self) -> timedelta:
        return timedelta(seconds=self.signing_key_settle_seconds)


def _parts(text: str) -> tuple[str, ...]:
    """A list in a variable."""
    return tuple(part.strip() for part in text.split(",") if part.strip())


def settings_of(runtime: Runtime) -> IdentitySettings:
    """The settings that identity's process was started with."""
    assert isinstance(runtime.settings, IdentitySettings)
    return runtime.settings
