"""The complete metadata: importing this module has imported every feature's tables. Migrations compare with it."""

from cec_credits.approvals import store as approvals
from cec_credits.batch import store as batch
from cec_credits.exports import store as exports
from cec_credits.ledger import store as ledger
from cec_credits.organisations import store as organisations
from cec_credits.practitioners import merges
from cec_credits.practitioners import store as practitioners
from cec_credits.recalculation import awaited, failures, reports
from cec_credits.recalculation import store as recalculation
from cec_credits.recalculation.rebuild import store as rebuild
from cec_credits.rulesets import announce as announced
from cec_credits.rulesets import store as rulesets
from cec_credits.tables import metadata

__all__ = [
    "announced",
    "approvals",
    "awaited",
    "batch",
    "exports",
    "failures",
    "ledger",
    "merges",
    "metadata",
    "organisations",
    "practitioners",
    "rebuild",
    "recalculation",
    "reports",
    "rulesets",
]
