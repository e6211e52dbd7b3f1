"""The book of all published rule sets: which one holds for whom on which day."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Iterator
from datetime import date

from cec_credits.rulesets.domain import ProfessionRules, RuleSet


class UnknownProfession(Exception):
    """No rule set of the book has ever covered this category."""

    def __init__(self, profession: str) -> None:
        super().__init__(f"no rule set covers the profession {profession!r}")
        self.profession = profession


class NoRuleInForce(Exception):
    """The profession is covered, but not yet on that day."""

    def __init__(self, profession: str, on: date, since: date) -> None:
        super().__init__(f"no rule set covers the profession {profession!r} on {on}; the first does from {since}")
        self.profession = profession
        self.on = on
        self.since = since


class RuleBookRefused(Exception):
    """Two rule sets contradict one another: the same name, or the same profession from the same day."""


class RuleBook:
    """Rule sets in order of effect, found by profession or by regulation. Never changes after it is made."""

    __slots__ = ("_by_id", "_chains", "_dates")

    def __init__(self, rule_sets: Iterable[RuleSet]) -> None:
        """Bind published rule sets together.

        Raises:
            RuleBookRefused: an id stands twice, a profession is covered twice from one day, or a predecessor is missing.
        """
        ordered = sorted(rule_sets, key=lambda each: (each.effective_from, each.id))
        self._by_id = {each.id: each for each in ordered}
        if len(self._by_id) != len(ordered):
            raise RuleBookRefused("a rule set id stands twice")
        chains: dict[str, list[ProfessionRules]] = {}
        for rule_set in ordered:
            for missing in (name for name in rule_set.document.supersedes if name not in self._by_id):
                raise RuleBookRefused(f"{rule_set.id} supersedes {missing}, which is not in the book")
            for code, rules in rule_set.professions.items():
                chain = chains.setdefault(code, [])
                if chain and chain[-1].document.effective_from == rule_set.effective_from:
                    raise RuleBookRefused(
                        f"{chain[-1].rule_set} and {rule_set.id} both cover {code} from {rule_set.effective_from}"
                    )
                chain.append(rules)
        self._chains = {code: tuple(chain) for code, chain in chains.items()}
        self._dates = {code: [each.document.effective_from for each in chain] for code, chain in chains.items()}

    def __iter__(self) -> Iterator[RuleSet]:
        return iter(self._by_id.values())

    def __getitem__(self, rule_set: str) -> RuleSet:
        """The rule set of that id.

        Raises:
            KeyError: the book has none.
        """
        return self._by_id[rule_set]

    def professions(self) -> list[str]:
        """The codes of every category that any rule set covers."""
        return sorted(self._chains)

    def in_force(self, on: date, regulation: str) -> RuleSet | None:
        """The rule set of a regulation that is in force on a day; None before its first."""
        found = None
        for rule_set in self._by_id.values():
            if rule_set.regulation == regulation and rule_set.effective_from <= on:
                found = rule_set
        return found

    def chain(self, profession: str) -> tuple[ProfessionRules, ...]:
        """Every rule set that covers the profession, oldest first.

        Raises:
            UnknownProfession: none does.
        """
        chain = self._chains.get(profession)
        if chain is None:
            raise UnknownProfession(profession)
        return chain

    def rules_on(self, profession: str, on: date) -> ProfessionRules:
        """The rules a profession is held to on a day of evaluation.

        Raises:
            UnknownProfession: no rule set ever covers the profession.
            NoRuleInForce: the first that does comes into force later.
        """
        chain = self.chain(profession)
        at = bisect_right(self._dates[profession], on)
        if at == 0:
            raise NoRuleInForce(profession, on, self._dates[profession][0])
        return chain[at - 1]

    def rates_on(self, profession: str, on: date) -> ProfessionRules:
        """The rules by which something that ended on a day is paid: as :meth:`rules_on`, but before the first the first."""
        return self.chain(profession)[max(bisect_right(self._dates[profession], on) - 1, 0)]

    def next_change(self, profession: str, after: date) -> date | None:
        """The next day after ``after`` on which other rules come into force for the profession."""
        dates = self._dates[profession]
        at = bisect_right(dates, after)
        candidates = [dates[at]] if at < len(dates) else []
        candidates += [
            day
            for rules in self._chains[profession][max(at - 1, 0) : at]
            for day in rules.transitions_end()
            if day > after
        ]
        return min(candidates, default=None)
