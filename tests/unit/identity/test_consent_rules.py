"""Which consent stands, who is asked for which, and what a withdrawal is said to bring about."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from cec_contracts.vocabulary import AccountRole
from cec_identity.consents import texts
from cec_identity.consents.domain import (
    ConsequencesUnread,
    Given,
    agreed_last,
    consent_due,
    consequences_of,
    is_outdated,
    kind_asked_of,
    require_consequences_read,
)
from cec_identity.consents.texts import ConsentKind, all_texts, newest_version

FIRST, SECOND = "2026-01-01", "2026-06-01"
BEFORE, AFTER = date(2026, 5, 31), date(2026, 6, 1)
AT = datetime(2026, 2, 1, tzinfo=UTC)
ACTIVATION = ConsentKind.ACTIVATION


@pytest.fixture(autouse=True)
def _two_versions(monkeypatch: pytest.MonkeyPatch) -> None:
    """The text of practitioners has a second version, from June on."""
    second = [replace(text, version=SECOND) for text in all_texts() if text.kind is ACTIVATION]
    known = (*all_texts(), *second)
    monkeypatch.setattr(texts, "all_texts", lambda: known)


def given(version: str, *, withdrawn: bool = False) -> Given:
    return Given(ACTIVATION, version, AT, AT + timedelta(days=1) if withdrawn else None)


def test_a_text_is_the_newest_from_its_day_on_and_none_before_the_first() -> None:
    days = (date(2025, 12, 31), BEFORE, AFTER)
    assert [newest_version(ACTIVATION, day) for day in days] == [None, FIRST, SECOND]


@pytest.mark.parametrize(
    ("known", "last", "due_before", "due_after"),
    [
        ((), None, True, True),
        ((given(FIRST),), FIRST, False, True),
        ((given(FIRST), given(SECOND)), SECOND, False, False),
        ((given(FIRST, withdrawn=True),), None, True, True),
        ((given(FIRST, withdrawn=True), given(FIRST)), FIRST, False, True),
        ((given(FIRST, withdrawn=True), given(SECOND)), SECOND, False, False),
    ],
)
def test_what_stands_and_what_is_asked_for(
    known: tuple[Given, ...], last: str | None, due_before: bool, due_after: bool
) -> None:
    found = agreed_last(ACTIVATION, known)
    assert (None if found is None else found.version) == last
    asked = [consent_due(AccountRole.PRACTITIONER, known, day) is ACTIVATION for day in (BEFORE, AFTER)]
    assert asked == [due_before, due_after]


def test_only_what_was_agreed_to_last_is_outdated() -> None:
    both = (given(FIRST), given(SECOND))
    assert [is_outdated(each, both, AFTER) for each in both] == [False, False]
    assert is_outdated(given(FIRST), both[:1], AFTER)
    assert not is_outdated(given(FIRST), both[:1], BEFORE)
    assert not is_outdated(given(FIRST, withdrawn=True), (given(FIRST, withdrawn=True),), AFTER)


def test_people_are_asked_by_role_and_administrators_and_systems_by_nobody() -> None:
    assert kind_asked_of(AccountRole.PRACTITIONER) is ACTIVATION
    units = (AccountRole.OFFERING_UNIT, AccountRole.REVIEW_UNIT, AccountRole.COMMITTEE_MEMBER)
    assert {kind_asked_of(role) for role in units} == {ConsentKind.APPLICATION}
    for role in (AccountRole.SYSTEM_ADMINISTRATOR, AccountRole.OTHER_SYSTEM):
        assert kind_asked_of(role) is consent_due(role, (), AFTER) is None


def test_before_there_is_any_text_nobody_is_asked() -> None:
    assert consent_due(AccountRole.PRACTITIONER, (), date(2025, 1, 1)) is None


@pytest.mark.parametrize("kind", list(ConsentKind))
def test_the_consequences_are_told_in_both_languages_by_whoever_refuses(kind: ConsentKind) -> None:
    require_consequences_read(kind, read=True)
    with pytest.raises(ConsequencesUnread) as refused:
        require_consequences_read(kind, read=False)
    for each in consequences_of(kind):
        assert each.text in refused.value.detail
        assert each.text_en in refused.value.detail
    assert "積分" in refused.value.detail
