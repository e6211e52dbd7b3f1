"""The 22 counties and cities 縣市 of the nation, each under one name. Events carry it as plain text.

Since 2014-12-25, when 桃園縣 became 桃園市; the names of before stand beside those of today. 新竹縣 and 嘉義縣 are no
earlier names: there are a county and a city of either name.
"""

from __future__ import annotations

import unicodedata
from functools import lru_cache
from typing import Final

COUNTIES: Final = (
    "臺北市", "新北市", "桃園市", "臺中市", "臺南市", "高雄市", "基隆市", "新竹市", "嘉義市", "新竹縣", "苗栗縣",
    "彰化縣", "南投縣", "雲林縣", "嘉義縣", "屏東縣", "宜蘭縣", "花蓮縣", "臺東縣", "澎湖縣", "金門縣", "連江縣",
)  # fmt: skip
FORMER: Final = {
    "臺北縣": "新北市",
    "桃園縣": "桃園市",
    "臺中縣": "臺中市",
    "臺南縣": "臺南市",
    "高雄縣": "高雄市",
}
UNKNOWN_COUNTY: Final = "unknown-county"
"""The slug of the refusal, the same wherever a county is asked for."""
NO_SUCH_COUNTY: Final = (
    f"無此縣市,可用:{'、'.join(COUNTIES)} / There is no such county or city; these are all 22 of them"
)


@lru_cache(maxsize=1024)
def county_of(text: str) -> str | None:
    """The county that is written, by its name of today: 臺 for 台, 新北市 for 臺北縣; blanks and width do not matter.

    None where it is none of them.
    """
    written = "".join(unicodedata.normalize("NFKC", text).split()).replace("台", "臺")
    written = FORMER.get(written, written)
    return written if written in COUNTIES else None
