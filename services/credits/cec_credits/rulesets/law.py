"""Where the text of a regulation can be read: its address in the law database of the Ministry of Justice 全國法規資料庫.

The address shows the article as it reads today; the database keeps its earlier wordings under the same regulation.
"""

from __future__ import annotations

import re
from typing import Final

_ARTICLE: Final = "https://law.moj.gov.tw/LawClass/LawSingle.aspx?pcode={code}&flno={number}"
_NUMBER: Final = re.compile(r"\d+(?:-\d+)?")
_OF_THE_APPENDIX: Final = "14"
"""The methods stand in the appendix of Art. 14; the database shows it with the article."""


def address_of(code: str, article: str) -> str | None:
    """The article of a provision written ``13(2)(1)`` or ``appendix 4``; None where regulation or article is not said."""
    number = _OF_THE_APPENDIX if article.startswith("appendix") else article
    found = _NUMBER.match(number)
    return _ARTICLE.format(code=code, number=found[0]) if code and found else None
