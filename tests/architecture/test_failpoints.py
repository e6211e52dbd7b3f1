"""Every failpoint that may be armed is passed somewhere, and every one that is passed may be armed."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from cec_chassis import failpoints

ROOT = Path(__file__).parents[2]
SOURCES = sorted(path for folder in ("libs", "services") for path in (ROOT / folder).rglob("*.py"))


def passed(tree: ast.AST) -> Iterator[str]:
    """The names in calls of `hit("…")`; a name that is no literal could not be found by anybody."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "hit":
            (name,) = node.args
            assert isinstance(name, ast.Constant), f"line {node.lineno}: a failpoint is named by a literal"
            yield str(name.value)


def places() -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for path in SOURCES:
        for name in passed(ast.parse(path.read_text(encoding="utf-8"))):
            found.setdefault(name, []).append(str(path.relative_to(ROOT)))
    return found


def test_known_failpoints_are_those_in_the_source() -> None:
    assert set(places()) == failpoints.KNOWN


def test_each_failpoint_is_one_place() -> None:
    """Otherwise "the second time" would mean different places from run to run."""
    assert {name: where for name, where in places().items() if len(where) > 1} == {}


def test_a_process_is_killed_at_each_failpoint_by_some_test() -> None:
    tests = "".join(path.read_text(encoding="utf-8") for path in (ROOT / "tests/system/faults").glob("test_*.py"))
    assert {name for name in failpoints.KNOWN if name not in tests} == set()


def test_every_hit_is_awaited() -> None:
    for path in SOURCES:
        tree = ast.parse(path.read_text(encoding="utf-8"))
        awaited = sum(isinstance(n, ast.Await) and any(passed(n.value)) for n in ast.walk(tree))
        assert awaited >= len(list(passed(tree))), path


def test_a_mistyped_name_in_the_environment_is_refused() -> None:
    with pytest.raises(ValueError, match=r"relay\.after_confirmed"):
        failpoints._parse("relay.after_confirmed:1:exit137")


async def test_a_failpoint_acts_at_the_chosen_time_only(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(failpoints, "_armed", failpoints._parse("relay.after_claim:2:raise"))
    await failpoints.hit("relay.after_claim")
    await failpoints.hit("relay.after_confirm")
    with pytest.raises(failpoints.FailpointReached):
        await failpoints.hit("relay.after_claim")
    await failpoints.hit("relay.after_claim")


def test_nothing_is_armed_without_the_environment() -> None:
    assert failpoints._parse("") == {}
