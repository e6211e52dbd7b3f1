"""Records that belong together: a survivor and whatever was merged into it, in a chain perhaps."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from uuid import UUID

from cec_chassis.database import Transaction
from cec_contracts import identity as contract
from cec_identity.practitioners.domain import Practitioner, as_one
from cec_identity.practitioners.store import load_practitioners
from cec_identity.publishes import practitioner_news


class Families:
    """Some records, each together with all that it was merged with. The records may change; who is merged may not."""

    def __init__(self, people: Iterable[Practitioner]) -> None:
        self.people = {person.practitioner_id: person for person in people}
        self._merged: dict[UUID, list[Practitioner]] = {}
        for person in self.people.values():
            if person.merged_into is not None:
                self._merged.setdefault(person.merged_into, []).append(person)

    def survivor(self, person: Practitioner) -> Practitioner:
        """The record at the end of the chain; the person's own when it was merged into none."""
        return self.line(person)[-1]

    def line(self, person: Practitioner) -> list[Practitioner]:
        """The person's own record, the one it was merged into, and so on; the survivor last."""
        line = [person]
        while line[-1].merged_into is not None:
            line.append(self.people[line[-1].merged_into])
        return line

    def formers(self, person: Practitioner) -> list[Practitioner]:
        """The records that were merged into this one, or into one of those; nearest first."""
        found: list[Practitioner] = []
        nearest = [person] if self._merged else []
        while nearest:
            nearest = [each for near in nearest for each in self._merged.get(near.practitioner_id, ())]
            nearest.sort(key=lambda each: each.practitioner_id)
            found += nearest
        return found

    def whole(self, person: Practitioner) -> Practitioner:
        """The person with everything of the records that were merged into theirs."""
        formers = self.formers(person)
        return as_one(person, formers) if formers else person

    def news(self, person: Practitioner) -> contract.Practitioner:
        """What the others are told: of a survivor the whole."""
        return practitioner_news(self.whole(person))


async def load_family(tx: Transaction, ids: Sequence[UUID]) -> Families:
    """These records and all that belong together with them, held until `tx` ends."""
    return Families(await load_practitioners(tx, ids=ids, lock=True, whole=True))


def tell_family(
    tx: Transaction,
    action: str,
    changed: Iterable[Practitioner],
    families: Families,
    before: Mapping[UUID, contract.Practitioner],
    reason: str,
) -> None:
    """One event and one audit row for each of `changed`, which have been saved; survivors are told of whole."""
    for person in changed:
        news = families.news(person)
        tx.publish(contract.PRACTITIONER_CHANGED, subject=person.practitioner_id, sequence=person.version, body=news)
        tx.audit(
            action,
            subject_type="practitioner",
            subject_id=person.practitioner_id,
            reason=reason,
            before=before.get(person.practitioner_id),
            after=news,
        )
