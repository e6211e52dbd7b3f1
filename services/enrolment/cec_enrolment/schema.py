"""The complete metadata: importing this module has imported every feature's tables. Migrations compare with it."""

from cec_enrolment.courses import store as courses
from cec_enrolment.practitioners import store as practitioners
from cec_enrolment.rosters import tables as rosters
from cec_enrolment.tables import metadata

__all__ = ["courses", "metadata", "practitioners", "rosters"]
