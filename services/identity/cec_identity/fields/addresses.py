"""Addresses in Taiwan: county or city, district, street; and addresses of mail."""

from __future__ import annotations

import re
import unicodedata

from cec_chassis.problems import ValidationFailed
from cec_contracts.counties import NO_SUCH_COUNTY, UNKNOWN_COUNTY, county_of
from cec_identity.accounts.profile import checked_email
from cec_identity.fields.faults import Unacceptable

_DISTRICT = re.compile("[\u4e00-\u9fff]{1,4}[區鄉鎮市]")


def county(text: str) -> str:
    """One of the 22, by its name of today.

    Raises:
        Unacceptable: `unknown-county`.
    """
    found = county_of(text)
    if found is None:
        raise Unacceptable(UNKNOWN_COUNTY, NO_SUCH_COUNTY)
    return found


def district(text: str) -> str:
    """A district 鄉鎮市區 by its form; which of them belong to the county, the post office knows.

    Raises:
        Unacceptable: `district-format`.
    """
    found = _folded(text)
    if not _DISTRICT.fullmatch(found):
        raise Unacceptable("district-format", "請填鄉鎮市區，例如中正區 / Give the district, such as 中正區")
    return found


def _folded(text: str) -> str:
    return unicodedata.normalize("NFKC", text).strip().replace("台", "臺")


def email(text: str) -> str:
    """An e-mail address, as `checked_email` accepts it.

    Raises:
        Unacceptable: `missing-value`, `email-format`.
    """
    if not text.strip():
        raise Unacceptable("missing-value", "必填 / Required")
    try:
        return checked_email(text)
    except ValidationFailed as failed:
        raise Unacceptable(failed.errors[0].slug, failed.errors[0].message) from None


def email_or_none(text: str) -> str | None:
    """None for an empty text. Raises Unacceptable."""
    return email(text) if text.strip() else None
