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

    @property
    def index_key(self) -> bytes:
        """The HMAC key of the index of national IDs."""
        return self.national_id_index_key.encode()

    @property
    def refresh_token_lifetime(self) -> timedelta:
        return timedelta(hours=self.refresh_token_hours)

    @property
    def session_lifetime(self) -> timedelta:
        return timedelta(hours=self.session_hours)

    @property
    def signing_key_settle(self) -> timedelta:
        return timedelta(seconds=self.signing_key_settle_seconds)


def settings_of(runtime: Runtime) -> IdentitySettings:
    """The settings that identity's process was started with."""
    assert isinstance(runtime.settings, IdentitySettings)
    return runtime.settings
