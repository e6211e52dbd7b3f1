"""Whoever signs in by hand; machines have credentials of their own."""

from __future__ import annotations

from cec_chassis.http import Role

PEOPLE = (
    Role.PRACTITIONER,
    Role.OFFERING_UNIT,
    Role.REVIEW_UNIT,
    Role.COMMITTEE_MEMBER,
    Role.SYSTEM_ADMINISTRATOR,
)
