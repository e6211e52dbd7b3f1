"""The catalogues of texts: both languages of every text, or the service does not start."""

from __future__ import annotations

import re
import runpy
import shutil
from pathlib import Path

import pytest
from babel.messages.pofile import PoFileError

from cec_credits import texts
from cec_credits.texts import LOCALE, FaultyCatalogues, read

PACKAGE = LOCALE.parent
HEADER = 'msgid ""\nmsgstr "Content-Type: text/plain; charset=UTF-8\\n"\n\n'
CAP = 'msgid "loss.CAP"\nmsgstr "{amount} 點"\n'
CAP_EN = 'msgid "loss.CAP"\nmsgstr "{amount} points"\n'


def catalogues(folder: Path, zh: str, en: str) -> Path:
    for language, messages in (("zh_Hant_TW", zh), ("en", en)):
        path = folder / language / "LC_MESSAGES" / "credits.po"
        path.parent.mkdir(parents=True)
        path.write_text(HEADER + messages, encoding="utf-8")
    return folder


def test_two_catalogues_make_pairs(tmp_path: Path) -> None:
    pairs = read(catalogues(tmp_path, CAP, CAP_EN))
    assert {code: (text.zh, text.en) for code, text in pairs.items()} == {
        "loss.CAP": ("{amount} 點", "{amount} points")
    }


@pytest.mark.parametrize(
    ("zh", "en", "fault"),
    [
        (CAP, "", "loss.CAP stands in one language only"),
        ("", CAP_EN, "loss.CAP stands in one language only"),
        (CAP, CAP_EN.replace("{amount}", "{cap}"), "loss.CAP: parameters differ"),
        (CAP, CAP_EN.replace("{amount}", "Ten"), "loss.CAP: parameters differ"),
        (CAP, CAP_EN.replace("{amount}", "{amount"), "{amount points: expected '}' before end of string"),
        (CAP, 'msgid "loss.CAP"\nmsgstr ""\n', "loss.CAP has no text"),
        (CAP, "#, fuzzy\n" + CAP_EN, "loss.CAP is fuzzy"),
        (CAP + "\n" + CAP.replace("點", "分"), CAP_EN, "loss.CAP stands twice"),
    ],
)
def test_a_faulty_text_is_refused_by_its_code(tmp_path: Path, zh: str, en: str, fault: str) -> None:
    with pytest.raises(FaultyCatalogues, match=re.escape(fault)):
        read(catalogues(tmp_path, zh, en))


def test_what_is_no_catalogue_is_refused(tmp_path: Path) -> None:
    with pytest.raises(PoFileError):
        read(catalogues(tmp_path, CAP, "loss.CAP = {amount} points"))


def test_a_faulty_text_stops_the_import(tmp_path: Path) -> None:
    shutil.copy(PACKAGE / "texts.py", tmp_path)
    catalogues(tmp_path / "locale", CAP, "")
    with pytest.raises(Exception, match=r"loss\.CAP stands in one language only"):
        runpy.run_path(str(tmp_path / "texts.py"))


def test_a_code_without_a_text_stops_whoever_tells_it() -> None:
    with pytest.raises(KeyError, match=r"role\.bystander"):
        texts.each("role", ["learner", "bystander"])


def test_both_catalogues_are_in_one_order_so_that_they_can_be_read_side_by_side() -> None:
    zh, en = (
        re.findall(r"^(?:msgid|#).*", path.read_text(encoding="utf-8"), re.MULTILINE)
        for path in sorted(LOCALE.rglob("*.po"))
    )
    assert zh[1:] == en[1:]  # the first line names the language


def test_no_text_is_kept_that_nobody_tells() -> None:
    """A text is told by its code, or its kind is told as a whole."""
    sources = "\n".join(path.read_text(encoding="utf-8") for path in PACKAGE.rglob("*.py"))
    told = set(re.findall(r'texts\.(?:words|both|each|all_of)\(\s*f?"([a-z_]+)(?:\.(\w+))?', sources))
    assert {("loss", ""), ("licence", "none"), ("step", "")} <= told
    codes = [tuple(code.split(".")) for code in read(LOCALE)]
    assert [(kind, name) for kind, name in codes if not told & {(kind, name), (kind, "")}] == []
