"""Why there may be no statement, and which part of the address is at fault."""

from __future__ import annotations

from typing import Final

from cec_chassis.problems import FieldError, Refusal
from cec_credits.rulesets.book import NoRuleInForce


class NoStatement(Refusal):
    """The practitioner is not known here (yet), or has nothing to do with the profession; `errors` says which."""

    slug = "no-statement"
    status = 404
    title = "查無此人之積分資料 / There is no statement for this practitioner and profession"


class ProfessionNotCovered(Refusal):
    """The category has no renewal cycle under any rule set (rules of Art. 2)."""

    slug = "profession-not-covered"
    status = 422
    title = "此醫事人員類別不適用繼續教育積分規定 / No rule set covers this profession"


class NoRuleOnThatDay(Refusal):
    """The day lies before the first rule set that covers the profession."""

    slug = "no-rule-on-that-day"
    status = 422
    title = "該日期尚無適用之積分規定 / No rule set was in force for this profession on that day"


def first_rules(error: NoRuleInForce) -> str:
    """That there were no rules on the day, and from which day on there are."""
    return (
        f"{error.on} 尚無人員類別 {error.profession} 適用之積分規定,最早自 {error.since} 起 / No rule set covers the"
        f" profession {error.profession} on {error.on}; the first does from {error.since}"
    )


class OccasionNotOpen(Refusal):
    """The rule set in force on the day has no such occasion, or not for this profession; `errors` names those it has."""

    slug = "occasion-not-open"
    status = 422
    title = "無此適用情形，或不適用於此人員類別 / There is no such occasion for this profession"


class NotYourStatement(Refusal):
    """A practitioner reads their own statement and nobody else's."""

    slug = "not-your-statement"
    status = 403
    title = "只能查詢本人之積分 / You may read your own statement only"


class PurposeRequired(Refusal):
    """Whoever looks at somebody else's credits says what for: renewal, employer, review, audit or support."""

    slug = "purpose-required"
    status = 422
    title = "查詢他人積分須載明目的 / Say what for you look at somebody else's credits"


UNKNOWN_PERSON: Final = FieldError(
    "path.practitioner_id", "unknown-practitioner", "查無此醫事人員 / No such practitioner is known"
)
UNKNOWN_THEN: Final = FieldError(
    "query.known_by",
    "not-known-yet",
    "當時尚無此醫事人員之資料，請改用較晚之時點 / Nothing was known of this practitioner yet; ask about a later moment",
)
NOT_HELD: Final = FieldError(
    "path.profession",
    "profession-not-held",
    "此人無此類別之證書、執照或紀錄 / This person has no certificate, licence or record in this profession",
)
UNCOVERED_PROFESSION: Final = FieldError("path.profession", ProfessionNotCovered.slug, ProfessionNotCovered.title)
DAY_WITHOUT_RULE: Final = FieldError("query.as_of", "out-of-range", NoRuleOnThatDay.title)
