"""The page that shows the documents: complete by itself, allowed by `default-src 'self'`, and readable by everybody."""

from __future__ import annotations

import re
from html.parser import HTMLParser

import pytest
from deploy.documents.make import FOLDER

PARTS = sorted(path.name for path in FOLDER.iterdir() if path.suffix in {".html", ".css", ".js"})
LANDMARKS = {"header", "nav", "main"}


class Page(HTMLParser):
    """Every element of the page with its attributes, and the text inside `script` and `style`."""

    def __init__(self) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.inline: list[str] = []
        self.feed((FOLDER / "index.html").read_text(encoding="utf-8"))

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        if self.lasttag in {"script", "style"} and data.strip():
            self.inline.append(data)


PAGE = Page()


@pytest.mark.parametrize("part", PARTS)
def test_the_page_asks_no_other_address(part: str) -> None:
    text = (FOLDER / part).read_text(encoding="utf-8")
    assert not re.findall(r"""https?:|["'(]//|@import|url\(""", text)


def test_nothing_in_the_page_needs_more_than_its_own_files() -> None:
    """Inline scripts, styles and handlers would be refused by the content security policy."""
    assert PAGE.inline == []
    for tag, attributes in PAGE.elements:
        assert not [name for name in attributes if name == "style" or name.startswith("on")], tag
        for name in ("href", "src"):
            target = attributes.get(name)
            assert target is None or target.startswith("#") or (FOLDER / target).is_file(), f"{tag} {name}={target}"


def test_scripts_set_text_and_never_markup() -> None:
    for path in FOLDER.glob("*.js"):
        assert not re.search(r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|eval\(", path.read_text()), (
            path.name
        )


def test_scripts_import_only_what_is_there() -> None:
    for path in FOLDER.glob("*.js"):
        for target in re.findall(r'from "([^"]+)"', path.read_text()):
            assert (FOLDER / target).is_file(), f"{path.name}: {target}"


def test_every_document_is_shown() -> None:
    linked = {attributes.get("href") for tag, attributes in PAGE.elements if tag == "a"}
    assert {path.name for path in FOLDER.glob("*.json")} <= linked


def test_the_page_can_be_read_without_seeing_it() -> None:
    tags = [tag for tag, _ in PAGE.elements]
    assert set(tags) >= LANDMARKS
    assert ("html", {"lang": "zh-Hant-TW"}) in PAGE.elements
    labelled = {attributes.get("for") for tag, attributes in PAGE.elements if tag == "label"}
    assert {attributes.get("id") for tag, attributes in PAGE.elements if tag == "input"} <= labelled
    first_link = next(attributes for tag, attributes in PAGE.elements if tag == "a")
    assert first_link["href"] == "#content", "the first stop of the keyboard skips to the content"
    assert tags.count("h1") == 1
