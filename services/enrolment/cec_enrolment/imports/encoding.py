"""The bytes of an uploaded file as text: UTF-8 with or without a mark, or Big5 as Excel in Taiwan writes it."""

from __future__ import annotations

from cec_chassis.problems import Refusal

BIG5 = "cp950"
"""Big5 with Microsoft's additions, which is what Windows calls Big5."""
DECLARED = {
    "utf-8": "utf-8-sig",
    "utf8": "utf-8-sig",
    "big5": BIG5,
    "cp950": BIG5,
    "ms950": BIG5,
    "big5-hkscs": "big5hkscs",
}


class FileEncodingUnknown(Refusal):
    """The file is neither UTF-8 nor Big5, or not what it was declared as."""

    slug = "file-encoding-unknown"
    status = 422
    title = "檔案編碼須為 UTF-8 或 Big5 / The file must be UTF-8 or Big5"


def text_of(content: bytes, charset: str | None = None) -> str:
    """The text of a file. A declared `charset` is believed; otherwise UTF-8 is tried, then Big5, each strictly.

    Trying in this order is safe: Big5 text of more than a few characters is never valid UTF-8.

    Raises:
        FileEncodingUnknown: no byte is ever replaced or dropped to make a file readable.
    """
    if charset is not None and charset.lower() not in DECLARED:
        raise FileEncodingUnknown(f"不支援的編碼 / Not supported: {charset}")
    tried = ("utf-8-sig", BIG5) if charset is None else (DECLARED[charset.lower()],)
    for encoding in tried:
        try:
            return content.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise FileEncodingUnknown
