"""The metadata on which each feature's `store.py` describes its tables; a test compares it with the migrations."""

from __future__ import annotations

from sqlalchemy import MetaData

metadata = MetaData()
