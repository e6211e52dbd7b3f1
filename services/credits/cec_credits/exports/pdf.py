"""Sets documents with typst: tagged for screen readers (PDF/UA-1), fonts from the system, nothing fetched."""

from __future__ import annotations

import io
import re
import unicodedata
from datetime import datetime
from functools import cache, lru_cache
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


GETA: Final = "〓"
"""Stands for a character that no font has 缺字: somebody's name, or the title of one course, costs nobody their document."""
_TRIAL: Final = f'''
#set document(title: "-")
#set text(font: "{FONT}", lang: "zh", region: "TW")
#sys.inputs.character
'''.encode()


def pdf_of(document: Document, issued_at: datetime) -> bytes:
    """The document as PDF; a remark says so where characters were replaced or left out because no font has them. Not for the
    event loop: it computes for a tenth of a second, where characters are missing for some tenths.

    Raises:
        FontMissing: the machine has no such font.
    """
    data = msgspec.json.encode(document).decode()
    try:
        return _compiled(data, issued_at)
    except typst.TypstError as error:
        if not _is_about_a_glyph(error):
            raise
    # which one it is the message does not say: it names the beginning of what is set together
    shown = "".join(each if each.isascii() or _has_glyph(each) else GETA for each in data)
    try:
        return _compiled(shown, issued_at, replaced=True)
    except typst.TypstError as error:
        if not _is_about_a_glyph(error):
            raise
    # a mark that no font can set upon its letter, though it has both
    return _compiled("".join(each for each in shown if not _is_mark(each)), issued_at, replaced=True)


def _compiled(data: str, issued_at: datetime, *, replaced: bool = False) -> bytes:
    inputs = {"data": data, "texts": _TEXTS, "replaced": GETA if replaced else ""}
    made = _compiler(TEMPLATE, inputs).compile(
        format="pdf", pdf_standards=[STANDARD], timestamp=int(issued_at.timestamp())
    )
    assert isinstance(made, bytes)  # one output, and no file to write it to
    return made


def _compiler(template: bytes, inputs: dict[str, str]) -> typst.Compiler:
    # fonts of the system are in the fonts already, found once for all documents
    return typst.Compiler(template, font_paths=_fonts(), ignore_system_fonts=True, sys_inputs=inputs)


def _is_about_a_glyph(error: typst.TypstError) -> bool:
    return "could not be displayed" in error.message


@lru_cache(maxsize=65_536)
def _has_glyph(character: str) -> bool:
    try:
        _compiler(_TRIAL, {"character": character}).compile(format="pdf", pdf_standards=[STANDARD])
    except typst.TypstError:
        return False
    return True


def _is_mark(character: str) -> bool:
    """One that is set upon another, or joins two, and stands for nothing by itself."""
    category = unicodedata.category(character)
    return category == "Cf" or category.startswith("M")


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
