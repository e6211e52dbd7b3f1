"""What this service hears: only which professions there are. It needs no news of anybody to do its work."""

from __future__ import annotations

from cec_chassis.bus.subscription import Subscription
from cec_contracts import credits
from cec_identity.rulesets.on_credits import on_rule_set_published

SUBSCRIPTIONS = (Subscription(credits.RULE_SET_PUBLISHED, on_rule_set_published),)
