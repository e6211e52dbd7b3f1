"""What rows make of the people who are known."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from hypothesis import given
from hypothesis import strategies as st

from cec_chassis.ids import new_id
from cec_contracts.vocabulary import Area
from cec_identity.practitioners.domain import Certificate, Licence
from cec_identity.registry.merge import Merge, Taken
from cec_identity.registry.results import Outcome
from cec_identity.registry.rows import RefusedRow, RegistryRow


def row(line: int = 2, person: str = "1", profession: str = "2", starts: int = 2011, **changes: object) -> RegistryRow:
    made = RegistryRow(
        line=line,
        national_id="A123456789",
        index=person * 64,
        number=f"P{person}",
        name="林",
        certificate=Certificate(profession, "000001", date(2010, 1, 1)),
        licence=Licence(new_id(), profession, date(starts, 1, 1), date(starts + 6, 1, 1)),
        area=(date(2000, 1, 1), Area.ORDINARY),
    )
    return replace(made, **changes)  # type: ignore[arg-type]


def outcomes(merge: Merge, *rows: RegistryRow) -> list[Outcome | str]:
    taken = [merge.take(row) for row in rows]
    return [t.outcome if isinstance(t, Taken) else t.errors[0].slug for t in taken]


def test_a_person_in_a_second_profession_is_created_and_a_second_licence_is_a_change() -> None:
    merge = Merge([])
    assert outcomes(merge, row(2), row(3, profession="D"), row(4, starts=2017), row(5)) == [
        Outcome.CREATED,
        Outcome.CREATED,
        Outcome.CHANGED,
        Outcome.UNCHANGED,
    ]
    assert (len(merge.new), len(merge.changed)) == (1, 0)


def test_a_licence_that_begins_on_the_same_day_keeps_its_id() -> None:
    first = Merge([])
    first.take(row())
    ((person, _),) = first.new.values()
    known = person.licences["2", date(2011, 1, 1)].licence_id
    second = Merge([person])
    extended = Licence(new_id(), "2", date(2011, 1, 1), date(2017, 1, 1), date(2018, 1, 1))
    assert outcomes(second, row(licence=extended)) == [Outcome.CHANGED]
    assert person.licences["2", date(2011, 1, 1)].licence_id == known
    assert list(second.changed) == [person.practitioner_id]


def test_a_refused_row_leaves_no_trace() -> None:
    merge = Merge([])
    merge.take(row())
    ((person, _),) = merge.new.values()
    slugs = outcomes(
        merge,
        row(3, name="森", profession="D"),
        row(4, person="2", number="P1"),
    )
    assert slugs == ["contradicts-another-row", "number-taken"]
    assert (person.name, list(person.certificates), len(merge.new)) == ("林", ["2"], 1)


def test_a_number_given_up_in_this_file_is_not_free_in_it() -> None:
    first = Merge([])
    first.take(row())
    ((person, _),) = first.new.values()
    assert outcomes(Merge([person]), row(2, number="P9"), row(3, person="2", number="P1")) == [
        Outcome.CHANGED,
        "number-taken",
    ]


@given(st.lists(st.tuples(st.sampled_from("123"), st.sampled_from("2D"), st.integers(2000, 2003)), max_size=12))
def test_taking_the_same_rows_again_never_changes_anything(said: list[tuple[str, str, int]]) -> None:
    rows = [row(line, person, profession, starts) for line, (person, profession, starts) in enumerate(said, start=2)]
    first = Merge([])
    assert not [taken for taken in map(first.take, rows) if isinstance(taken, RefusedRow)]
    again = Merge([person for person, _ in first.new.values()])
    assert set(outcomes(again, *rows)) <= {Outcome.UNCHANGED}
    assert not again.new
    assert not again.changed
