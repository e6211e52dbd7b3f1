"""The inward face: what reporting hears, and who takes it in."""

from __future__ import annotations

from cec_chassis.bus.subscription import Subscription
from cec_chassis.tokens import keep_signing_keys
from cec_contracts import activities, audit, credits, enrolment, identity, review
from cec_reporting.accounts.on_identity import on_account
from cec_reporting.activities.on_activities import on_activity
from cec_reporting.activities.on_review import on_case_decided
from cec_reporting.attendances.on_enrolment import on_attendance
from cec_reporting.attendances.on_review import on_course_approval
from cec_reporting.audit_heads.on_services import on_audit_head
from cec_reporting.standings.on_credits import on_standing

SUBSCRIPTIONS = (
    Subscription(identity.SIGNING_KEYS_CHANGED, keep_signing_keys),
    Subscription(identity.ACCOUNT_OPENED, on_account),
    Subscription(identity.ACCOUNT_CHANGED, on_account),
    Subscription(activities.ACTIVITY_SUBMITTED, on_activity),
    Subscription(activities.ACTIVITY_WITHDRAWN, on_activity),
    Subscription(review.CASE_DECIDED, on_case_decided),
    Subscription(review.COURSE_APPROVAL_GRANTED, on_course_approval),
    Subscription(review.COURSE_APPROVAL_CHANGED, on_course_approval),
    Subscription(review.COURSE_APPROVAL_WITHDRAWN, on_course_approval),
    Subscription(enrolment.ATTENDANCE_RECORDED, on_attendance),
    Subscription(enrolment.ATTENDANCE_CORRECTED, on_attendance),
    Subscription(enrolment.ATTENDANCE_WITHDRAWN, on_attendance),
    Subscription(credits.STANDING_CHANGED, on_standing),
    Subscription(audit.IDENTITY_AUDIT_HEAD, on_audit_head),
    Subscription(audit.ACTIVITIES_AUDIT_HEAD, on_audit_head),
    Subscription(audit.REVIEW_AUDIT_HEAD, on_audit_head),
    Subscription(audit.ENROLMENT_AUDIT_HEAD, on_audit_head),
    Subscription(audit.CREDITS_AUDIT_HEAD, on_audit_head),
)
