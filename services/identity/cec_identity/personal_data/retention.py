"""How long everything is kept, and why: one line for every table of identity. docs/architecture/identity.md shows it."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

import msgspec

BY_LAW: Final = "by law 依法保存"
"""Who somebody is, by which credits are reckoned and decisions were made, is not erased; corrections are added."""
WHILE_USED: Final = "while in use 使用期間"
"""As long as the account, unit or client exists; changed and ended by those it belongs to."""
SHORT: Final = "until it has expired 逾期即刪"

CLOSED_ACCOUNTS: Final = timedelta(days=365)
"""Of an account that has been closed for so long, nothing is kept by which one could be reached."""


class Kept(msgspec.Struct, frozen=True):
    """How long a table's rows are kept, in words, and which loop or command removes them; empty: none does."""

    how_long: str
    enforced_by: str = ""


RETENTION: Final[dict[str, Kept]] = {
    "practitioners": Kept(BY_LAW),
    "former_identities": Kept(BY_LAW),
    "practitioner_merges": Kept(BY_LAW),
    "certificates": Kept(BY_LAW),
    "licences": Kept(BY_LAW),
    "practice_areas": Kept(BY_LAW),
    "institutions": Kept(BY_LAW),
    "professions_elsewhere": Kept(WHILE_USED),
    "rule_sets": Kept(WHILE_USED),
    "organisations": Kept(BY_LAW),
    "recognitions": Kept(BY_LAW),
    "recognition_breaches": Kept(BY_LAW),
    "accounts": Kept(BY_LAW),
    "account_profiles": Kept("one year after the account was closed 帳號停用後一年", "enforce_retention"),
    "account_identities": Kept(BY_LAW),
    "email_changes": Kept(SHORT, "enforce_retention"),
    "rights_requests": Kept(BY_LAW),
    "applications": Kept(
        "decided ones by law, rejected ones see applications/domain.py 核准者依法,駁回者屆期刪除",
        "forget_rejected_applications",
    ),
    "consents": Kept(BY_LAW),
    "activations": Kept("30 days 三十日", "forget_old_activations"),
    "sessions": Kept("30 days after their end 結束後三十日", "forget_old_sessions"),
    "refresh_tokens": Kept("with their session 隨登入階段", "forget_old_sessions"),
    "sign_in_history": Kept("see sign_in/history.py 依登入紀錄保存期限", "forget_old_sessions"),
    "sign_in_failures": Kept(SHORT, "forget_old_sessions"),
    "sign_in_challenges": Kept(SHORT, "forget_old_sessions"),
    "known_devices": Kept("while they are used 持續使用期間", "forget_old_sessions"),
    "recovery_requests": Kept(SHORT, "answer_recovery_requests"),
    "recovery_links": Kept(SHORT, "forget_old_activations"),
    "one_time_code_secrets": Kept(WHILE_USED),
    "recovery_codes": Kept(WHILE_USED),
    "passkeys": Kept(WHILE_USED),
    "certificate_cards": Kept(WHILE_USED),
    "mails": Kept("see mail/domain.py 依郵件保存期限", "forget_old_mails"),
    "undeliverable_addresses": Kept(WHILE_USED),
    "attempts": Kept(SHORT, "forget_spent_proofs"),
    "spent_proofs": Kept(SHORT, "forget_spent_proofs"),
    "clients": Kept(WHILE_USED),
    "client_secrets": Kept(WHILE_USED),
    "client_consents": Kept(WHILE_USED),
    "client_grants": Kept(SHORT, "forget_old_codes"),
    "client_refresh_tokens": Kept(SHORT, "forget_old_codes"),
    "client_assertions": Kept(SHORT, "forget_old_codes"),
    "authorization_codes": Kept(SHORT, "forget_old_codes"),
    "announcements": Kept(BY_LAW),
    "announcement_files": Kept(BY_LAW),
    "announcement_mailings": Kept(BY_LAW),
    "announcement_publications": Kept(BY_LAW),
    "announcement_versions": Kept(BY_LAW),
    "registry_imports": Kept("the counts stay 統計數保留"),
    "registry_import_pieces": Kept("until taken in, at most 72 hours 匯入後即刪", "keep_importing"),
    "registry_import_results": Kept("72 hours 七十二小時", "keep_importing"),
    "signing_key_pairs": Kept("the private half until the key retires 私鑰至停用為止"),
    "signing_key_set": Kept(WHILE_USED),
}
