"""What the AsyncAPI document says in words, Chinese first: introduction, servers, and the promises to other systems."""

from __future__ import annotations

from typing import Any, Final

from cec_contracts.envelope import SEQUENCE_DIGITS

INFO: Final = {
    "title": "CEC 事件 / CEC events",
    "description": (
        "醫事人員繼續教育積分管理系統的所有事件。每則訊息是一個 CloudEvents 1.0 結構化 JSON;事件名稱即路由鍵。"
        "事件內容是該事物「發生之後」的完整狀態,`subject` 指出是哪一個,`sequence` 是它的版本。"
        "同一事件可能送達兩次、遲到或順序顛倒;只保留每個 `subject` 最大的 `sequence` 即可。"
        "訊息不含身分證統一編號。\n\n"
        "All events of the continuing education credits system. Each message is a CloudEvents 1.0 structured JSON; the "
        "type is also the routing key. The body is the complete state *after* what happened, `subject` says of what, "
        "and `sequence` is its version. An event may come twice, late or out of order; keep the highest `sequence` of "
        "each `subject`. No message contains a national ID."
    ),
}

SERVER: Final[dict[str, Any]] = {
    "host": "{host}",
    "pathname": "/{vhost}",
    "protocol": "amqp",
    "protocolVersion": "0-9-1",
    "title": "內部匯流排 / Internal bus",
    "description": "只有六個服務使用 / Used by the six services only",
    "variables": {
        "host": {"default": "localhost:5672", "description": "訊息代理 / The broker"},
        "vhost": {"default": "cec", "description": "內部虛擬主機 / The internal virtual host"},
    },
}
PUBLIC_SERVER: Final[dict[str, Any]] = {
    **SERVER,
    "title": "對外匯流排 / Public bus",
    "description": "其他機關系統以各自的帳號讀取各自的佇列 / Other systems read a queue of their own, each by its own account",
    "variables": {
        "host": SERVER["variables"]["host"],
        "vhost": {"default": "cec-public", "description": "對外虛擬主機 / The public virtual host"},
    },
}

PROMISES: Final = [
    {
        "zh": "每則事件至少送達一次;以 `source` 與 `id` 去除重複。",
        "en": "Every event arrives at least once; drop repeats by `source` and `id`.",
    },
    {
        "zh": "同一 `subject` 的 `sequence` 只增不減,去除重複後沒有缺號。順序可能顛倒,以最大者為準。",
        "en": "The `sequence` of a `subject` only grows and, repeats dropped, has no gaps. The order may be disturbed; "
        "the highest counts.",
    },
    {
        "zh": "每則事件帶有該筆積分現況的全部內容,不必先收過之前的事件。",
        "en": "Every event carries the whole standing; earlier ones are not needed to understand it.",
    },
    {
        "zh": "佇列保留 14 天、最多一百萬則,滿了捨棄最舊的;30 天內的事件可申請由 `cec.public.log` 重讀。",
        "en": "A queue keeps 14 days and a million events at most, then drops the oldest; on request the last 30 days "
        "can be read again from `cec.public.log`.",
    },
    {
        "zh": "在 `.v1` 之內只會增加欄位,請忽略不認得的欄位。不相容的變更以 `.v2` 並行發布至少 12 個月。",
        "en": "Inside `.v1` fields are only added: ignore those you do not know. An incompatible change is published as "
        "`.v2` beside it for 12 months at least.",
    },
    {
        "zh": "不含身分證統一編號;以證書字號與類別代碼辨識。",
        "en": "No national ID; people are known by certificate number and profession.",
    },
]

LOG: Final[dict[str, Any]] = {
    "operation": "other_systems.replay",
    "channel": {
        "title": "對外事件紀錄",
        "summary": "The last 30 days of public events, to be read again from any position",
        "description": (
            "串流佇列,讀取權限依申請給予。以 `x-stream-offset`(first、last、位置或時間)訂閱,並設定 prefetch;"
            "讀取不會移除訊息。\n\n"
            "A stream; reading it is granted on request. Consume it with `x-stream-offset` (first, last, a position or a "
            "time) and a prefetch; reading removes nothing."
        ),
    },
}
SUBSCRIBER: Final[dict[str, Any]] = {
    "operation": "other_systems.receive",
    "channel": {
        "title": "訂閱機關的佇列",
        "summary": "The queue of one subscribing system, declared and bound by us",
        "description": (
            "佇列由我方宣告與綁定,訂閱機關只能讀取自己的佇列。\n\n"
            "We declare and bind the queue; a subscriber can read its own queue and nothing else."
        ),
    },
    "parameter": "訂閱機關代號 / The short name of the subscribing system",
    "permissions": {"configure": "^$", "write": "^$", "read": r"^gov\.{subscriber}\.events$"},
}

ENVELOPE: Final[dict[str, dict[str, Any]]] = {
    "specversion": {"const": "1.0"},
    "id": {"description": "事件識別碼 / Identifies the event; the same when it is sent again"},
    "source": {"description": "發布的服務 / The publishing service", "pattern": "^/cec/[a-z]+$"},
    "type": {"description": "事件名稱,即路由鍵 / The event's name and routing key"},
    "subject": {"description": "所指的事物 / What the event is about"},
    "time": {"description": "發生時間 / When it happened"},
    "sequence": {
        "description": "該事物的版本,補零至二十位 / The version of the subject, padded with zeros",
        "pattern": f"^[0-9]{{{SEQUENCE_DIGITS}}}$",
    },
    "partitionkey": {"description": "與 subject 相同 / The same as subject"},
    "traceparent": {"description": "W3C Trace Context 追蹤資訊 / Where it happened, as a W3C trace context"},
    "correlationid": {"description": "同一件事的所有事件相同 / The same along one story"},
    "causationid": {"description": "引起此事件的事件 / The event that caused this one"},
}
