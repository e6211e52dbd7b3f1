"""The categories of practitioner 醫事人員類別 of the medical regulation, by the Ministry's one-character code.

They are known before any news has come. What a published rule set covers besides, another ministry's too, is in `rulesets`.
"""

from __future__ import annotations

from typing import Final

PROFESSIONS: Final[dict[str, str]] = {
    "A": "西醫師",
    "B": "中醫師",
    "C": "牙醫師",
    "D": "藥師",
    "E": "藥劑生",
    "F": "護理師",
    "G": "護士",
    "H": "助產士",
    "I": "助產師",
    "J": "醫事檢驗師",
    "K": "醫事檢驗生",
    "Q": "物理治療師",
    "R": "職能治療師",
    "S": "醫事放射師",
    "T": "醫事放射士",
    "U": "物理治療生",
    "V": "呼吸治療師",
    "W": "職能治療生",
    "X": "諮商心理師",
    "Y": "臨床心理師",
    "Z": "營養師",
    "1": "語言治療師",
    "2": "牙體技術師",
    "3": "聽力師",
    "4": "牙體技術生",
    "5": "驗光師",
    "6": "驗光生",
}
"""Codes such as L, M, N, O, P exist in the Ministry's table but stand for people without a licence cycle."""
