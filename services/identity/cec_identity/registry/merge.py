"""What the rows of a file make of the practitioners that are known: a pure function over values in memory.

Rows add and correct; they never remove. A file that says two things about the same fact is refused at the second row,
because nobody can tell which of them is true.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from uuid import UUID

from cec_chassis.ids import new_id
from cec_chassis.problems import FieldError
from cec_contracts import identity as contract
from cec_contracts import national_id
from cec_identity.practitioners.domain import Practitioner
from cec_identity.practitioners.family import Families
from cec_identity.professions.store import Elsewhere
from cec_identity.registry.results import Outcome
from cec_identity.registry.rows import RefusedRow, RegistryRow

Fact = tuple[object, ...]


@dataclass(frozen=True, slots=True)
class Taken:
    """A row that was taken, and whose it is; or skipped, and nobody's."""

    outcome: Outcome
    practitioner_id: UUID | None
    warnings: tuple[FieldError, ...] = ()


class Merge:
    """Takes rows one after another. Afterwards `new` and `changed` hold the people to be saved."""

    def __init__(self, known: Iterable[Practitioner], elsewhere: Mapping[str, Elsewhere] | None = None) -> None:
        """`known` are all people whose national ID or number stands in the file, with all they were merged with;
        `elsewhere` are the professions that another system looks after today."""
        self.families = Families(known)
        self._elsewhere = elsewhere or {}
        people = self.families.people.values()
        self._people = {index: person for person in people for index in person.former_indexes}
        self._people |= {person.national_id_index: person for person in people}
        # Numbers given up in this very file stay with their owner: the next file may give them to somebody else.
        self._owners = {person.number: person for person in people}
        self._first: dict[str, RegistryRow] = {}
        """The first row about each person; what it says is looked at when there is a second one, which is seldom."""
        self._said: dict[Fact, tuple[int, object]] = {}
        self.new: dict[UUID, tuple[Practitioner, str]] = {}
        """The person and the national ID to be sealed."""
        self.changed: dict[UUID, Practitioner] = {}
        """Also the survivor of whoever changed: it is told of anew, for it has what its former records have."""
        self.before: dict[UUID, contract.Practitioner] = {}
        """What the others were told last of those who changed."""
        self.resealed: dict[UUID, str] = {}
        """The national ID to be sealed of whoever has another one now."""

    def take(self, row: RegistryRow) -> Taken | RefusedRow:
        """Makes the row's facts those of its person, or says why not."""
        elsewhere = self._elsewhere.get(row.certificate.profession)
        if elsewhere is not None:
            return Taken(Outcome.SKIPPED, None, (_elsewhere(row, elsewhere),))
        person = self._people.get(row.index)
        former = self._people.get(row.former_index) if row.former_index is not None else None
        if person is not None and former is not None and self._survivor(person) is not self._survivor(former):
            message = "原證號與現證號各有一筆資料,請先合併 / Both numbers have a record of their own; merge them first"
            return _refused(row, "former_national_id", "two-records-of-one-person", message)
        owner = self._owners.get(row.number)
        whose = person or former
        strange = owner is not None and (whose is None or self._survivor(owner) is not self._survivor(whose))
        if strange:
            message = (
                "人員代碼屬於另一人;如係證號變更,請填原證號 / "
                "The number belongs to another person; if the ID changed, give the former one"
            )
            return _refused(row, "number", "number-taken", message)
        contradiction = self._contradiction(row)
        if contradiction is not None:
            return contradiction
        if whose is None:
            whose = self._register(row)
        return self._apply(row, whose)

    def _register(self, row: RegistryRow) -> Practitioner:
        person = Practitioner(new_id(), row.number, row.name, row.index, national_id.mask(row.national_id))
        self._people[row.index] = self._owners[row.number] = person
        self.families.people[person.practitioner_id] = person
        self.new[person.practitioner_id] = (person, row.national_id)
        return person

    def _apply(self, row: RegistryRow, person: Practitioner) -> Taken:
        created = row.certificate.profession not in person.certificates
        warnings: tuple[FieldError, ...] = ()
        number, name = row.number, row.name
        if self._owners.get(number, person) is not person:
            number = person.number
            warnings += (
                _warning(
                    row,
                    "number",
                    "number-of-former-record",
                    "人員代碼屬已合併之資料,未變更 / The number is that of a merged record and stays there",
                ),
            )
        if row.index != person.national_id_index and row.former_index is None:
            number, name = person.number, person.name
            warnings += (
                _warning(
                    row,
                    "national_id",
                    "former-national-id",
                    "此為原證號,現行證號不變 / A former number of the person; the present one stays",
                ),
            )
        renumbered = row.former_index is not None and row.index not in {
            person.national_id_index,
            *person.former_indexes,
        }
        if not renumbered and _agrees(row, person, number, name):
            return Taken(Outcome.UNCHANGED, person.practitioner_id, warnings)
        self._about_to_change(person)
        if renumbered:
            person.change_national_id(row.index, national_id.mask(row.national_id))
            self._people[row.index] = person
            self.resealed[person.practitioner_id] = row.national_id
        person.rename(number, name)
        self._owners[number] = person
        person.certify(row.certificate)
        if row.licence is not None:
            person.license(row.licence)
        if row.area is not None:
            since, area = row.area
            person.practise_in(area, since)
        return Taken(Outcome.CREATED if created else Outcome.CHANGED, person.practitioner_id, warnings)

    def _about_to_change(self, person: Practitioner) -> None:
        if person.practitioner_id in self.new:
            return
        for each in (person, self._survivor(person)):
            if each.practitioner_id not in self.changed:
                self.before[each.practitioner_id] = self.families.news(each)
                self.changed[each.practitioner_id] = each

    def _survivor(self, person: Practitioner) -> Practitioner:
        return self.families.survivor(person)

    def _contradiction(self, row: RegistryRow) -> RefusedRow | None:
        first = self._first.setdefault(row.index, row)
        if first is row:
            return None
        for _, fact, value in _facts(first):
            self._said.setdefault(fact, (first.line, value))
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
        for _, fact, value in facts:
            self._said.setdefault(fact, (row.line, value))
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


def _agrees(row: RegistryRow, person: Practitioner, number: str, name: str) -> bool:
    """Whether the row says nothing that is not known."""
    if (person.number, person.name) != (number, name):
        return False
    if person.certificates.get(row.certificate.profession) != row.certificate:
        return False
    if row.area is not None and person.areas.get(row.area[0]) != row.area[1]:
        return False
    told = row.licence
    if told is None:
        return True
    known = person.licences.get((told.profession, told.valid_from))
    return known is not None and known.says_the_same(told)


def _elsewhere(row: RegistryRow, elsewhere: Elsewhere) -> FieldError:
    message = (
        f"此類別自 {elsewhere.since} 起由 {elsewhere.system} 管理 / "
        f"Since {elsewhere.since} {elsewhere.system} looks after this profession"
    )
    return _warning(row, "profession", "handled-elsewhere", message)


def _warning(row: RegistryRow, column: str, slug: str, message: str) -> FieldError:
    return FieldError(f"rows[{row.line}].{column}", slug, message)


def _refused(row: RegistryRow, column: str, slug: str, message: str) -> RefusedRow:
    return RefusedRow(row.line, (_warning(row, column, slug, message),))
