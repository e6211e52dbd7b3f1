"""Why there may be no document."""

from __future__ import annotations

from cec_chassis.problems import Refusal


class FontMissing(Refusal):
    """The machine has no font with the characters of the documents; a document of empty boxes is not made."""

    slug = "font-missing"
    status = 503
    title = "缺少中文字型，無法製作 PDF / The font for PDF documents is not installed"


class SigningUnavailable(Refusal):
    """The configured certificate or key cannot be used; an unsigned document is not given out instead."""

    slug = "signing-unavailable"
    status = 503
    title = "無法簽署文件 / Documents cannot be signed"


class UnknownDocument(Refusal):
    """No document was issued under this token. Whoever shows one has a forgery, or a misread code."""

    slug = "unknown-document"
    status = 404
    title = "查無此文件 / No such document was issued"
