"""Credit cases as files: one practitioner's facts and what a right engine answers."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import msgspec

FOLDER = Path(__file__).parents[1] / "cases"


def load_case(name: str) -> dict[str, Any]:
    """`{"case": …, "expect": …}` of one file."""
    found: dict[str, Any] = msgspec.json.decode((FOLDER / f"{name}.json").read_bytes())
    return found
