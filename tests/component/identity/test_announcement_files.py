"""Files of announcements: what is taken, who gets them, and with which headers."""

from __future__ import annotations

import io
import zipfile
from typing import Any
from urllib.parse import quote

import httpx
import pytest
from tests.component.identity.conftest import Identity, good, refusal
from tests.component.identity.test_announcements import EDITOR, OFFERING, WORDS, a_review_unit, drafted, publish
from tests.support.tokens import an_actor

from cec_chassis.context import Actor
from cec_identity.announcements.files import KINDS, LARGEST

BYTES = "application/octet-stream"
PDF = b"%PDF-1.7\n" + b"1 0 obj <<>> endobj\n" * 20 + b"%%EOF\n"
PNG = b"\x89PNG\r\n\x1a\n" + bytes(64)
JPEG = b"\xff\xd8\xff\xe0" + bytes(64)


def an_archive(**entries: bytes) -> bytes:
    """A ZIP file; the first entry is `mimetype` where there is one."""
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w") as archive:
        for name, content in entries.items():
            entry = name.replace("__", "/").replace("_T", "[Content_Types].xml")
            archive.writestr(zipfile.ZipInfo(entry), content)  # of 1980: the bytes are in the names of tests
    return written.getvalue()


ODT = an_archive(mimetype=b"application/vnd.oasis.opendocument.text", **{"content.xml": b"<a/>"})
DOCX = an_archive(_T=b"<a/>", **{"word/document.xml": b"<a/>"})
MACROS = an_archive(_T=b"<a/>", **{"word/document.xml": b"<a/>", "word/vbaProject.bin": b"x"})


async def upload(
    identity: Identity,
    announcement: str,
    name: str,
    content: bytes,
    actor: Actor | None = None,
    *,
    media_type: str = BYTES,
) -> httpx.Response:
    sent = identity.headers_of(actor or identity.administrator)
    sent |= {"Content-Type": media_type}
    path = f"{EDITOR}/{announcement}/files?name={quote(name)}"
    return await identity.client.post(path, content=content, headers=sent)


async def with_file(
    identity: Identity, name: str = "操作手冊.pdf", content: bytes = PDF, **changes: Any
) -> tuple[str, str]:
    """A published announcement with a file; both ids."""
    announcement = await drafted(identity, **changes)
    file_id = good(await upload(identity, announcement, name, content), 201)["file_id"]
    known = {name: changes[name] for name in ("public", "audience") if name in changes}
    body = WORDS | known | {"files": [file_id], "based_on": 1}
    good(await identity.ask(identity.administrator, "PUT", f"{EDITOR}/{announcement}", body))
    await publish(identity, announcement)
    return announcement, file_id


@pytest.mark.parametrize(
    ("name", "content", "media_type"),
    [
        ("手冊.pdf", PDF, "application/pdf"),
        ("A.PDF", PDF, "application/pdf"),
        ("圖.png", PNG, "image/png"),
        ("p.jpeg", JPEG, "image/jpeg"),
        ("表.odt", ODT, "application/vnd.oasis.opendocument.text"),
        ("d.docx", DOCX, "application/vnd.openxmlformats-officedocument.wordprocessingml.document"),
    ],
)
async def test_documents_and_pictures_are_taken(identity: Identity, name: str, content: bytes, media_type: str) -> None:
    answer = good(await upload(identity, await drafted(identity), name, content), 201)
    assert (answer["name"], answer["media_type"], answer["size"]) == (name, media_type, len(content))


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("手冊.pdf", b"<html><script>alert(1)</script>"),
        ("手冊.pdf", PNG),
        ("page.html", b"<html>"),
        ("picture.svg", b"<svg onload='alert(1)'/>"),
        ("run.exe", b"MZ"),
        ("archive.zip", DOCX),
        ("macros.docx", MACROS),
        ("wrong.xlsx", DOCX),
        ("wrong.odt", DOCX),
        ("broken.docx", DOCX[:40]),
        ("none", PDF),
    ],
)
async def test_what_is_not_what_its_name_says_or_could_run_is_refused(
    identity: Identity, name: str, content: bytes
) -> None:
    refused = await upload(identity, await drafted(identity), name, content)
    assert refusal(refused)[:2] == (415, "file-kind-not-taken")


@pytest.mark.parametrize(
    ("name", "fault"),
    [
        ("../手冊.pdf", "file-name"),
        ("a\\b.pdf", "file-name"),
        (".pdf", "file-name"),
        ("x" * 121 + ".pdf", "file-name"),
        ("a\u202efdp.exe.pdf", "bad-character"),
        ("a\r\nX: y.pdf", "bad-character"),
    ],
)
async def test_names_that_are_paths_or_tricks_are_refused(identity: Identity, name: str, fault: str) -> None:
    refused = await upload(identity, await drafted(identity), name, PDF)
    assert refusal(refused) == (422, "validation-failed", [("query.name", fault)])


async def test_a_file_that_is_too_large_or_empty_or_sent_as_something_else_is_refused(identity: Identity) -> None:
    announcement = await drafted(identity)
    assert refusal(await upload(identity, announcement, "a.pdf", PDF + bytes(LARGEST)))[:2] == (413, "body-too-large")
    assert refusal(await upload(identity, announcement, "a.pdf", b""))[0] == 422
    assert refusal(await upload(identity, announcement, "a.pdf", PDF, media_type="text/html"))[0] == 415


async def test_a_file_is_saved_and_never_shown_in_our_name(identity: Identity) -> None:
    announcement, file_id = await with_file(identity)
    view = good(await identity.ask(OFFERING, "GET", f"/announcements/{announcement}"))
    assert [(file["file_id"], file["name"], file["size"]) for file in view["files"]] == [
        (file_id, "操作手冊.pdf", len(PDF))
    ]
    answer = await identity.ask(OFFERING, "GET", f"/announcements/{announcement}/files/{file_id}")
    assert (answer.status_code, answer.content) == (200, PDF)
    assert answer.headers["Content-Type"] == "application/pdf"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Content-Disposition"].startswith('attachment; filename="file.pdf"; filename*=UTF-8')
    assert "sandbox" in answer.headers["Content-Security-Policy"]
    assert answer.headers["Cache-Control"].startswith("private")
    assert answer.headers["ETag"] == f'"{view["files"][0]["sha256"]}"'


async def test_a_file_is_for_those_who_see_the_text_that_names_it(identity: Identity) -> None:
    announcement, file_id = await with_file(identity)
    path = f"announcements/{announcement}/files/{file_id}"
    for reader, address in (
        (an_actor("committee_member"), f"/{path}"),
        (None, f"/public-{path}"),
        (OFFERING, f"/announcements/{file_id}/files/{file_id}"),
    ):
        assert refusal(await identity.ask(reader, "GET", address))[0] == 404
    without = WORDS | {"based_on": 2}
    good(await identity.ask(identity.administrator, "PUT", f"{EDITOR}/{announcement}", without))
    assert (await identity.ask(OFFERING, "GET", f"/{path}")).status_code == 200
    await publish(identity, announcement)
    assert refusal(await identity.ask(OFFERING, "GET", f"/{path}"))[0] == 404
    kept = await identity.ask(identity.administrator, "GET", f"{EDITOR}/{announcement}/files/{file_id}")
    assert kept.content == PDF, "the history keeps it"


async def test_anybody_gets_the_files_of_the_sign_in_page(identity: Identity) -> None:
    announcement, file_id = await with_file(identity, public=True)
    answer = await identity.ask(None, "GET", f"/public-announcements/{announcement}/files/{file_id}")
    assert answer.content == PDF
    assert answer.headers["Cache-Control"].startswith("public")


async def test_a_file_of_one_announcement_is_not_named_by_another(identity: Identity) -> None:
    _, file_id = await with_file(identity)
    other = await drafted(identity)
    body = WORDS | {"files": [file_id], "based_on": 1}
    refused = await identity.ask(identity.administrator, "PUT", f"{EDITOR}/{other}", body)
    assert refusal(refused)[2] == [("body.files", "unknown-file")]


async def test_nobody_uploads_to_an_announcement_of_somebody_else(identity: Identity) -> None:
    unit = await a_review_unit(identity)
    refused = await upload(identity, await drafted(identity), "a.pdf", PDF, unit)
    assert refusal(refused)[:2] == (403, "not-your-announcement")


async def test_the_document_says_what_kinds_of_files_are_handed_out(identity: Identity) -> None:
    paths = good(await identity.ask(None, "GET", "/openapi.json"))["paths"]

    def kinds(path: str) -> set[str]:
        return set(paths[path]["get"]["responses"]["200"]["content"])

    for way in ("/announcements", "/public-announcements", "/announcement-editor"):
        assert kinds(f"{way}/{{announcement_id}}/files/{{file_id}}") == set(KINDS.values())
    assert kinds("/registry/imports/{import_id}/results.csv") == {"text/csv"}
