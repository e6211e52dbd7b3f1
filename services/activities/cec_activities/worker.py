"""The worker of this service: every subscription and timer, listed. There is no timer yet."""

from __future__ import annotations

from cec_activities.subscribes import SUBSCRIPTIONS
from cec_chassis.service import Loop

LOOPS: tuple[Loop, ...] = ()

__all__ = ["LOOPS", "SUBSCRIPTIONS"]
