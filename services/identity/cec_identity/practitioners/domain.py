"""A practitioner as the licence registry knows them. Pure values; nothing here knows the database or the wire."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import date
from uuid import UUID

from cec_contracts.vocabulary import Area


@dataclass(frozen=True, slots=True)
class Certificate:
    """證書: the right to the profession, for life; one for each profession."""

    profession: str
    number: str
    issued_on: date


@dataclass(frozen=True, slots=True)
class Licence:
    """執業執照. A person, a profession and the first day name it: a licence that is renewed begins anew.

    `extended_until` is the end by the letters of 2020 to 2022. It never moves `valid_until`, from which the next cycle
    is reckoned.
    """

    licence_id: UUID
    profession: str
    valid_from: date
    valid_until: date
    extended_until: date | None = None
    institution_code: str = ""
    county: str = ""


@dataclass(slots=True)
class Practitioner:
    """The aggregate. `version` counts the changes that others have been told of; 0 means not saved yet."""

    practitioner_id: UUID
    number: str
    """人員代碼, the number others know the person by."""
    name: str
    national_id_index: str
    national_id_masked: str
    certificates: dict[str, Certificate] = field(default_factory=dict)
    """By profession."""
    licences: dict[tuple[str, date], Licence] = field(default_factory=dict)
    """By profession and first day."""
    areas: dict[date, Area] = field(default_factory=dict)
    """Practice area 執業地區 from this day on."""
    active: bool = True
    version: int = 0

    def rename(self, number: str, name: str) -> bool:
        """Takes the number and name; whether they were others."""
        changed = (self.number, self.name) != (number, name)
        self.number, self.name = number, name
        return changed

    def certify(self, certificate: Certificate) -> bool:
        """Takes the certificate; whether it was another or none."""
        changed = self.certificates.get(certificate.profession) != certificate
        self.certificates[certificate.profession] = certificate
        return changed

    def license(self, licence: Licence) -> bool:
        """Takes the licence, keeping the id of the one that begins on the same day; whether anything is new."""
        key = (licence.profession, licence.valid_from)
        known = self.licences.get(key)
        if known is not None:
            licence = replace(licence, licence_id=known.licence_id)
        self.licences[key] = licence
        return known != licence

    def practise_in(self, area: Area, since: date) -> bool:
        """Takes the area from that day on; whether it was another or none."""
        changed = self.areas.get(since) != area
        self.areas[since] = area
        return changed
