"""`python -m deploy.documents` writes the documents; `--release` declares what is written there to be the promise."""

from __future__ import annotations

import asyncio

import typer
from deploy.documents.access_page import PAGE, access_page
from deploy.documents.make import BASELINE, FOLDER, documents, text_of


def write() -> list[str]:
    """Writes every document whose content has changed; returns their names."""
    changed: list[str] = []
    for name, document in asyncio.run(documents()).items():
        path = FOLDER / name
        text = text_of(document)
        if not path.exists() or path.read_text(encoding="utf-8") != text:
            path.write_text(text, encoding="utf-8")
            changed.append(name)
    return changed


def release() -> list[str]:
    """Copies the documents to the baseline: from now on they are what others were promised."""
    BASELINE.mkdir(exist_ok=True)
    names = sorted(path.name for path in FOLDER.glob("*.json"))
    for name in names:
        (BASELINE / name).write_bytes((FOLDER / name).read_bytes())
    return names


def main(
    released: bool = typer.Option(
        False, "--release", help="also make them the baseline that breaking changes are measured against"
    ),
) -> None:
    """Make the API documents."""
    changed = write()
    PAGE.write_text(access_page(), encoding="utf-8")
    typer.echo(f"docs/api: {', '.join(changed) or '沒有變更 / nothing changed'}")
    if released:
        typer.echo(f"docs/api/baseline: {', '.join(release())}")


if __name__ == "__main__":
    typer.run(main)
