"""What this service hears, and who takes it in."""

from __future__ import annotations

from cec_chassis.bus.subscription import Subscription
from cec_chassis.tokens import keep_signing_keys
from cec_contracts import activities, credits, identity
from cec_review.cases.on_activities import on_activity
from cec_review.rulesets.on_credits import on_rule_set_published

SUBSCRIPTIONS = (
    Subscription(activities.ACTIVITY_SUBMITTED, on_activity),
    Subscription(activities.ACTIVITY_WITHDRAWN, on_activity),
    Subscription(credits.RULE_SET_PUBLISHED, on_rule_set_published),
    Subscription(identity.SIGNING_KEYS_CHANGED, keep_signing_keys),
)
