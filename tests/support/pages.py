"""Pages of a PDF as other people's tools see them: rendered to grey pixels, and as text."""

from __future__ import annotations

import re
import subprocess
import tempfile
from pathlib import Path
from typing import NamedTuple


class Page(NamedTuple):
    """A rendered page, 0 black to 255 white."""

    width: int
    height: int
    pixels: bytes

    def part(self, left: float, top: float, right: float, bottom: float) -> bytes:
        """The pixels of a part, at least one; edges as fractions of the page."""
        first, last = int(left * self.width), max(int(right * self.width), int(left * self.width) + 1)
        lines = range(int(top * self.height), max(int(bottom * self.height), int(top * self.height) + 1))
        return b"".join(self.pixels[y * self.width + first : y * self.width + last] for y in lines)

    def share_darker_than(self, shade: int, left: float, top: float, right: float, bottom: float) -> float:
        """How much of a part is ink, 0 to 1."""
        part = self.part(left, top, right, bottom)
        return sum(value < shade for value in part) / len(part)

    def mean(self, left: float, top: float, right: float, bottom: float) -> float:
        """How bright a part is on average."""
        part = self.part(left, top, right, bottom)
        return sum(part) / len(part)

    def blocks(self, across: int, down: int) -> list[list[int]]:
        """The page as a coarse grid of means, line by line."""
        return [
            [round(self.mean(x / across, y / down, (x + 1) / across, (y + 1) / down)) for x in range(across)]
            for y in range(down)
        ]


def rendered(pdf: bytes, dots_per_inch: int, page: int = 1) -> Page:
    """By poppler, the program behind many viewers."""
    number = str(page)
    made = _run(pdf, "pdftoppm", "-r", str(dots_per_inch), "-gray", "-f", number, "-l", number, "{}")
    found = re.match(rb"P5\s+(\d+)\s+(\d+)\s+255\s", made)
    assert found is not None
    return Page(int(found[1]), int(found[2]), made[found.end() :])


def text_of(pdf: bytes) -> str:
    """In reading order, columns beside one another."""
    return _run(pdf, "pdftotext", "-layout", "{}", "-").decode()


def cells_of(pdf: bytes) -> str:
    """In the order in which it was set, so that a cell of a table is in one piece, and without any space."""
    return "".join(_run(pdf, "pdftotext", "-raw", "{}", "-").decode().split())


def _run(pdf: bytes, *command: str) -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "document.pdf"
        path.write_bytes(pdf)
        called = [part.format(path) for part in command]
        return subprocess.run(called, check=True, capture_output=True).stdout
