"""What this service hears, and who takes it in."""

from __future__ import annotations

from cec_activities.activities.on_review import on_case_decided
from cec_activities.organisations.on_identity import on_organisation
from cec_activities.practitioners.on_identity import on_practitioner
from cec_activities.rulesets.on_credits import on_rule_set_published
from cec_chassis.bus.subscription import Subscription
from cec_chassis.tokens import keep_signing_keys
from cec_contracts import credits, identity, review

SUBSCRIPTIONS = (
    Subscription(credits.RULE_SET_PUBLISHED, on_rule_set_published),
    Subscription(identity.ORGANISATION_REGISTERED, on_organisation),
    Subscription(identity.ORGANISATION_CHANGED, on_organisation),
    Subscription(identity.PRACTITIONER_REGISTERED, on_practitioner),
    Subscription(identity.PRACTITIONER_CHANGED, on_practitioner),
    Subscription(identity.SIGNING_KEYS_CHANGED, keep_signing_keys),
    Subscription(review.CASE_DECIDED, on_case_decided),
)
