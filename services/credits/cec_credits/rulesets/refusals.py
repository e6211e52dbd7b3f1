"""Why a rule set cannot be read, drafted or published."""

from __future__ import annotations

from cec_chassis.problems import FieldError, Refusal
from cec_credits.rulesets.load import RuleSetRefused


class NoSuchRuleSet(Refusal):
    """No version of that name (and number) has been published."""

    slug = "no-such-rule-set"
    status = 404
    title = "查無此規則版本 / There is no such rule set"


class NoSuchDraft(Refusal):
    """Nobody is drafting that rule set."""

    slug = "no-such-draft"
    status = 404
    title = "查無此規則草案 / There is no such draft"


class DraftExists(Refusal):
    """A rule set has one draft at a time."""

    slug = "draft-exists"
    status = 409
    title = "此規則已有草案 / This rule set already has a draft"


class DraftChanged(Refusal):
    """Somebody edited the draft since the caller read it."""

    slug = "draft-changed"
    status = 409
    title = "草案已被修改,請重新讀取 / The draft has changed since you read it"


class NotARuleSet(Refusal):
    """The document cannot be a rule set: every fault is named with the key it sits at."""

    slug = "not-a-rule-set"
    status = 422
    title = "規則文件內容有誤 / The document is not a rule set"

    @classmethod
    def because(cls, refused: RuleSetRefused, root: str) -> NotARuleSet:
        """`root` is where the request carried the document, such as `body.document`."""
        return cls(
            errors=[
                FieldError(
                    f"{root}.text" if problem.key == "document" else f"{root}.{problem.key}",
                    problem.slug,
                    problem.message,
                )
                for problem in refused.problems
            ]
        )


class RuleSetNotReady(Refusal):
    """The document is a rule set, but it does not go with those published, or with today."""

    slug = "rule-set-not-ready"
    status = 422
    title = "規則尚不能發布 / The rule set cannot be published yet"
