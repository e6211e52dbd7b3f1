"""What the figures may be narrowed by, checked the same way wherever it is asked for."""

from __future__ import annotations

from datetime import date

from cec_chassis.problems import FieldError, ValidationFailed
from cec_contracts.counties import NO_SUCH_COUNTY, UNKNOWN_COUNTY, county_of


def county_asked_for(county: str | None) -> str | None:
    """By its name of today; None for all.

    Raises:
        ValidationFailed: `unknown-county`.
    """
    found = None if county is None else county_of(county)
    if county is not None and found is None:
        raise ValidationFailed(errors=[FieldError("query.county", UNKNOWN_COUNTY, NO_SUCH_COUNTY)])
    return found


def in_order(held_from: date | None, held_to: date | None) -> None:
    """Raises ValidationFailed when the last day lies before the first; both count."""
    if held_from is not None and held_to is not None and held_to < held_from:
        message = "迄日早於起日 / The last day lies before the first"
        raise ValidationFailed(errors=[FieldError("query.to", "out-of-range", message)])
