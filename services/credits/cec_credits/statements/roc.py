"""Days in the calendar of the Republic of China 民國, as official papers in Taiwan carry them: 民國 111 年 8 月 26 日."""

from __future__ import annotations

from datetime import date
from functools import lru_cache
from typing import Final

ERA: Final = 1911
"""Year 1 of the era is 1912."""


@lru_cache(maxsize=16_384)  # the few thousand days that records, windows and licences fall on
def roc(day: date) -> str:
    """A day in words; before 1912 the years are counted backwards, 民國前 1 年 being 1911."""
    year = day.year - ERA
    era = f"民國 {year} 年" if year > 0 else f"民國前 {1 - year} 年"
    return f"{era} {day.month} 月 {day.day} 日"
