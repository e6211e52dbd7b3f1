"""The papers: links that lead somewhere, decisions in one unbroken list, and the names of things that exist."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from deploy.documents.services import ROOT
from tests.architecture.leaks import committed_files

from cec_chassis import gauges
from cec_chassis.bus.names import RETRY_DELAYS
from cec_chassis.telemetry import GAUGES

PAPERS = [path for path in committed_files(ROOT) if path.suffix == ".md"]
DECISIONS = ROOT / "docs" / "decisions"
_LINK = re.compile(r"\]\(([^)#\s]*)(?:#([^)\s]*))?\)")


def broken_links(text: str, folder: Path) -> list[str]:
    """Links to files that are not there, and to headings that no file has."""
    found: list[str] = []
    for target, heading in _LINK.findall(text):
        if "://" in target:
            continue
        path = folder / target if target else None
        if path is not None and not path.exists():
            found.append(target)
        elif heading:
            content = text if path is None else path.read_text(encoding="utf-8")
            if heading not in {anchor_of(line) for line in content.splitlines() if line.startswith("#")}:
                found.append(f"{target}#{heading}")
    return found


def anchor_of(heading: str) -> str:
    """As the hosts of repositories make it: lower case, without punctuation, dashes for spaces."""
    return re.sub(r"[^\w\- ]", "", heading.lstrip("# ").lower()).replace(" ", "-")


@pytest.mark.parametrize("paper", PAPERS, ids=lambda path: str(path.relative_to(ROOT)))
def test_every_link_leads_somewhere(paper: Path) -> None:
    assert broken_links(paper.read_text(encoding="utf-8"), paper.parent) == []


def test_a_broken_link_is_seen() -> None:
    text = "# Here\n[a](nothing.md) [b](README.md) [c](#here) [d](#there) [e](https://example.org/x)"
    assert broken_links(text, ROOT) == ["nothing.md", "#there"]


def test_decisions_are_numbered_without_gaps_and_listed() -> None:
    pages = sorted(path.name for path in DECISIONS.glob("0*.md"))
    assert [int(name[:4]) for name in pages] == list(range(1, len(pages) + 1))
    index = (DECISIONS / "README.md").read_text(encoding="utf-8")
    assert [target for target, _ in _LINK.findall(index)] == pages


def test_the_runbook_knows_every_gauge_and_every_reason_for_parking() -> None:
    runbook = (ROOT / "docs" / "runbook.md").read_text(encoding="utf-8")
    assert gauges.lag is not None  # importing the module registers the gauges
    names = [name for name in GAUGES.snapshot() if name.startswith("cec.")]
    sources = "\n".join(path.read_text(encoding="utf-8") for path in (ROOT / "libs" / "chassis").rglob("*.py"))
    reasons = {*re.findall(r'Unprocessable\("([a-z-]+)"', sources), "data-refused", "handler-failed", "delivery-limit"}
    assert {word for word in (*names, *reasons) if f"`{word}`" not in runbook} == set()


def test_the_page_about_the_bus_names_every_rung_of_the_ladder() -> None:
    page = (ROOT / "docs" / "architecture" / "bus.md").read_text(encoding="utf-8")
    assert all(f".{label}`" in page for label, _ in RETRY_DELAYS)
