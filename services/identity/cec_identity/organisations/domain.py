"""An organisation, and what it may be called."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass, field
from uuid import UUID

from cec_chassis.problems import FieldError, Refusal, ValidationFailed
from cec_contracts.counties import NO_SUCH_COUNTY, UNKNOWN_COUNTY, county_of
from cec_identity.organisations.contact import Contact

_CODE = re.compile(r"[0-9A-Z][0-9A-Z-]{0,19}")


class OrganisationCodeTaken(Refusal):
    """Another organisation has this code."""

    slug = "organisation-code-taken"
    status = 409
    title = "單位代碼已使用 / The organisation code is taken"


class RecognitionDecides(Refusal):
    """What a review unit reviews follows from its recognition, which has a date, a letter and a reason."""

    slug = "recognition-decides"
    status = 409
    title = (
        "審查資格由認可決定，請至認可作業辦理 / What a unit reviews follows from its recognition; change that instead"
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Organisation:
    """An offering unit 開課單位, a review unit 審查單位, or both. `version` counts the changes others were told of."""

    organisation_id: UUID
    code: str
    name: str
    kind: str
    """單位類別, as the Ministry lists them: school, society, guild, teaching hospital, authority …"""
    county: str
    offers_courses: bool
    reviews_courses: bool
    reviews_professions: tuple[str, ...]
    active: bool = True
    contact: Contact = field(default_factory=Contact)
    version: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class OrganisationDetails:
    """What somebody says about an organisation; `checked` makes it acceptable or refuses."""

    code: str
    name: str
    kind: str
    county: str
    offers_courses: bool
    reviews_courses: bool
    reviews_professions: tuple[str, ...]

    @classmethod
    def checked(
        cls,
        *,
        code: str,
        name: str,
        kind: str,
        county: str,
        offers_courses: bool,
        reviews_courses: bool,
        reviews_professions: tuple[str, ...],
    ) -> OrganisationDetails:
        """The details with texts in one form: codes in half-width capitals, names composed (NFC), counties by their name
        of today.

        Raises:
            ValidationFailed: with every fault.
        """
        errors: list[FieldError] = []
        code = unicodedata.normalize("NFKC", code).strip().upper()
        if not _CODE.fullmatch(code):
            errors.append(
                FieldError(
                    "body.code",
                    "organisation-code-format",
                    "代碼為 1 至 20 個英數字 / A code has 1 to 20 letters, digits and hyphens",
                )
            )
        texts = {
            "name": unicodedata.normalize("NFC", name).strip(),
            "kind": unicodedata.normalize("NFC", kind).strip(),
            "county": county_of(county) or unicodedata.normalize("NFC", county).strip(),
        }
        for name_of, text in texts.items():
            if not text and name_of != "county":
                errors.append(FieldError(f"body.{name_of}", "missing-value", "必填 / Required"))
            if any(unicodedata.category(character) in {"Cc", "Cf", "Cs"} for character in text):
                errors.append(
                    FieldError(f"body.{name_of}", "bad-character", "含有控制字元 / Contains a control character")
                )
        if texts["county"] and county_of(county) is None:
            errors.append(FieldError("body.county", UNKNOWN_COUNTY, NO_SUCH_COUNTY))
        if reviews_professions and not reviews_courses:
            errors.append(
                FieldError(
                    "body.reviews_professions",
                    "not-a-review-unit",
                    "僅審查單位得列審查類別 / Only a review unit reviews professions",
                )
            )
        if errors:
            raise ValidationFailed(errors=errors)
        return cls(
            code=code,
            **texts,
            offers_courses=offers_courses,
            reviews_courses=reviews_courses,
            reviews_professions=tuple(sorted(set(reviews_professions))),
        )
