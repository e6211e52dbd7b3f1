"""What this service hears, and who takes it in."""

from __future__ import annotations

from cec_chassis.bus.subscription import Subscription
from cec_chassis.tokens import keep_signing_keys
from cec_contracts import activities, credits, identity
from cec_review.cases.on_activities import on_activity
from cec_review.organisations.on_identity import on_organisation
from cec_review.practitioners.on_identity import on_practitioner
from cec_review.recognitions.on_identity import on_recognition
from cec_review.rulesets.on_credits import on_rule_set_published

SUBSCRIPTIONS = (
    Subscription(activities.ACTIVITY_SUBMITTED, on_activity),
    Subscription(activities.ACTIVITY_WITHDRAWN, on_activity),
    Subscription(credits.RULE_SET_PUBLISHED, on_rule_set_published),
    Subscription(identity.ORGANISATION_REGISTERED, on_organisation),
    Subscription(identity.ORGANISATION_CHANGED, on_organisation),
    Subscription(identity.PRACTITIONER_REGISTERED, on_practitioner),
    Subscription(identity.PRACTITIONER_CHANGED, on_practitioner),
    Subscription(identity.REVIEW_UNIT_RECOGNISED, on_recognition),
    Subscription(identity.REVIEW_UNIT_RECOGNITION_EXTENDED, on_recognition),
    Subscription(identity.REVIEW_UNIT_BREACH_FOUND, on_recognition),
    Subscription(identity.REVIEW_UNIT_RECOGNITION_REVOKED, on_recognition),
    Subscription(identity.SIGNING_KEYS_CHANGED, keep_signing_keys),
)
