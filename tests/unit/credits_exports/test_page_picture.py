"""The first page looks as it looked when somebody last looked at it.

Compared are the means of coarse blocks (about 5 mm), so that another release of font or renderer, which moves edges by
parts of a pixel, changes little, and a table that has moved changes much. When the template was changed on purpose, look at a
document, then `python -m tests.unit.credits_exports.test_page_picture` writes the reference anew.
"""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.support.pages import Page, rendered
from tests.unit.credits_exports.fixed_document import MADE_AT, a_document

from cec_credits.exports import pdf
from cec_credits.exports.document import Document

REFERENCE = Path(__file__).with_name("first_page.txt")
ACROSS, DOWN = 42, 60
DOTS_PER_INCH = 60
OFF_BY = 8
"""Shades of grey (of 255) by which a block may differ before it counts as different."""
MOST = 24
"""Blocks of 2,520 that may be different."""


def the_page(document: Document | None = None) -> Page:
    """The first page of the fixed document, or of another."""
    return rendered(pdf.pdf_of(document or a_document(), MADE_AT), DOTS_PER_INCH)


def different(page: Page) -> int:
    """Blocks in which the page is not what the reference shows."""
    reference = [bytes.fromhex(line) for line in REFERENCE.read_text(encoding="ascii").split()]
    assert [len(line) for line in reference] == [ACROSS] * DOWN
    return sum(
        abs(now - then) > OFF_BY
        for line, known in zip(page.blocks(ACROSS, DOWN), reference, strict=True)
        for now, then in zip(line, known, strict=True)
    )


def test_the_first_page_looks_as_it_did() -> None:
    assert different(the_page()) <= MOST


def changed(monkeypatch: pytest.MonkeyPatch, old: str, new: str) -> None:
    """The template with one thing changed."""
    text = pdf.TEMPLATE.decode()
    assert old in text
    monkeypatch.setattr(pdf, "TEMPLATE", text.replace(old, new).encode())


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("== #both(say.totals)", "#v(3mm)\n== #both(say.totals)"),
        ("columns: (42mm, 1fr)", "columns: (52mm, 1fr)"),
        ('format: "svg", width: 25mm', 'format: "svg", width: 10mm'),
        ("margin: (x: 15mm, top: 15mm", "margin: (x: 15mm, top: 18mm"),
        ("fill: (x, _) => if x == 0 { shade },", ""),
        ("#if data.test [", "#if not data.test ["),
    ],
    ids=["a table 3 mm lower", "a wider column", "a smaller code", "another margin", "no shade", "no warning"],
)
def test_what_has_moved_or_gone_is_seen(monkeypatch: pytest.MonkeyPatch, old: str, new: str) -> None:
    changed(monkeypatch, old, new)
    assert different(the_page()) > MOST


def test_another_document_is_seen() -> None:
    assert different(the_page(a_document(test=False))) > 2 * MOST
    assert different(the_page(a_document(records=0))) > 2 * MOST


def test_letters_of_a_slightly_other_size_are_no_difference(monkeypatch: pytest.MonkeyPatch) -> None:
    """What another release of the font would change."""
    changed(monkeypatch, "size: 9pt", "size: 9.02pt")
    assert 0 < different(the_page()) <= MOST


if __name__ == "__main__":
    lines = [bytes(line).hex() for line in the_page().blocks(ACROSS, DOWN)]
    REFERENCE.write_text("\n".join(lines) + "\n", encoding="ascii")
