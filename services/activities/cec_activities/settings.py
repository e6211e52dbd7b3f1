"""Settings of activities."""

from __future__ import annotations

from cec_chassis.settings import ServiceSettings


class ActivitiesSettings(ServiceSettings, frozen=True, kw_only=True):
    """Besides what every service needs: where calendar programs find us."""

    public_address: str = "http://127.0.0.1:8080"
    """Where the gateway is reached from outside, without a path; the link of a unit's calendar begins so."""
