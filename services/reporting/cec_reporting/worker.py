"""The worker of this service: every subscription and timer, listed. There is no timer yet."""

from __future__ import annotations

from cec_chassis.service import Loop
from cec_reporting.subscribes import SUBSCRIPTIONS

LOOPS: tuple[Loop, ...] = ()

__all__ = ["LOOPS", "SUBSCRIPTIONS"]
