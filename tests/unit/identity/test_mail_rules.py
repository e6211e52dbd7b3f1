"""Mail: templates in both languages, addresses, waits, and what answers of servers mean."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from aiosmtplib import errors
from hypothesis import given
from hypothesis import strategies as st

from cec_chassis.ids import new_id
from cec_chassis.problems import ValidationFailed
from cec_identity.accounts.profile import Language, checked_email, checked_person_name, masked_email
from cec_identity.mail.domain import wait_after
from cec_identity.mail.links import digest_of, new_token, portal_link, told_time
from cec_identity.mail.message import ids_of_ours, message, message_id
from cec_identity.mail.templates import FOLDER, PARTS, Rendered, asked_for, render, template_names
from cec_identity.mail.verdict import Outcome, of_status, verdict_of

KEY = b"k" * 32


@pytest.mark.parametrize("name", sorted(template_names()))
@pytest.mark.parametrize("language", list(Language))
def test_every_mail_is_complete_in_both_languages(name: str, language: Language) -> None:
    values = {value: f"<{value}>" for value in asked_for(name)}
    parts = render(name, language, values, "https://portal.example")
    assert parts.subject
    assert "\n" not in parts.subject
    assert ("請勿直接回覆" in parts.text) == (language is Language.CHINESE)
    assert ("Do not reply" in parts.text) == (language is Language.ENGLISH)
    assert "https://portal.example" in parts.text
    assert f'lang="{language.value}"' in parts.html
    for value in values:  # what HTML says in brackets is not HTML
        assert f"<{value}>" not in parts.html
    both = {value for value in values if f"&lt;{value}&gt;" in parts.html}
    assert both == {value for value in values if f"<{value}>" in parts.text}


def test_no_template_lies_about_without_its_other_parts() -> None:
    whole = {f"{name}.{language.value}.{part}" for name in template_names() for language in Language for part in PARTS}
    layouts = {f"layout.{language.value}.{part}" for language in Language for part in ("text", "html")}
    assert {path.name for path in FOLDER.iterdir()} == whole | layouts


@given(st.text(max_size=60), st.text(max_size=60))
def test_whatever_people_are_called_a_mail_has_one_recipient_and_its_own_headers(subject: str, text: str) -> None:
    usable = subject.encode("utf-8", "ignore").decode()
    mail = message(
        Rendered(" ".join(usable.split()), text.encode("utf-8", "ignore").decode(), "<p></p>"),
        language=Language.CHINESE,
        to="lin@example.org",
        mail_from="no-reply@cec.example",
        identified_as=message_id(KEY, new_id(), "no-reply@cec.example"),
        at=datetime(2026, 3, 2, tzinfo=UTC),
        unsubscribe_url="https://portal.example/u",
    )
    head = mail.as_bytes().split(b"\r\n\r\n")[0]
    names = [line.split(b":")[0] for line in head.split(b"\r\n") if line[:1] not in {b" ", b"\t"}]
    assert sorted(set(names)) == sorted(names)
    assert b"Bcc" not in names
    assert mail["To"].addresses[0].addr_spec == "lin@example.org"


def test_an_id_of_a_mail_is_known_by_its_signature_only() -> None:
    mail_id = new_id()
    ours = message_id(KEY, mail_id, "no-reply@cec.example").encode()
    assert list(ids_of_ours(KEY, b"Message-ID: " + ours)) == [mail_id]
    assert list(ids_of_ours(b"x" * 32, ours)) == []
    assert list(ids_of_ours(KEY, ours.replace(str(mail_id).encode(), str(new_id()).encode()))) == []


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("Lin@Example.ORG", "Lin@example.org"),
        (" ｌｉｎ＠example.org ", "lin@example.org"),
        ("a.b+c_d-e@sub.example.co", "a.b+c_d-e@sub.example.co"),
        ("x@xn--fiqs8s.tw", "x@xn--fiqs8s.tw"),
    ],
)
def test_an_address_in_one_form(text: str, address: str) -> None:
    assert checked_email(text) == address


@pytest.mark.parametrize(
    "text",
    [
        "", "lin", "@example.org", "lin@", "lin@example", "a@b@example.org", "lin..x@example.org", ".l@example.org",
        "lin @example.org", "lin@exa mple.org", "lin@-x.org", "lin@x-.org", "lin@1.2.3.4", "lin@[1.2.3.4]",
        '"l in"@example.org', "林@example.org", "lin@例.tw", "l\nin@example.org", "l" * 65 + "@example.org",
        "lin@" + "x" * 64 + ".org", "lin@" + "x." * 130 + "org", "lin@example.org\r\nBcc: x@example.org",
    ],
)  # fmt: skip
def test_what_is_no_address(text: str) -> None:
    with pytest.raises(ValidationFailed):
        checked_email(text)


@pytest.mark.parametrize("name", ["", "  ", "林\n技師", "林\u202e技師", "林\0", "x" * 61])
def test_what_is_no_name_of_a_person(name: str) -> None:
    with pytest.raises(ValidationFailed):
        checked_person_name(name)


def test_a_masked_address_tells_who_knows_it_only() -> None:
    assert masked_email("lin@example.org") == "l***@example.org"


def test_waits_double_up_to_two_hours() -> None:
    assert [wait_after(n) for n in (1, 2, 3)] == [timedelta(minutes=m) for m in (1, 2, 4)]
    assert wait_after(50) == timedelta(hours=2)


def test_links_carry_their_token_where_no_server_sees_it() -> None:
    token = new_token()
    assert len(token) >= 43
    assert (
        portal_link("https://portal.example/", "activate", token) == f"https://portal.example/activate#verify={token}"
    )
    assert digest_of(token) != digest_of(new_token())
    assert told_time(datetime(2026, 3, 2, 16, 30, tzinfo=UTC)) == "2026-03-03 00:30"


@pytest.mark.parametrize(
    ("error", "outcome"),
    [
        (errors.SMTPRecipientsRefused([errors.SMTPRecipientRefused(450, "busy", "x")]), Outcome.RETRY),
        (errors.SMTPRecipientsRefused([errors.SMTPRecipientRefused(550, "5.1.1 no", "x")]), Outcome.BOUNCED),
        (errors.SMTPDataError(554, "5.7.1 spam"), Outcome.FAILED),
        (errors.SMTPDataError(452, "full"), Outcome.RETRY),
        (errors.SMTPSenderRefused(550, "not you", "x"), Outcome.SERVER),
        (errors.SMTPAuthenticationError(535, "no"), Outcome.SERVER),
        (errors.SMTPHeloError(504, "no"), Outcome.SERVER),
        (errors.SMTPServerDisconnected("gone"), Outcome.RETRY),
        (errors.SMTPReadTimeoutError("slow"), Outcome.RETRY),
        (ConnectionResetError(), Outcome.RETRY),
        (ValueError("bad header"), Outcome.FAILED),
    ],
)
def test_what_an_answer_means(error: Exception, outcome: Outcome) -> None:
    assert verdict_of(error).outcome is outcome


def test_only_a_final_report_is_a_verdict() -> None:
    assert of_status("4.4.1") is None
    assert of_status("2.0.0") is None
    assert of_status("nonsense") is None
    bounced, full = of_status(" 5.1.1 "), of_status("5.2.2")
    assert bounced is not None
    assert full is not None
    assert (bounced.outcome, full.outcome) == (Outcome.BOUNCED, Outcome.FAILED)
