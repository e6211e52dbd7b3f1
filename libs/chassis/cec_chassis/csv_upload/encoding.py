"""The bytes of an uploaded file as text: UTF-8 with or without a mark, or Big5 as spreadsheets in Taiwan write it."""

from __future__ import annotations

import codecs
import re

from cec_chassis.problems import Refusal

BIG5 = "cp950"
"""Big5 with Microsoft's additions, which is what Windows calls Big5."""
UTF8 = "utf-8-sig"
GB = "gb18030"
DECLARED = {"utf-8": UTF8, "utf8": UTF8, "big5": BIG5, "cp950": BIG5, "ms950": BIG5, "big5-hkscs": "big5hkscs"}

SAMPLE_BYTES = 64 * 1024
_CHARACTER = re.compile(rb"[\x81-\xfe][\x40-\x7e\x80-\xfe]")
"""Two bytes that are one character in Big5 as well as in GB18030; cells and commas between them are ASCII in both."""


class FileEncodingUnknown(Refusal):
    """Neither UTF-8 nor Big5, or not what it was declared as. Guessing further would corrupt names."""

    slug = "file-encoding-unknown"
    status = 422
    title = "檔案編碼須為 UTF-8 或 Big5 / The file must be UTF-8 or Big5"


def text_of(content: bytes, charset: str | None = None) -> str:
    """The text of a file. A declared `charset` is believed and held to; otherwise UTF-8 is tried, then Big5.

    Raises:
        FileEncodingUnknown: no byte is ever replaced or dropped to make a file readable.
    """
    if charset is None:
        text = _decoded(content, UTF8)
        if text is None and _looks_like_big5(content):
            text = _decoded(content, BIG5)
    elif charset.lower() in DECLARED:
        text = _decoded(content, DECLARED[charset.lower()])
    else:
        raise FileEncodingUnknown(f"不支援的編碼 / Not supported: {charset[:40]}")
    if text is None:
        raise FileEncodingUnknown
    return text


def _decoded(content: bytes, encoding: str) -> str | None:
    try:
        return content.decode(encoding)
    except UnicodeDecodeError:
        return None


def _looks_like_big5(content: bytes) -> bool:
    """Whether these bytes, which can be read as Big5, are rather that than GB18030, which would give wrong names.

    Both encodings keep their everyday characters in a block of lead bytes: Big5 in A4 to C6, GB in B0 to D7 with a
    high second byte. Whichever block holds more of the text is the encoding; a draw is no ground to guess on.
    Outside that block GB18030 has rarer characters, among them most of the traditional ones; they count half.
    """
    if content.startswith(codecs.BOM_UTF8):
        return False
    if _decoded(content, GB) is None:
        return True
    big5 = gb = 0.0
    for lead, second in _CHARACTER.findall(content[:SAMPLE_BYTES]):
        big5 += 0xA4 <= lead <= 0xC6
        if 0xB0 <= lead <= 0xD7 and second >= 0xA1:
            gb += 1
        elif lead < 0xA1 or (lead >= 0xAA and second < 0xA1):
            gb += 0.5
    return big5 > gb
