"""Sets documents with typst: tagged for screen readers (PDF/UA-1), fonts from the system, nothing fetched."""

from __future__ import annotations

import io
import re
from datetime import datetime
from functools import cache
from pathlib import Path
from string import printable
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


GETA: Final = "〓"
"""Stands for a character that no font has 缺字: somebody's name, or the title of one course, costs nobody their document."""
_NOT_SHOWN: Final = re.compile(r'the text `"(.+)"` could not be displayed')
_ESCAPED: Final = re.compile(r"\\u\{([0-9a-f]+)\}")
_without_glyph: Final[set[str]] = set()
"""Characters that some document had and no font has; what was found once is not looked for again."""


def pdf_of(document: Document, issued_at: datetime) -> bytes:
    """The document as PDF; a remark says so where a character was replaced. Not for the event loop: it computes for a tenth
    of a second, and as long again for each character that is met for the first time and that no font has.

    Raises:
        FontMissing: the machine has no such font.
    """
    data = msgspec.json.encode(document).decode()
    while True:
        try:
            return _compiled(data, issued_at)
        except typst.TypstError as error:
            missing = _not_shown(error) - _without_glyph
            if not missing:
                raise
            _without_glyph.update(missing)


def _compiled(data: str, issued_at: datetime) -> bytes:
    shown = data.translate({ord(each): GETA for each in _without_glyph})
    compiler = typst.Compiler(
        TEMPLATE,
        font_paths=_fonts(),
        ignore_system_fonts=True,  # they are in the fonts already, found once for all documents
        sys_inputs={"data": shown, "texts": _TEXTS, "replaced": "" if shown == data else GETA},
    )
    made = compiler.compile(format="pdf", pdf_standards=[STANDARD], timestamp=int(issued_at.timestamp()))
    assert isinstance(made, bytes)  # one output, and no file to write it to
    return made


def _not_shown(error: typst.TypstError) -> set[str]:
    """What the typesetter could not display; empty where it fails for another reason."""
    found = _NOT_SHOWN.search(error.message)
    if found is None:
        return set()
    return set(_ESCAPED.sub(lambda escaped: chr(int(escaped[1], 16)), found[1])) - set(printable)


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
