"""A practitioner as the licence registry knows them. Pure values; nothing here knows the database or the wire."""

from __future__ import annotations

from collections.abc import Iterable
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

    def says_the_same(self, other: Licence) -> bool:
        """Whether the other one of the same person, profession and first day differs in its id at most."""
        return (self.valid_until, self.extended_until, self.institution_code, self.county) == (
            other.valid_until,
            other.extended_until,
            other.institution_code,
            other.county,
        )


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
    former_indexes: set[str] = field(default_factory=set)
    """Of the national IDs that this record bore before."""
    merged_into: UUID | None = None
    """The record that survives, once this one and that one are known to be one person."""
    active: bool = True
    version: int = 0

    def rename(self, number: str, name: str) -> bool:
        """Takes the number and name; whether they were others."""
        changed = (self.number, self.name) != (number, name)
        self.number, self.name = number, name
        return changed

    def change_national_id(self, index: str, masked: str) -> None:
        """Takes another national ID, as somebody does whose residence permit 居留證 became a national ID."""
        self.former_indexes.add(self.national_id_index)
        self.former_indexes.discard(index)
        self.national_id_index, self.national_id_masked = index, masked

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


def as_one(survivor: Practitioner, formers: Iterable[Practitioner]) -> Practitioner:
    """The survivor with everything that is known under the records merged into it; where they differ, its own word holds.

    Nothing is moved from one record to another: a merge that was an error is taken back and leaves no trace in either.
    """
    whole = replace(
        survivor,
        certificates=dict(survivor.certificates),
        licences=dict(survivor.licences),
        areas=dict(survivor.areas),
        former_indexes=set(survivor.former_indexes),
    )
    for former in formers:
        for profession, certificate in former.certificates.items():
            whole.certificates.setdefault(profession, certificate)
        for key, licence in former.licences.items():
            whole.licences.setdefault(key, licence)
        for since, area in former.areas.items():
            whole.areas.setdefault(since, area)
        whole.former_indexes |= {former.national_id_index, *former.former_indexes}
    whole.former_indexes.discard(survivor.national_id_index)
    return whole
