"""What the demo prints, and what it holds against the expected numbers."""

from __future__ import annotations

from typing import Any

from rich.console import Console
from rich.table import Table

LINES = (
    ("professional", "專業課程 professional"),
    ("quality_ethics_regulations", "品質+倫理+法規 quality, ethics, regulations"),
    ("valid", "總有效積分 valid"),
    ("invalid", "總無效積分 invalid"),
    ("counted", "列計積分 counted"),
    ("infection_control_courses", "感染管制課程 infection-control courses"),
    ("gender_courses", "性別議題課程 gender courses"),
    ("met", "達換照標準 standard met"),
)


def show_statement(console: Console, moment: str, statement: dict[str, Any], seconds: float | None) -> None:
    """The totals as of the day of the case, and how long a change took from commit to visible."""
    title = f"{moment} (as of {statement.get('as_of', '-')}, {statement.get('rule_set', '-')})"
    if seconds is not None:
        title += f"  {seconds * 1000:.0f} ms from commit to visible"
    table = Table(title=title, title_justify="left", show_header=False)
    for key, label in LINES:
        table.add_row(label, str(statement.get(key, "-")))
    console.print(table)


def show_events(console: Console, subscriber: str, events: list[dict[str, Any]]) -> None:
    """What the outside subscriber got; the newest few in full."""
    console.print(f"外部訂閱者 {subscriber} received {len(events)} public credit events; the last ones:")
    for event in events[-4:]:
        data = event["data"]
        console.print(
            f"  {event['type']} {data['certificate_number']}/{data['profession']} #{int(event['sequence'])}: "
            f"valid {data['valid']}, invalid {data['invalid']}, counted {data['counted']}, met {data['met']}",
            soft_wrap=True,
        )


class Checks:
    """Collects every difference."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._differences: list[str] = []

    def statement(self, moment: str, found: dict[str, Any], expected: dict[str, Any]) -> None:
        for key, value in expected.items():
            if found.get(key) != value:
                self._differences.append(f"{moment}: {key} is {found.get(key)!r}, expected {value!r}")

    def last_public_event(self, events: list[dict[str, Any]], practitioner_id: str, expected: dict[str, Any]) -> None:
        """The newest event about the practitioner must tell the final totals, and no event a national ID."""
        own = [event for event in events if event["data"]["practitioner_id"] == practitioner_id]
        if not own:
            self._differences.append("the subscriber received no event about the practitioner")
            return
        newest = max(own, key=lambda event: event["sequence"])["data"]
        for key in ("valid", "invalid", "counted", "met"):
            if newest[key] != expected[key]:
                self._differences.append(f"newest public event: {key} is {newest[key]!r}, expected {expected[key]!r}")

    def conclude(self) -> int:
        for difference in self._differences:
            self._console.print(f"[red]✗ {difference}[/red]", soft_wrap=True)
        if not self._differences:
            self._console.print("[green]✓ 全部數字相符 every number is as expected[/green]")
        return 1 if self._differences else 0
