"""Seconds that pass when a test says so."""

from __future__ import annotations


class Monotonic:
    """In place of `time.monotonic`."""

    def __init__(self) -> None:
        self._now = 1_000.0

    def __call__(self) -> float:
        return self._now

    def pass_by(self, seconds: float) -> None:
        self._now += seconds
