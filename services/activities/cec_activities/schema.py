"""The complete metadata: importing this module has imported every feature's tables. Migrations compare with it."""

from cec_activities.activities import tables as activities
from cec_activities.calendar import store as calendar
from cec_activities.organisations import store as organisations
from cec_activities.practitioners import store as practitioners
from cec_activities.rulesets import store as rulesets
from cec_activities.tables import metadata

__all__ = ["activities", "calendar", "metadata", "organisations", "practitioners", "rulesets"]
