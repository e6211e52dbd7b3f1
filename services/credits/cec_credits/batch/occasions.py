"""Whether a batch asks for an occasion that there is: one that no profession has is a slip in the question, not in a row."""

from __future__ import annotations

from cec_chassis.problems import FieldError
from cec_credits.rulesets.book import RuleBook
from cec_credits.statements.refusals import OccasionNotOpen


def require_known(profile: str, book: RuleBook) -> None:
    """Raises OccasionNotOpen, with those there are, when no rule set of the book has the occasion for anybody."""
    known = list(dict.fromkeys(name for rules in book for name in rules.document.profiles))
    if profile not in known:
        message = f"無此適用情形，可用者：{'、'.join(known)} / There is no such occasion; there are: {', '.join(known)}"
        raise OccasionNotOpen(errors=[FieldError("query.profile", "unknown-profile", message)])
