"""The header line: which columns a file may have, under which names, and which it must have."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from cec_chassis.problems import FieldError, Refusal


class CsvHeaderInvalid(Refusal):
    """Columns are missing, unknown or named twice; `errors` says which. Nothing of the file is read."""

    slug = "csv-header-invalid"
    status = 422
    title = "欄位名稱不符 / The names of the columns are not right"


@dataclass(frozen=True)
class Columns:
    """The columns of one kind of file.

    `headings` has each column, as error paths call it, with the other names it may bear in a file, for example the
    Chinese ones. Of each group in `needed`, a file has at least one column.
    """

    headings: Mapping[str, Sequence[str]]
    needed: Sequence[Sequence[str]] = ()

    def order_in(self, header: Sequence[str]) -> tuple[str, ...]:
        """The columns in the order of the file, from the cells of its first line. Width and case do not matter.

        A column nobody knows is refused: it may hold what the sender relies on.

        Raises:
            CsvHeaderInvalid: with one error for each column at fault, as `rows[1].<column>`.
        """
        known = {_folded(name): column for column, others in self.headings.items() for name in (column, *others)}
        errors: list[FieldError] = []
        order: list[str] = []
        for place, cell in enumerate(header, start=1):
            column = known.get(_folded(cell))
            if column is None:
                # The name itself is not repeated: without a header line it would be somebody's personal data.
                errors.append(_error(f"column_{place}", "unknown-column", self._unknown(place)))
            elif column in order:
                errors.append(_error(column, "repeated-column", "欄位重複 / The column appears twice"))
            else:
                order.append(column)
        errors += [
            _error(group[0], "missing-column", self._missing(group))
            for group in self.needed
            if not set(group) & set(order)
        ]
        if errors:
            raise CsvHeaderInvalid(errors=errors)
        return tuple(order)

    def _unknown(self, place: int) -> str:
        return (
            f"第 {place} 欄之名稱無法辨識，可用欄名：{'、'.join(map(self._in_words, self.headings))}"
            f" / The name of column {place} is not one of: {', '.join(self.headings)}"
        )

    def _missing(self, group: Sequence[str]) -> str:
        return f"須有欄位：{' 或 '.join(map(self._in_words, group))} / {' or '.join(group)} is needed"

    def _in_words(self, column: str) -> str:
        """As it stands in a Chinese form, or else by its English name."""
        return next(iter(self.headings[column]), column)


def _folded(name: str) -> str:
    return unicodedata.normalize("NFKC", name).strip().lower()


def _error(column: str, slug: str, message: str) -> FieldError:
    return FieldError(f"rows[1].{column}", slug, message)
