"""How the code is laid out: the same files everywhere, short ones, no binary fractions, import rules that are run."""

from __future__ import annotations

import tomllib

import pytest
from deploy.documents.services import ROOT, service_names
from tests.architecture import guards
from tests.architecture.leaks import committed_files

NAMES = service_names()
SOURCES = sorted(
    path
    for folder in ("services", "libs/contracts")
    for path in (ROOT / folder).rglob("*.py")
    if "tests" not in path.parts
)


@pytest.mark.parametrize("name", NAMES)
def test_every_service_has_the_same_files(name: str) -> None:
    assert guards.missing_files(ROOT / "services" / name, f"cec_{name}") == []


@pytest.mark.parametrize("name", NAMES)
def test_the_readme_of_a_service_answers_the_six_questions(name: str) -> None:
    readme = (ROOT / "services" / name / "README.md").read_text(encoding="utf-8")
    assert guards.missing_topics(readme, name) == []


def test_no_binary_fraction_touches_points() -> None:
    found = [
        complaint
        for path in SOURCES
        for complaint in guards.floats_in(path.read_text(encoding="utf-8"), path.relative_to(ROOT).as_posix())
    ]
    assert found == []


def test_no_file_is_too_long() -> None:
    readable = {".py", ".js", ".css", ".html", ".sh", ".template"}
    files = [path for path in committed_files(ROOT) if path.suffix in readable]
    assert (
        guards.too_long((path.relative_to(ROOT).as_posix(), path.read_text(encoding="utf-8")) for path in files) == []
    )


def test_the_import_rules_cover_every_service_and_are_run_by_make_check() -> None:
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["importlinter"]
    packages = {f"cec_{name}" for name in NAMES}
    assert packages | {"cec_contracts", "cec_chassis"} <= set(settings["root_packages"])
    independent = next(contract for contract in settings["contracts"] if contract["type"] == "independence")
    assert set(independent["modules"]) == packages
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    assert "lint-imports" in makefile.split("\ncheck:", 1)[1].split("\n\n", 1)[0]
