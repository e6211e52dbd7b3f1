"""The complete metadata: importing this module has imported every feature's tables. Migrations compare with it."""

from cec_reporting.accounts import store as accounts
from cec_reporting.activities import store as activities
from cec_reporting.attendances import store as attendances
from cec_reporting.audit_heads import store as audit_heads
from cec_reporting.standings import store as standings
from cec_reporting.tables import metadata

__all__ = ["accounts", "activities", "attendances", "audit_heads", "metadata", "standings"]
