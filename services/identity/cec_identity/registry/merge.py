"""What the rows of a file make of the practitioners that are known: a pure function over values in memory.

Rows add and correct; they never remove. A file that says two things about the same fact is refused at the second row,
because nobody can tell which of them is true.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID

from cec_chassis.ids import new_id
from cec_chassis.problems import FieldError
from cec_contracts import national_id
from cec_identity.practitioners.domain import Practitioner
from cec_identity.registry.rows import RefusedRow, RegistryRow

Fact = tuple[object, ...]


class Outcome(StrEnum):
    """What became of a row, seen as a person in a profession."""

    CREATED = "created"  # the person, or the person in this profession, was not known
    CHANGED = "changed"
    UNCHANGED = "unchanged"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class Taken:
    """A row that was taken, and whose it is."""

    outcome: Outcome
    practitioner_id: UUID


class Merge:
    """Takes rows one after another. Afterwards `new` and `changed` hold the people to be saved."""

    def __init__(self, known: Iterable[Practitioner]) -> None:
        """`known` are all people whose national ID or number stands in the file."""
        self._people = {person.national_id_index: person for person in known}
        # Numbers given up in this very file stay with their owner: the next file may give them to somebody else.
        self._owners = {person.number: index for index, person in self._people.items()}
        self._said: dict[Fact, tuple[int, object]] = {}
        self.new: dict[str, tuple[Practitioner, str]] = {}
        """By index: the person and the national ID to be sealed."""
        self.changed: dict[str, Practitioner] = {}

    def take(self, row: RegistryRow) -> Taken | RefusedRow:
        """Makes the row's facts those of its person, or says why not."""
        if self._owners.get(row.number, row.index) != row.index:
            return _refused(row, "number", "number-taken", "人員代碼屬於另一人 / the number belongs to another person")
        contradiction = self._contradiction(row)
        if contradiction is not None:
            return contradiction
        person = self._people.get(row.index)
        created = person is None or row.certificate.profession not in person.certificates
        if person is None:
            person = Practitioner(new_id(), row.number, row.name, row.index, national_id.mask(row.national_id))
            self._people[row.index] = person
            self.new[row.index] = (person, row.national_id)
        self._owners[row.number] = row.index
        if not _apply(row, person):
            return Taken(Outcome.UNCHANGED, person.practitioner_id)
        if row.index not in self.new:
            self.changed[row.index] = person
        return Taken(Outcome.CREATED if created else Outcome.CHANGED, person.practitioner_id)

    def _contradiction(self, row: RegistryRow) -> RefusedRow | None:
        facts = _facts(row)
        for column, fact, value in facts:
            line, said = self._said.get(fact, (row.line, value))
            if said != value:
                return _refused(
                    row,
                    column,
                    "contradicts-another-row",
                    f"與第 {line} 行不一致 / says something else than line {line}",
                )
        self._said.update({fact: (row.line, value) for _, fact, value in facts if fact not in self._said})
        return None


def _facts(row: RegistryRow) -> list[tuple[str, Fact, object]]:
    """What the row says: the column to name in a fault, what it is about, and the value."""
    facts: list[tuple[str, Fact, object]] = [
        ("number", (row.index, "number"), row.number),
        ("name", (row.index, "name"), row.name),
        ("certificate_number", (row.index, "certificate", row.certificate.profession), row.certificate),
    ]
    if row.licence is not None:
        licence = row.licence
        told = (licence.valid_until, licence.extended_until, licence.institution_code, licence.county)
        facts.append(("licence_valid_from", (row.index, "licence", licence.profession, licence.valid_from), told))
    if row.area is not None:
        since, area = row.area
        facts.append(("area", (row.index, "area", since), area))
    return facts


def _apply(row: RegistryRow, person: Practitioner) -> bool:
    changed = [person.rename(row.number, row.name), person.certify(row.certificate)]
    if row.licence is not None:
        changed.append(person.license(row.licence))
    if row.area is not None:
        since, area = row.area
        changed.append(person.practise_in(area, since))
    return any(changed)


def _refused(row: RegistryRow, column: str, slug: str, message: str) -> RefusedRow:
    return RefusedRow(row.line, (FieldError(f"rows[{row.line}].{column}", slug, message),))
