"""An announcement: what it says, to whom, from when until when, and who may write it. Pure."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Final
from uuid import UUID

import msgspec

from cec_chassis.context import Actor
from cec_chassis.problems import FieldError, Forbidden, Refusal, ValidationFailed
from cec_contracts.vocabulary import AccountRole
from cec_identity.accounts.profile import Language, checked_line
from cec_identity.fields.faults import Unacceptable
from cec_identity.fields.websites import LONGEST, website

LONGEST_SUBJECT: Final = 200
LONGEST_CONTENT: Final = 20_000
MOST_FILES: Final = 10
MOST_LINKS: Final = 20
LONGEST_TITLE: Final = 100
READERS: Final = (
    AccountRole.PRACTITIONER,
    AccountRole.OFFERING_UNIT,
    AccountRole.REVIEW_UNIT,
    AccountRole.COMMITTEE_MEMBER,
    AccountRole.SYSTEM_ADMINISTRATOR,
)
"""Roles of people; machines read no announcements."""
_UNWANTED = frozenset({"Cc", "Cf", "Cs", "Co", "Cn"})


class Category(StrEnum):
    """What kind of announcement it is 消息類別."""

    SYSTEM = "system"  # 系統公告
    SIGN_IN_PAGE = "sign_in_page"  # 登入首頁
    REVIEW_UNIT = "review_unit"  # 審查單位公告
    REGULATIONS = "regulations"  # 相關法令
    DOWNLOADS = "downloads"  # 手冊下載
    VIDEOS = "videos"  # 影音教學
    QUESTIONS = "questions"  # Q&A答客問


TITLES: Final = {
    Category.SYSTEM: {Language.CHINESE: "系統公告", Language.ENGLISH: "System"},
    Category.SIGN_IN_PAGE: {Language.CHINESE: "登入首頁", Language.ENGLISH: "Sign-in page"},
    Category.REVIEW_UNIT: {Language.CHINESE: "審查單位公告", Language.ENGLISH: "Review units"},
    Category.REGULATIONS: {Language.CHINESE: "相關法令", Language.ENGLISH: "Regulations"},
    Category.DOWNLOADS: {Language.CHINESE: "手冊下載", Language.ENGLISH: "Manuals"},
    Category.VIDEOS: {Language.CHINESE: "影音教學", Language.ENGLISH: "Videos"},
    Category.QUESTIONS: {Language.CHINESE: "Q&A答客問", Language.ENGLISH: "Questions and answers"},
}
"""What the categories are called in mails."""


class State(StrEnum):
    """Where an announcement is. A published one may have a newer text that is not published yet."""

    DRAFT = "draft"
    PUBLISHED = "published"
    WITHDRAWN = "withdrawn"


class NotYourAnnouncement(Refusal):
    """Review units write their own announcements; all others are the administrators'."""

    slug = "not-your-announcement"
    status = 403
    title = "非貴單位之公告 / Not your unit's announcement"


class AnnouncementChanged(Refusal):
    """Somebody else has written a newer text since this one was read."""

    slug = "announcement-changed"
    status = 409
    title = "公告已被他人修改,請重新讀取 / Somebody else has changed the announcement; read it again"


class AnnouncementIsPublished(Refusal):
    """The newest text is published already."""

    slug = "announcement-is-published"
    status = 409
    title = "最新內容已公告 / The newest text is published already"


class AnnouncementNotPublished(Refusal):
    """Only what is published can be withdrawn."""

    slug = "announcement-not-published"
    status = 409
    title = "公告未發布,無從撤下 / The announcement is not published"


class Link(msgspec.Struct, frozen=True, kw_only=True):
    """A page or a video elsewhere. It is shown and never fetched."""

    title: str
    url: str


class Words(msgspec.Struct, frozen=True, kw_only=True):
    """One version of what an announcement says, to whom and how long."""

    subject: str
    content: str
    audience: frozenset[AccountRole]
    public: bool
    """Shown to anybody, without signing in."""
    shows_from: date
    shows_until: date | None
    """The last day in Taipei; None is for ever 永遠有效."""
    files: tuple[UUID, ...] = ()
    links: tuple[Link, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Announcement:
    """An announcement with its newest words. `published` is the version that people see, if any."""

    announcement_id: UUID
    category: Category
    organisation_id: UUID | None
    state: State
    version: int
    published: int | None
    words: Words


def check_writer(actor: Actor, category: Category, organisation_id: UUID | None) -> None:
    """Whether the caller may write this kind of announcement for this unit.

    Raises:
        NotYourAnnouncement: a review unit writes for another, or in a category of the administrators.
        Forbidden: somebody else writes.
        ValidationFailed: a category and a unit that do not go together.
    """
    if actor.role == AccountRole.REVIEW_UNIT:
        if category is not Category.REVIEW_UNIT or organisation_id is None or organisation_id != actor.organisation_id:
            raise NotYourAnnouncement
    elif actor.role != AccountRole.SYSTEM_ADMINISTRATOR:
        raise Forbidden
    if (category is Category.REVIEW_UNIT) != (organisation_id is not None):
        message = (
            "審查單位公告須載明單位,其他類別不得載明 / A review unit's announcement names its unit, others name none"
        )
        raise ValidationFailed(errors=[FieldError("body.organisation_id", "unit-and-category", message)])


def checked_words(words: Words, category: Category) -> Words:
    """The words as they are kept: composed, without invisible characters.

    Raises:
        ValidationFailed: with every fault of subject, content, audience, period, number of files, and links.
    """
    errors: list[FieldError] = []
    subject = words.subject
    try:
        subject = checked_line(words.subject, "body.subject", LONGEST_SUBJECT)
    except ValidationFailed as fault:
        errors += fault.errors
    content = unicodedata.normalize("NFC", words.content.replace("\r\n", "\n")).strip()
    if not content or len(content) > LONGEST_CONTENT:
        message = f"內容為 1 至 {LONGEST_CONTENT} 字 / 1 to {LONGEST_CONTENT} characters"
        errors.append(FieldError("body.content", "content-length", message))
    elif any(unicodedata.category(each) in _UNWANTED and each not in "\n\t" for each in content):
        errors.append(FieldError("body.content", "bad-character", "含有控制字元 / Contains a control character"))
    public = words.public or category is Category.SIGN_IN_PAGE
    if not words.audience and not public:
        message = "請選擇對象 / Say who it is for"
        errors.append(FieldError("body.audience", "missing-value", message))
    if not words.audience <= set(READERS):
        errors.append(FieldError("body.audience", "not-a-reader", "此身分不讀公告 / This role reads no announcements"))
    if words.shows_until is not None and words.shows_until < words.shows_from:
        message = "結束日不得早於開始日 / The last day is before the first"
        errors.append(FieldError("body.shows_until", "before-the-first-day", message))
    if len(words.files) > MOST_FILES or len(set(words.files)) != len(words.files):
        message = f"附件至多 {MOST_FILES} 個,不得重複 / {MOST_FILES} files at most, each once"
        errors.append(FieldError("body.files", "too-many-files", message))
    links, faults = _checked_links(words.links)
    errors += faults
    if errors:
        raise ValidationFailed(errors=errors)
    return msgspec.structs.replace(words, subject=subject, content=content, public=public, links=links)


def _checked_links(links: tuple[Link, ...]) -> tuple[tuple[Link, ...], list[FieldError]]:
    if len(links) > MOST_LINKS:
        message = f"連結至多 {MOST_LINKS} 個 / {MOST_LINKS} links at most"
        return (), [FieldError("body.links", "too-many-links", message)]
    checked: list[Link] = []
    errors: list[FieldError] = []
    for number, link in enumerate(links):
        path = f"body.links[{number}]"
        try:
            title = checked_line(link.title, f"{path}.title", LONGEST_TITLE)
            checked.append(Link(title=title, url=website(checked_line(link.url, f"{path}.url", LONGEST))))
        except ValidationFailed as fault:
            errors += fault.errors
        except Unacceptable as fault:
            errors.append(FieldError(f"{path}.url", fault.slug, fault.message))
    return tuple(checked), errors
