"""What credits tells: its outward face."""

from cec_contracts.audit import CREDITS_AUDIT_HEAD
from cec_contracts.credits import RULE_SET_PUBLISHED, STANDING_CHANGED
from cec_contracts.public import PUBLIC_STANDING_CHANGED

PUBLISHES = (RULE_SET_PUBLISHED, STANDING_CHANGED, PUBLIC_STANDING_CHANGED, CREDITS_AUDIT_HEAD)
