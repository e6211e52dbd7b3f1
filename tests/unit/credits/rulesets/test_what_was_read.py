"""What of the rules was read in the regulations' texts, and what is believed or a reading of them."""

from __future__ import annotations

from datetime import date

import pytest
from tests.unit.credits.rulesets.test_values_by_date import rules_on

from cec_credits.rulesets.load import bundled

ALL_METHODS = " ".join(f"M{number:02}" for number in range(1, 14))


@pytest.mark.parametrize(
    ("name", "methods", "caps", "areas"),
    [
        ("PHYS2007", "", "", ""),
        ("PHYS2008", "", "", ""),
        ("NURSE2008", "M11", "", ""),
        ("NURSE2013", "M11", "", ""),
        ("DIET2009", "M11", "", ""),
        ("PHARM2009", "M11", "M02 M03 M04 M05 M06 M07 M08 M09 M10 M11", ""),
        ("R2013", "M11", "", ""),
        ("R2015", ALL_METHODS, "M04 M05 M06 M07 M08 M09 M11 M13", "offshore remote"),
        ("R2016", ALL_METHODS, "M04 M05 M06 M07 M08 M09 M11 M13", "offshore remote"),
        ("R2022", "M09 M10 M11 M12 M13", "M09 M11 M13", "offshore remote"),
    ],
)
def test_a_value_is_unverified_exactly_where_the_text_was_not_read(
    name: str, methods: str, caps: str, areas: str
) -> None:
    """Of the pharmacists' shares and of M11 the text was read; how they are applied is our reading."""
    document = bundled()[name].document
    assert [each.code for each in document.methods if not each.verified] == methods.split()
    assert [each.methods[0] for each in document.caps if not each.verified] == caps.split()
    assert sorted(key for key, each in document.areas.items() if not each.verified) == areas.split()
    assert not document.overlap.verified
    assert not document.credit_hour.verified
    assert document.credit_hour.minutes == 50
    assert document.overlap.policy == "flag"
    assert (document.repetition.policy, document.repetition.verified) == ("flag", False)
    assert (document.window.verified, document.window.extension.verified) == (False, False)
    assert all(profile.verified for profile in document.profiles.values())


@pytest.mark.parametrize("name", sorted(rule_set.id for rule_set in bundled()))
def test_of_every_line_of_the_standards_it_is_said_what_was_read_and_what_is_a_reading(name: str) -> None:
    """Totals and groups stand in the texts; that one valid course of the group is enough is how the system shows it."""
    for standard in bundled()[name].document.standards.values():
        assert standard.total.verified
        assert standard.limited.verified
        for line in (standard.infection_control, standard.gender):
            assert line.verified is (line.courses == 0)
            assert ("only a valid one counts, is our reading" in line.note) is (line.courses > 0)
        for further in standard.further:
            assert (further.verified, bool(further.note)) == (False, True)


def test_a_rate_whose_row_was_not_read_is_told_as_such_with_every_loss_that_rests_on_it() -> None:
    for profession, day, verified in (
        ("J", "2016-01-01", False),
        ("J", "2018-01-01", False),
        ("J", "2023-01-01", True),
    ):
        provision = rules_on(profession, day).terms("M01", "learner", "ordinary").provision
        assert (provision.verified, "was not read" in provision.note) == (verified, not verified)


def test_that_other_physicians_were_held_to_180_in_2013_is_told_as_a_reading() -> None:
    total = rules_on("B", "2014-01-01").standard_on(date(2014, 1, 1)).total
    assert "Chinese medicine" in total.note
