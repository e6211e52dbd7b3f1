"""What identity says: organisations, accounts, practitioners with their licences, and the keys that sign tokens."""

from __future__ import annotations

from datetime import date
from typing import Any, Literal
from uuid import UUID

import msgspec

from cec_contracts.envelope import EventType, Instant
from cec_contracts.vocabulary import AccountRole, AccountState, Area, NationalIdIndex, ProfessionCode


class Organisation(msgspec.Struct, kw_only=True):
    """An offering or review unit 單位."""

    organisation_id: UUID
    code: str
    name: str
    kind: str
    offers_courses: bool
    reviews_courses: bool
    reviews_professions: list[ProfessionCode] = []
    county: str = ""
    active: bool = True
    department: str = ""
    phone: str = ""
    fax: str = ""
    district: str = ""
    street: str = ""
    website: str = ""


class Account(msgspec.Struct, kw_only=True):
    """An account as far as others may know it: no e-mail, no credentials."""

    account_id: UUID
    name: str
    role: AccountRole
    organisation_id: UUID | None = None
    practitioner_id: UUID | None = None
    active: bool = True
    state: AccountState | None = None
    """Why an account that is not active is not. None in news from before states were told; see `active` then."""


class Breach(msgspec.Struct, kw_only=True):
    """What a review unit recognised contrary to the rules; it has no effect 不生採認之效果, Art. 18(2).

    Either courses are named, or everything decided between two Taipei days (both counted) is meant.
    """

    breach_id: UUID
    course_ids: list[UUID] = []
    decided_from: date | None = None
    decided_until: date | None = None
    reason: str
    found_at: Instant


class ReviewUnitRecognition(msgspec.Struct, kw_only=True):
    """Recognition of a review unit 審查單位之認可 (Arts 14(2), 15 to 18): for which professions it may decide, and when.

    Between `valid_from` and `valid_until` (Taipei days, both counted; None is without end), until it is revoked.
    """

    recognition_id: UUID
    organisation_id: UUID
    professions: list[ProfessionCode]
    """Empty for a unit of which it was never said: every profession."""
    valid_from: date
    valid_until: date | None = None
    document: str = ""
    """核定文號, the number of the letter."""
    revoked_at: Instant | None = None
    revoked_under: str = ""
    """The article, such as `18(1)(1)`."""
    reason: str = ""
    may_apply_from: date | None = None
    """The first day on which a revoked unit may apply again, Art. 18(3)."""
    breaches: list[Breach] = []


class Certificate(msgspec.Struct, kw_only=True):
    """Certificate 證書 of one profession, for life."""

    profession: ProfessionCode
    number: str
    issued_on: date


class Licence(msgspec.Struct, kw_only=True):
    """Practice licence 執業執照. `extended_until` is kept apart from the nominal end (COVID letters 2020 to 2022)."""

    licence_id: UUID
    profession: ProfessionCode
    valid_from: date
    valid_until: date
    extended_until: date | None = None
    institution_code: str = ""
    county: str = ""


class PracticeArea(msgspec.Struct, kw_only=True):
    """From this day on the person practises in an area of this kind 執業地區."""

    since: date
    area: Area


class Practitioner(msgspec.Struct, kw_only=True):
    """A practitioner 醫事人員 as the licence registry knows them. The national ID never travels, only its keyed index.

    `merged_into` names the record that survives when two records turned out to be one person. What others keep under the
    former id is the survivor's then; a later event without it takes the merge back. Records may be merged in a chain.
    """

    practitioner_id: UUID
    number: str
    name: str
    national_id_index: NationalIdIndex
    national_id_masked: str
    former_national_id_indexes: list[NationalIdIndex] = []
    certificates: list[Certificate] = []
    licences: list[Licence] = []
    practice_areas: list[PracticeArea] = []
    active: bool = True
    merged_into: UUID | None = None


class SigningKey(msgspec.Struct, kw_only=True):
    """The public half of a key that signs access tokens (JWK, EdDSA)."""

    kid: str
    public_jwk: dict[str, Any]
    status: Literal["current", "next", "retired"]
    not_before: Instant
    retires_at: Instant | None = None


class SigningKeys(msgspec.Struct, kw_only=True):
    """All keys that may still have signed a valid token: the whole set, each time it changes."""

    keys: list[SigningKey]


ORGANISATION_REGISTERED = EventType(
    "cec.identity.organisation_registered.v1", Organisation, "單位已登錄", "An organisation was registered"
)
ORGANISATION_CHANGED = EventType(
    "cec.identity.organisation_changed.v1", Organisation, "單位資料已變更", "An organisation changed"
)
ACCOUNT_OPENED = EventType("cec.identity.account_opened.v1", Account, "帳號已啟用", "An account was opened")
ACCOUNT_CHANGED = EventType(
    "cec.identity.account_changed.v1", Account, "帳號已變更或停用", "An account changed or was disabled"
)
REVIEW_UNIT_RECOGNISED = EventType(
    "cec.identity.review_unit_recognised.v1",
    ReviewUnitRecognition,
    "審查單位已認可",
    "A review unit was recognised for professions and a period",
)
REVIEW_UNIT_RECOGNITION_EXTENDED = EventType(
    "cec.identity.review_unit_recognition_extended.v1",
    ReviewUnitRecognition,
    "審查單位之認可已延長",
    "The recognition of a review unit lasts longer",
)
REVIEW_UNIT_BREACH_FOUND = EventType(
    "cec.identity.review_unit_breach_found.v1",
    ReviewUnitRecognition,
    "查有未依規定之採認",
    "A review unit was found to have recognised courses contrary to the rules; they have no effect",
)
REVIEW_UNIT_RECOGNITION_REVOKED = EventType(
    "cec.identity.review_unit_recognition_revoked.v1",
    ReviewUnitRecognition,
    "審查單位之認可已廢止",
    "The recognition of a review unit was revoked; it decides nothing any more",
)
PRACTITIONER_REGISTERED = EventType(
    "cec.identity.practitioner_registered.v1", Practitioner, "醫事人員已登錄", "A practitioner was registered"
)
PRACTITIONER_CHANGED = EventType(
    "cec.identity.practitioner_changed.v1",
    Practitioner,
    "醫事人員、執照或執業地區已變更",
    "A practitioner, a licence or a practice area changed",
)
SIGNING_KEYS_CHANGED = EventType(
    "cec.identity.signing_keys_changed.v1", SigningKeys, "簽章金鑰已更換", "The keys that sign tokens changed"
)
