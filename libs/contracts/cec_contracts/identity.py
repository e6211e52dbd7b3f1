"""What identity says: organisations, accounts, practitioners with their licences, and the keys that sign tokens."""

from __future__ import annotations

from datetime import date
from typing import Any, Literal
from uuid import UUID

import msgspec

from cec_contracts.envelope import EventType
from cec_contracts.vocabulary import AccountRole, Area, Instant, NationalIdIndex, ProfessionCode


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


class Account(msgspec.Struct, kw_only=True):
    """An account as far as others may know it: no e-mail, no credentials."""

    account_id: UUID
    name: str
    role: AccountRole
    organisation_id: UUID | None = None
    practitioner_id: UUID | None = None
    active: bool = True


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
