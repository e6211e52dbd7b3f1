"""The inward face: identity needs no news of anybody to do its work."""

from __future__ import annotations

from cec_chassis.bus.subscription import Subscription

SUBSCRIPTIONS: tuple[Subscription, ...] = ()
