"""Sets documents with typst: tagged for screen readers (PDF/UA-1), fonts from the system, nothing fetched."""

from __future__ import annotations

import io
import re
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Final

import msgspec
import segno
import typst

from cec_credits import texts
from cec_credits.exports.document import Document
from cec_credits.exports.refusals import FontMissing

FONT: Final = "Noto Sans CJK TC"
STANDARD: Final = "ua-1"
TEMPLATE: Final = Path(__file__).with_name("document.typ").read_bytes()
_WORDS: Final = texts.each("document", re.findall(r"\bsay\.(\w+)", TEMPLATE.decode()))
_TEXTS: Final = msgspec.json.encode(_WORDS).decode()
"""What the template says of itself."""


def pdf_of(document: Document, issued_at: datetime) -> bytes:
    """The document as PDF. Not for the event loop: it computes for a tenth of a second.

    Raises:
        FontMissing: the machine has no such font.
    """
    compiler = typst.Compiler(
        TEMPLATE,
        font_paths=_fonts(),
        ignore_system_fonts=True,  # they are in the fonts already, found once for all documents
        sys_inputs={"data": msgspec.json.encode(document).decode(), "texts": _TEXTS},
    )
    made = compiler.compile(format="pdf", pdf_standards=[STANDARD], timestamp=int(issued_at.timestamp()))
    assert isinstance(made, bytes)  # one output, and no file to write it to
    return made


def qr_of(address: str) -> str:
    """The address as an SVG picture."""
    written = io.BytesIO()
    segno.make(address, error="m", micro=False).save(written, kind="svg", border=1, xmldecl=False, svgns=True)
    return written.getvalue().decode()


def require_font() -> None:
    """Raises FontMissing."""
    _fonts()


@cache  # a fault is not kept: the next document looks again
def _fonts() -> typst.Fonts:
    fonts = typst.Fonts(include_system_fonts=True, include_embedded_fonts=False)
    if FONT not in fonts.families():
        raise FontMissing(
            f"請安裝字型套件 fonts-noto-cjk（{FONT}）後再試 / Install the package fonts-noto-cjk ({FONT}), then try again"
        )
    return fonts
