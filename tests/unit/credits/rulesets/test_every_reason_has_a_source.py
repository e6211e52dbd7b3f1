"""Whatever a record loses, and whatever is remarked on it: the article stands beside it, or why there is none, for people."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

import pytest
from tests.unit.credits.building import entry, record, state
from tests.unit.credits.test_another_ministry import FILE

from cec_credits.rulesets.domain import ProfessionRules, Provision, RuleSet
from cec_credits.rulesets.load import bundled, load_file
from cec_credits.rulesets.words import GROUNDS
from cec_credits.statements.answer import entry_of
from cec_credits.statements.reasons import LOSSES, NOTES

Find = Callable[[ProfessionRules], Iterator[Provision]]


def windows(rules: ProfessionRules) -> Iterator[Provision]:
    yield rules.provision(rules.document.window)


def overlaps(rules: ProfessionRules) -> Iterator[Provision]:
    yield rules.provision(rules.document.overlap)


def repetitions(rules: ProfessionRules) -> Iterator[Provision]:
    yield rules.provision(rules.document.repetition)


def terms(rules: ProfessionRules) -> Iterator[Provision]:
    """Of every method in every role, and of one that nobody knows."""
    for method in (*rules.document.methods, None):
        for role in ("learner", "other_author", "lecturer"):
            yield rules.terms(method.code if method else "M99", role, "ordinary").provision


def areas(rules: ProfessionRules) -> Iterator[Provision]:
    for area in rules.document.areas.values():
        yield rules.provision(area)


def caps(rules: ProfessionRules) -> Iterator[Provision]:
    for cap in rules.document.caps:
        yield rules.provision(cap)


def groups(rules: ProfessionRules) -> Iterator[Provision]:
    for standard in rules.document.standards.values():
        yield rules.provision(standard.limited)


def ground(reason: str) -> Find:
    def found(rules: ProfessionRules) -> Iterator[Provision]:
        yield rules.ground(reason)

    return found


SOURCES: dict[str, Find] = {
    **{reason: ground(reason) for reason in GROUNDS},
    **dict.fromkeys(("OUT_OF_WINDOW_BEFORE", "OUT_OF_WINDOW_AFTER", "ENDS_AFTER_WINDOW"), windows),
    "OVERLAP_TIME": overlaps,
    "CONTENT_REPEATED": repetitions,
    **dict.fromkeys(("ROLE_NOT_CREDITED", "METHOD_UNKNOWN", "METHOD_NOT_FOR_PROFESSION", "MEASURE_MISSING"), terms),
    **dict.fromkeys(("MULTIPLIER_REMOTE_1_5", "MULTIPLIER_OFFSHORE_2"), areas),
    **dict.fromkeys(
        ("CAPPED_PERIOD", "COUNTED_PARTIAL_CAP_PERIOD", "CAPPED_METHOD", "COUNTED_PARTIAL_CAP_METHOD"), caps
    ),
    **dict.fromkeys(("CAPPED_QEL", "COUNTED_PARTIAL_CAP_QEL"), groups),
}
WITHOUT_A_RULE = {"PENDING_CHANGE"}
"""What a review unit is doing, with its own words beside it; it rests on no rule and takes nothing."""
RULE_SETS = [*bundled(), load_file(FILE)]


def in_both_languages(note: str) -> bool:
    chinese, _, english = note.partition(" / ")
    return bool(re.search("[\u4e00-\u9fff]", chinese) and re.search("[A-Za-z]", english))


def test_every_reason_that_can_be_told_is_looked_at_here() -> None:
    assert SOURCES.keys() | WITHOUT_A_RULE == LOSSES.keys() | NOTES.keys() | GROUNDS.keys()


@pytest.mark.parametrize("rule_set", RULE_SETS, ids=lambda each: each.id)
def test_every_reason_has_an_article_or_says_in_both_languages_why_not(rule_set: RuleSet) -> None:
    for rules in rule_set.professions.values():
        for reason, find in SOURCES.items():
            for provision in find(rules):
                assert provision.article or in_both_languages(provision.note), (rule_set.id, reason)
                assert not provision.note or in_both_languages(provision.note), (rule_set.id, reason)
                assert provision.article or not provision.verified, (rule_set.id, reason)


@pytest.mark.parametrize("reason", ["ATTENDANCE_WITHDRAWN", "WRONG_PURPOSE", "IDENTITY_UNMATCHED"])
def test_a_ground_without_an_article_tells_why_it_holds_all_the_same(reason: str) -> None:
    [loss] = entry_of(entry(state(record(void=reason)))).losses
    assert (loss.source.article, loss.source.verified) == ("", False)
    assert in_both_languages(loss.source.note)
