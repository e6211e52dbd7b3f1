"""What one walk through the main job came to."""

from __future__ import annotations

from typing import NamedTuple


class Walked(NamedTuple):
    """Exit code, and everything that was printed."""

    code: int
    output: str
