"""Files of announcements: which kinds are taken, told by their content and not by what they call themselves. Pure."""

from __future__ import annotations

import io
import unicodedata
import zipfile
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Final

from cec_chassis.problems import BodyTooLarge, FieldError, Refusal, ValidationFailed

LARGEST: Final = 8_000_000
"""Bytes of one file; the gateway lets 10 MB through."""
LONGEST_NAME: Final = 120
_MOST_ENTRIES: Final = 10_000
_OFFICE: Final = "application/vnd.openxmlformats-officedocument."
_ODF: Final = "application/vnd.oasis.opendocument."

KINDS: Final = {
    ".pdf": "application/pdf",
    ".png": "image/png",
    ".jpg": "image/jpeg",
    ".jpeg": "image/jpeg",
    ".docx": _OFFICE + "wordprocessingml.document",
    ".xlsx": _OFFICE + "spreadsheetml.sheet",
    ".pptx": _OFFICE + "presentationml.presentation",
    ".odt": _ODF + "text",
    ".ods": _ODF + "spreadsheet",
    ".odp": _ODF + "presentation",
}
"""By the end of the name. No HTML, no SVG, no archives, nothing that runs."""
_MAIN_PART: Final = {".docx": "word/document.xml", ".xlsx": "xl/workbook.xml", ".pptx": "ppt/presentation.xml"}
_MACROS: Final = ("vbaproject.bin", "basic/", "scripts/")


class FileKindNotTaken(Refusal):
    """The content is of a kind that is not taken, or not of the kind that its name says."""

    slug = "file-kind-not-taken"
    status = 415
    title = (
        "不接受此類檔案,或內容與副檔名不符 / Files of this kind are not taken, or the content is not what the name says"
    )


@dataclass(frozen=True, slots=True)
class CheckedFile:
    """A file that may be kept."""

    name: str
    media_type: str
    content: bytes


def checked_file(name: str, content: bytes) -> CheckedFile:
    """The file under a name that is safe in a header and on a disk.

    Raises:
        BodyTooLarge: more than LARGEST bytes.
        ValidationFailed: the name is empty, too long or has characters that no name should have; or there is no content.
        FileKindNotTaken: its kind, macros in it, or a content that its name denies.
    """
    if len(content) > LARGEST:
        raise BodyTooLarge(f"檔案至多 {LARGEST // 1_000_000} MB / {LARGEST // 1_000_000} MB at most")
    if not content:
        raise ValidationFailed(errors=[FieldError("body", "missing-value", "檔案為空 / The file is empty")])
    name = _checked_name(name)
    ending = PurePosixPath(name).suffix.lower()
    if ending not in KINDS or not _is(ending, content):
        raise FileKindNotTaken(f"可接受 / Taken are: {' '.join(sorted(KINDS))}")
    return CheckedFile(name, KINDS[ending], content)


def _checked_name(name: str) -> str:
    name = unicodedata.normalize("NFC", name).strip()
    bad = any(unicodedata.category(each)[0] == "C" or each in '/\\:*?"<>|' for each in name)
    if bad or not 1 <= len(name) <= LONGEST_NAME or name.startswith("."):
        message = (
            f"檔名為 1 至 {LONGEST_NAME} 字,不含路徑與特殊字元 / A plain file name of at most {LONGEST_NAME} characters"
        )
        raise ValidationFailed(errors=[FieldError("query.name", "file-name", message)])
    return name


def _is(ending: str, content: bytes) -> bool:
    match ending:
        case ".pdf":
            return content.startswith(b"%PDF-") and b"%%EOF" in content[-2048:]
        case ".png":
            return content.startswith(b"\x89PNG\r\n\x1a\n")
        case ".jpg" | ".jpeg":
            return content.startswith(b"\xff\xd8\xff")
        case _:
            return _is_document(ending, content)


def _is_document(ending: str, content: bytes) -> bool:
    """Only the archive's list and one small entry are read; nothing large is unpacked."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            entries = archive.infolist()
            names = {entry.filename for entry in entries}
            lowered = [name.lower() for name in names]
            if len(entries) > _MOST_ENTRIES or any(macro in name for name in lowered for macro in _MACROS):
                return False
            if ending in _MAIN_PART:
                return {"[Content_Types].xml", _MAIN_PART[ending]} <= names
            kind = archive.getinfo("mimetype") if "mimetype" in names else None
            return kind is not None and kind.file_size < 200 and archive.read(kind).decode("ascii") == KINDS[ending]
    except (zipfile.BadZipFile, zipfile.LargeZipFile, UnicodeDecodeError, NotImplementedError, RuntimeError, OSError):
        return False
