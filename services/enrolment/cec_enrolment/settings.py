"""Settings of enrolment."""

from __future__ import annotations

from typing import Annotated

from msgspec import Meta

from cec_chassis.settings import ServiceSettings


class EnrolmentSettings(ServiceSettings, frozen=True, kw_only=True):
    """Besides what every service needs: the key under which identity computes the index of a national ID."""

    national_id_index_key: Annotated[str, Meta(min_length=32)]
    """Key of the index of national IDs; the same as identity's, or nobody is found by national ID."""

    @property
    def index_key(self) -> bytes:
        """The HMAC key: the UTF-8 bytes of the setting."""
        return self.national_id_index_key.encode()
