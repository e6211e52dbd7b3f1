"""Texts that people agree to: complete, in both languages, and never edited once they may have been agreed to."""

from __future__ import annotations

from datetime import date

import pytest

from cec_chassis.problems import NotFound
from cec_identity.consents.texts import (
    ConsentKind,
    ConsentOutdated,
    all_texts,
    current_text,
    require_current,
    text_of,
)

PUT_BEFORE_PEOPLE = {
    ("activation", "2026-01-01"): "b8ff6bd2a848b01ff0d49adb696ff4e5b777492b5372486441be901419a42375",
    ("application", "2026-01-01"): "a36bbf2acb561f740a2480ea0c6e558c3af88495e356ba941d20473bcab70a6a",
}
"""A text with another digest is another text: make it a new file with a new day, and add a line here."""


def test_no_text_was_edited() -> None:
    assert {(text.kind.value, text.version): text.digest.hex() for text in all_texts()} == PUT_BEFORE_PEOPLE


@pytest.mark.parametrize("kind", list(ConsentKind))
def test_every_text_speaks_of_duties_data_interruption_and_liability_in_both_languages(kind: ConsentKind) -> None:
    text = current_text(kind, date(2026, 3, 2))
    headings = "".join(section.heading for section in text.sections)
    assert all(word in headings for word in ("義務", "資料處理", "中斷", "責任"))
    for section in text.sections:
        assert min(map(len, (section.heading, section.heading_en, section.text, section.text_en))) >= 4


def test_a_text_is_current_from_its_day_on() -> None:
    with pytest.raises(NotFound):
        current_text(ConsentKind.ACTIVATION, date(2025, 12, 31))
    today = current_text(ConsentKind.ACTIVATION, date(2026, 1, 1))
    assert require_current(ConsentKind.ACTIVATION, today.version, date(2026, 1, 1)) == today
    with pytest.raises(ConsentOutdated):
        require_current(ConsentKind.ACTIVATION, "2025-01-01", date(2026, 1, 1))
    with pytest.raises(NotFound):
        text_of(ConsentKind.ACTIVATION, "2025-01-01")
