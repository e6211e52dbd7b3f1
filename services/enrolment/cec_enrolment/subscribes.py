"""The inward face: what enrolment hears, and who takes it in."""

from __future__ import annotations

from cec_chassis.bus.subscription import Subscription
from cec_chassis.tokens import keep_signing_keys
from cec_contracts import identity, review
from cec_enrolment.courses.on_review import on_course_approval
from cec_enrolment.practitioners.on_identity import on_practitioner

SUBSCRIPTIONS = (
    Subscription(identity.PRACTITIONER_REGISTERED, on_practitioner),
    Subscription(identity.PRACTITIONER_CHANGED, on_practitioner),
    Subscription(identity.SIGNING_KEYS_CHANGED, keep_signing_keys),
    Subscription(review.COURSE_APPROVAL_GRANTED, on_course_approval),
    Subscription(review.COURSE_APPROVAL_CHANGED, on_course_approval),
    Subscription(review.COURSE_APPROVAL_WITHDRAWN, on_course_approval),
)
