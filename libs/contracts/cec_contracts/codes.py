"""Numbers and codes as people type them: one folding for national IDs, person numbers, codes of activities and courses."""

from __future__ import annotations

import unicodedata


def canonical(text: str) -> str:
    """The text as it is compared: full width folded to half width (NFKC), trimmed, upper-case.

    Letters outside ASCII are left alone: `str.upper` would turn a dotless ı into an I that nobody typed.
    """
    folded = unicodedata.normalize("NFKC", text).strip()
    return folded.upper() if folded.isascii() else folded


def spellings(text: str) -> list[str]:
    """As it was typed and as it is compared, for looking up what the one who gave the number may have spelt either way."""
    return sorted({text, canonical(text)})
