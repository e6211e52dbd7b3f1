"""What a standing tells about the end of its window."""

from __future__ import annotations

from datetime import date

import msgspec
import pytest
from tests.component.reporting.conftest import standing

from cec_reporting.standings.domain import closed_on


@pytest.mark.parametrize(
    ("as_of", "until", "expected"),
    [
        (date(2026, 4, 1), date(2026, 3, 31), date(2026, 3, 31)),
        (date(2026, 3, 31), date(2026, 3, 31), None),
        (date(2026, 3, 2), date(2026, 3, 2), None),
    ],
    ids=[
        "the day after its last day it is closed",
        "on its last day it is open",
        "an open one reaches to the day asked",
    ],
)
def test_only_a_window_that_has_closed_tells_its_end(as_of: date, until: date, expected: date | None) -> None:
    body = msgspec.structs.replace(standing().body, as_of=as_of, window_until=until)
    assert closed_on(body) == expected
