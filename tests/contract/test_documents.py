"""The committed API documents: what the code makes now, valid, complete, and no break of what was released."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import msgspec
import pytest
from deploy.documents import __main__ as command
from deploy.documents.make import ASYNCAPI, BASELINE, FOLDER, text_of
from deploy.documents.services import services
from jsonschema import Draft202012Validator
from openapi_spec_validator import OpenAPIV31SpecValidator
from tests.contract.breaking import breaks

OPENAPI = [f"{name}.openapi.json" for name in services()]
ALL = [*OPENAPI, ASYNCAPI]

Documents = dict[str, dict[str, Any]]


def committed(name: str, folder: Path = FOLDER) -> dict[str, Any]:
    document: dict[str, Any] = msgspec.json.decode((folder / name).read_bytes())
    return document


@pytest.mark.parametrize("name", ALL)
def test_the_committed_document_is_what_the_code_makes(made: Documents, name: str) -> None:
    assert (FOLDER / name).read_text(encoding="utf-8") == text_of(made[name]), (
        "run `make documents` and commit docs/api"
    )


def test_there_is_no_document_of_something_that_is_gone() -> None:
    assert {path.name for path in FOLDER.glob("*.json")} == set(ALL)


@pytest.mark.parametrize("name", OPENAPI)
def test_an_openapi_document_is_valid(name: str) -> None:
    document = committed(name)
    assert document["openapi"].startswith("3.1")
    OpenAPIV31SpecValidator(document).validate()


@pytest.mark.parametrize("name", OPENAPI)
def test_every_operation_can_be_called_by_name_and_says_what_it_does_and_who_may(name: str) -> None:
    document = committed(name)
    operations = [
        (f"{method} {path}", operation)
        for path, item in document["paths"].items()
        for method, operation in item.items()
        if method != "parameters"
    ]
    assert operations
    names = [operation["operationId"] for _, operation in operations]
    assert len(set(names)) == len(names)
    for place, operation in operations:
        assert operation.get("description"), f"{place} says nothing about itself"
        assert operation["security"] == [] or operation["x-roles"], f"{place} does not say who may call it"


@pytest.mark.parametrize("name", ALL)
def test_every_reference_leads_somewhere(name: str) -> None:
    document = committed(name)
    for reference in references(document):
        assert reference.startswith("#/"), f"{reference} leads out of the document"
        found: Any = document
        for part in reference.removeprefix("#/").split("/"):
            found = found[part.replace("~1", "/").replace("~0", "~")]


@pytest.mark.parametrize("name", ALL)
def test_every_schema_is_a_json_schema(name: str) -> None:
    for schema in committed(name)["components"]["schemas"].values():
        Draft202012Validator.check_schema(schema)


@pytest.mark.parametrize("name", ALL)
def test_nothing_that_was_released_is_broken(made: Documents, name: str) -> None:
    released = BASELINE / name
    if not released.exists():
        return  # not released yet; `make release-documents` makes it a promise
    found = breaks(name, committed(name, BASELINE), made[name])
    assert not found, "\n".join(["this breaks what others were promised:", *found])


def test_nothing_released_has_disappeared(made: Documents) -> None:
    assert {path.name for path in BASELINE.glob("*.json")} <= set(made), "a released document has no successor"


def test_writing_the_documents_leaves_the_released_ones_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, made: Documents
) -> None:
    async def ready() -> Documents:
        return made

    monkeypatch.setattr(command, "FOLDER", tmp_path)
    monkeypatch.setattr(command, "BASELINE", tmp_path / "baseline")
    monkeypatch.setattr(command, "documents", ready)
    (tmp_path / "baseline").mkdir()
    (tmp_path / "baseline" / ASYNCAPI).write_text("the promise", encoding="utf-8")

    assert sorted(command.write()) == sorted(made)
    assert command.write() == [], "the second time nothing has changed"
    assert (tmp_path / "baseline" / ASYNCAPI).read_text(encoding="utf-8") == "the promise"

    assert sorted(command.release()) == sorted(made)
    assert committed(ASYNCAPI, tmp_path / "baseline") == made[ASYNCAPI]


def references(node: Any) -> list[str]:
    """Every `$ref` of a document, except inside examples."""
    if isinstance(node, list):
        return [found for item in node for found in references(item)]
    if not isinstance(node, dict):
        return []
    own = [node["$ref"]] if isinstance(node.get("$ref"), str) else []
    return own + [
        found for key, item in node.items() if key not in {"examples", "example"} for found in references(item)
    ]
