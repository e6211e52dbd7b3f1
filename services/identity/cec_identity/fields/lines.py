"""Lines of text and names of people."""

from __future__ import annotations

import re
import unicodedata

from cec_identity.fields.faults import Unacceptable

_UNSEEN = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})
_HAN = "\u3007\u3400-\u4dbf\u4e00-\u9fff\U00020000-\U0003134f"
_CHINESE_NAME = re.compile(f"[{_HAN}]{{1,30}}(?:\u2027[{_HAN}]{{1,30}})*")
_DOTS = dict.fromkeys(map(ord, "\u00b7\u2022\u30fb\u2027\u2022.\uff0e\u22c5"), "\u2027")
LONGEST_NAME = 50


def line(text: str) -> str:
    """One line, composed (NFC) and trimmed, blanks single. May be empty.

    Raises:
        Unacceptable: `bad-character` for what nobody sees: control and format characters, line breaks.
    """
    composed = unicodedata.normalize("NFC", text).strip()
    if any(unicodedata.category(character) in _UNSEEN for character in composed):
        raise Unacceptable("bad-character", "含有控制字元 / Contains a control character")
    return " ".join(composed.split())


def required_line(text: str) -> str:
    """A line that says something.

    Raises:
        Unacceptable: `missing-value`, `bad-character`.
    """
    found = line(text)
    if not found:
        raise Unacceptable("missing-value", "必填 / Required")
    return found


def chinese_name(text: str) -> str:
    """A name in Han characters, of two at least; indigenous names with a dot between their parts (瓦歷斯‧諾幹).

    Compatibility forms are folded (NFKC), so a radical or a presentation form that merely looks like a character is
    that character; every other script, Latin and look-alikes of dots included, is refused.

    Raises:
        Unacceptable: `missing-value`, `chinese-name`.
    """
    name = "".join(unicodedata.normalize("NFKC", text).translate(_DOTS).split())
    if not name:
        raise Unacceptable("missing-value", "必填 / Required")
    if not 2 <= len(name) <= LONGEST_NAME or not _CHINESE_NAME.fullmatch(name):
        raise Unacceptable(
            "chinese-name", "請填中文姓名，2 至 50 字 / Give the name in Chinese characters, 2 to 50 of them"
        )
    return name
