"""The documents as the code makes them now, made once for all tests of a worker."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from deploy.documents.make import documents


@pytest.fixture(scope="session")
def made() -> dict[str, dict[str, Any]]:
    """Every document by the name of its file; six services print theirs, which takes some seconds."""
    return asyncio.run(documents())
