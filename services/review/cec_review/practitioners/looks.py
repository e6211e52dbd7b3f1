"""Under which records a person is looked at."""

from __future__ import annotations

from typing import Final

from cec_chassis.audit.queries import Subjects

EVERY_RECORD: Final = Subjects(
    ids="""
    WITH RECURSIVE mine (id) AS (
        SELECT CAST(:person AS uuid)
        UNION SELECT former.id FROM practitioners AS former JOIN mine ON former.merged_into = mine.id)
    SELECT CAST(id AS text) FROM mine
    """
)
"""A person, under this record and under those that were merged into it."""
