"""What stands behind the codes and ids in a reason: a method by its name, another record by its course and day."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from cec_credits import texts
from cec_credits.rulesets.document import Words
from cec_credits.rulesets.domain import ProfessionRules
from cec_credits.rulesets.words import ROLES
from cec_credits.statements.domain import Record
from cec_credits.statements.roc import roc

_BY_COURSE: Final = texts.words("record.by_course")
_BY_ID: Final = texts.words("record.by_id")


class Names:
    """Looked up only where a reason needs them: most records lose nothing."""

    __slots__ = ("_rules", "record")

    def __init__(self, rules: ProfessionRules | None, record: Callable[[str], Words]) -> None:
        """`record` names another record by its id; without `rules`, methods go by their codes."""
        self._rules = rules
        self.record = record

    def method(self, code: str) -> Words:
        """`M05 網路繼續教育`, as the rule set of the statement calls it; one it does not know is its code."""
        if self._rules is not None:
            for method in self._rules.document.methods:
                if method.code == code:
                    return Words(zh=f"{code} {method.zh}", en=f"{code} {method.en}")
        return Words(zh=code, en=code)


def by_id(record_id: str) -> Words:
    """A record of which nothing else is known here; in a case from a file, whoever wrote the file gave it that name."""
    return Words(zh=_BY_ID.zh.format(id=record_id), en=_BY_ID.en.format(id=record_id))


def by_course(record: Record, title: str, code: str) -> Words:
    """A record as the person knows it: what the course is called, its code, the day it ended, and in which role."""
    role = ROLES.get(record.role) or Words(zh=record.role, en=record.role)
    return Words(
        zh=_BY_COURSE.zh.format(title=title, code=code, ended=roc(record.ends_on), role=role.zh),
        en=_BY_COURSE.en.format(title=title, code=code, ended=record.ends_on, role=role.en),
    )


CODES: Final = Names(None, by_id)
"""Where neither rule set nor courses are at hand."""
