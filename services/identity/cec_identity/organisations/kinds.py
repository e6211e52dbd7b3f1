"""Kinds of organisations 單位類別, and which of them may ask for accounts."""

from __future__ import annotations

from enum import StrEnum


class EligibleKind(StrEnum):
    """Who may offer courses, and so ask for an account. Organisations of other kinds are registered by administrators."""

    MEDICAL_SCHOOL = "醫學院校"
    MEDICAL_SOCIETY = "醫學會"
    SOCIETY = "學會"
    GUILD = "公會"
    ASSOCIATION = "協會"
    TEACHING_HOSPITAL = "教學醫院"
    GOVERNMENT = "政府機關"


MAY_OFFER = frozenset(kind.value for kind in EligibleKind)
MAY_REVIEW = frozenset({EligibleKind.MEDICAL_SOCIETY.value, EligibleKind.SOCIETY.value, EligibleKind.GUILD.value})
"""National societies and guilds only, Art. 15(1)(1)."""
