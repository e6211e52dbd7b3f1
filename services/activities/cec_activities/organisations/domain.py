"""What this service knows of an organisation 單位."""

from __future__ import annotations

from uuid import UUID

import msgspec


class Organisation(msgspec.Struct, frozen=True, kw_only=True):
    """Name and rights of a unit. Empty `reviews_professions` means: it has not said."""

    organisation_id: UUID
    name: str
    offers_courses: bool
    reviews_courses: bool
    reviews_professions: frozenset[str]
    active: bool
