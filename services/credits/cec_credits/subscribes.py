"""What credits hears: its inward face."""

from cec_chassis.bus.subscription import Subscription
from cec_chassis.tokens import keep_signing_keys
from cec_contracts import enrolment, identity, review
from cec_credits.approvals.on_review import on_course_approval
from cec_credits.ledger.on_enrolment import on_attendance
from cec_credits.organisations.on_identity import on_organisation
from cec_credits.practitioners.on_identity import on_practitioner

SUBSCRIPTIONS = (
    Subscription(identity.SIGNING_KEYS_CHANGED, keep_signing_keys),
    Subscription(identity.ORGANISATION_REGISTERED, on_organisation),
    Subscription(identity.ORGANISATION_CHANGED, on_organisation),
    Subscription(identity.PRACTITIONER_REGISTERED, on_practitioner),
    Subscription(identity.PRACTITIONER_CHANGED, on_practitioner),
    Subscription(review.COURSE_APPROVAL_GRANTED, on_course_approval),
    Subscription(review.COURSE_APPROVAL_CHANGED, on_course_approval),
    Subscription(review.COURSE_APPROVAL_CHANGE_OPENED, on_course_approval),
    Subscription(review.COURSE_APPROVAL_CHANGE_DROPPED, on_course_approval),
    Subscription(review.COURSE_APPROVAL_WITHDRAWN, on_course_approval),
    Subscription(enrolment.ATTENDANCE_RECORDED, on_attendance),
    Subscription(enrolment.ATTENDANCE_CORRECTED, on_attendance),
    Subscription(enrolment.ATTENDANCE_WITHDRAWN, on_attendance),
)
