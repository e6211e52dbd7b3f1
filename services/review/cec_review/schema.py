"""The complete metadata: importing this module has imported every feature's tables. Migrations compare with it."""

from cec_review.approvals import tables as approvals
from cec_review.cases import store as cases
from cec_review.organisations import store as organisations
from cec_review.policies import store as policies
from cec_review.practitioners import store as practitioners
from cec_review.recognitions import store as recognitions
from cec_review.rulesets import store as rulesets
from cec_review.tables import metadata

__all__ = ["approvals", "cases", "metadata", "organisations", "policies", "practitioners", "recognitions", "rulesets"]
