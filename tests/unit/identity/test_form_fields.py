"""What people type into forms: names, telephones, addresses, web sites."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cec_identity.fields.addresses import county, district, email
from cec_identity.fields.faults import Faults, Unacceptable
from cec_identity.fields.lines import chinese_name, line
from cec_identity.fields.telephones import Telephone, parts_of, telephone
from cec_identity.fields.websites import website


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("王小明", "王小明"),
        (" 王 小明 ", "王小明"),
        ("⽼王", "老王"),  # a Kangxi radical that looks like the character
        ("瓦歷斯·諾幹", "瓦歷斯‧諾幹"),
        ("瓦歷斯・諾幹", "瓦歷斯‧諾幹"),
        ("𠮷田", "𠮷田"),
        ("歐陽〇", "歐陽〇"),
    ],
)
def test_a_chinese_name_is_kept_in_one_form(typed: str, kept: str) -> None:
    assert chinese_name(typed) == kept


@pytest.mark.parametrize(
    "typed",
    ["王", "Wang", "王Ming", "王１明", "王,明", "·王明", "王明·", "かな王", "王\u200d明", "王\ue000明", "王" * 51],
)
def test_what_is_no_chinese_name_is_refused(typed: str) -> None:
    with pytest.raises(Unacceptable):
        chinese_name(typed)


@pytest.mark.parametrize(
    ("parts", "kept"),
    [
        (("02", "23212362", ""), "02-23212362"),
        (("０２", "２３２１-２３６２", "12"), "02-23212362#12"),
        (("037", "321234", ""), "037-321234"),
        (("0826", "66123", ""), "0826-66123"),
        (("0912", "345678", ""), "0912-345678"),
    ],
)
def test_a_telephone_is_kept_in_one_form_and_taken_apart_again(parts: tuple[str, str, str], kept: str) -> None:
    typed = Telephone(area=parts[0], number=parts[1], extension=parts[2])
    assert telephone(typed) == kept
    taken_apart = parts_of(kept)
    assert taken_apart is not None
    assert telephone(taken_apart) == kept


@pytest.mark.parametrize(
    "parts",
    [
        ("2", "23212362", ""),
        ("02", "232", ""),
        ("00", "23212362", ""),
        ("02", "232123621", ""),
        ("02", "23212362", "x"),
    ],
)
def test_what_is_no_telephone_is_refused(parts: tuple[str, str, str]) -> None:
    with pytest.raises(Unacceptable):
        telephone(Telephone(area=parts[0], number=parts[1], extension=parts[2]))


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("", ""),
        ("https://www.mohw.gov.tw/about?x=1#y", "https://www.mohw.gov.tw/about?x=1#y"),
        ("HTTP://WWW.MOHW.GOV.TW", "http://www.mohw.gov.tw/"),
        ("www.mohw.gov.tw", "http://www.mohw.gov.tw/"),
        ("ｈｔｔｐｓ：／／ｍｏｈｗ．ｇｏｖ．ｔｗ", "https://mohw.gov.tw/"),
        ("https://xn--fiqs8s.tw/", "https://xn--fiqs8s.tw/"),
        ("https://mohw.gov.tw:8443/", "https://mohw.gov.tw:8443/"),
        ("http://8.8.8.8/", "http://8.8.8.8/"),
    ],
)
def test_a_public_web_site_is_kept(typed: str, kept: str) -> None:
    assert website(typed) == kept


@pytest.mark.parametrize(
    "typed",
    [
        "ftp://mohw.gov.tw/",
        "javascript:alert(1)",
        "file:///etc/passwd",
        "gopher://mohw.gov.tw/",
        "//mohw.gov.tw/",
        "https:///path",
        "https://user:secret@mohw.gov.tw/",
        "https://mohw.gov.tw@127.0.0.1/",
        "http://localhost/",
        "http://localhost./",
        "http://metadata/",
        "http://169.254.169.254/latest/meta-data/",
        "http://127.0.0.1:80/",
        "http://10.0.0.1/",
        "http://192.168.1.1/",
        "http://100.64.0.1/",
        "http://0.0.0.0/",
        "http://[::1]/",
        "http://[::ffff:127.0.0.1]/",
        "http://[fd00::1]/",
        "http://2130706433/",
        "http://0x7f.0.0.1/",
        "http://0177.0.0.1/",
        "http://127.1/",
        "http://１２７。０。０。１/",
        "http://printer.local/",
        "http://consul.service.internal/",
        "http://mohw.gov.tw:22/",
        "http://mohw.gov.tw:99999/",
        "http://mоhw.gov.tw/",  # a Cyrillic о
        "http://mohw.gov.tw\\@evil.example/",
        "http://mohw.gov.tw/\r\nHost: evil",
        "http://mohw.gov.tw/ x",
        "https://" + "a" * 300 + ".tw/",
    ],
)
def test_whatever_would_lead_inside_or_is_no_web_site_is_refused(typed: str) -> None:
    with pytest.raises(Unacceptable):
        website(typed)


@given(st.text(max_size=80))
def test_a_web_site_is_ascii_public_and_stays_what_it_is_or_is_refused(typed: str) -> None:
    try:
        kept = website(typed)
    except Unacceptable:
        return
    assert website(kept) == kept
    assert kept == "" or (kept.isascii() and kept.startswith(("http://", "https://")))


@given(st.text(max_size=40))
def test_a_line_is_one_line_and_stays_what_it_is_or_is_refused(typed: str) -> None:
    try:
        kept = line(typed)
    except Unacceptable:
        return
    assert line(kept) == kept
    assert len(kept.splitlines()) <= 1


def test_counties_and_districts_by_their_names() -> None:
    assert county("台東縣") == "臺東縣"
    assert [district(text) for text in ("中正區", "那瑪夏區", "三地門鄉", "台西鄉")] == [
        "中正區",
        "那瑪夏區",
        "三地門鄉",
        "臺西鄉",
    ]
    for text in ("臺灣省", "Taipei", ""):
        with pytest.raises(Unacceptable):
            county(text)
    for text in ("中正", "中正區1", "x區", ""):
        with pytest.raises(Unacceptable):
            district(text)


def test_faults_are_gathered_and_never_repeat_what_was_typed() -> None:
    faults = Faults()
    assert faults.text("body.a", email, "secret@nowhere") == ""
    assert faults.text("body.b", chinese_name, "secret") == ""
    assert [(fault.path, fault.slug) for fault in faults.errors] == [
        ("body.a", "email-format"),
        ("body.b", "chinese-name"),
    ]
    assert "secret" not in str(faults.errors)
