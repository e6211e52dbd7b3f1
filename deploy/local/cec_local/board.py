"""What a person who started the stack wants to know: where everything is, and whom to sign in as."""

from __future__ import annotations

import json

from rich.console import Console

from cec_contracts.vocabulary import AccountRole
from cec_local.demo.accounts import demo_accounts
from cec_local.services import SERVICES
from cec_local.stack import Stack

_ROLES = {
    AccountRole.PRACTITIONER: "醫事人員 / practitioner",
    AccountRole.OFFERING_UNIT: "開課單位 / offering unit",
    AccountRole.REVIEW_UNIT: "審查單位 / review unit",
    AccountRole.COMMITTEE_MEMBER: "審查委員 / review committee member",
    AccountRole.SYSTEM_ADMINISTRATOR: "系統管理者 / system administrator",
    AccountRole.OTHER_SYSTEM: "其他系統 / other system",
}


def show_board(stack: Stack, console: Console) -> None:
    """Addresses, and one account of every role with its password."""
    addresses = {
        "API": f"{stack.gateway.url}/api/v1/<{'|'.join(SERVICES)}>/…",
        "文件 / documents": f"{stack.gateway.url}/api/docs/",
        "通行金鑰 / pages with passkeys": stack.gateway.origin,
        "RabbitMQ": stack.rabbit.admin.url,
        "PostgreSQL": stack.postgres.url,
        "信件 / mail": str(stack.mailbox.folder),
        "紀錄 / logs": str(stack.log_directory),
    }
    # Lines and no table: a table cuts what is longer than the terminal is wide, and all of this is to be copied.
    for what, address in addresses.items():
        console.print(f"{what}: {address}", highlight=False, markup=False, soft_wrap=True)
    console.print("\n示範帳號 / demo accounts (帳號 密碼 / name password):")
    for role, name, password in accounts_of(stack):
        console.print(f"  {name} {password}  {_ROLES[role]}", highlight=False, markup=False, soft_wrap=True)
    for line in sign_in_lines(stack):
        console.print(line, highlight=False, markup=False, soft_wrap=True)
    console.print()
    console.print("待處理訊息 / parked messages: make parked SERVICE=credits", highlight=False)
    console.print("按 Ctrl-C 停止,或 make stop / Ctrl-C or `make stop` stops everything")


def sign_in_lines(stack: Stack) -> list[str]:
    """How the demo's practitioner signs in and asks for their own statements, to be copied into a shell."""
    name, password = next((name, word) for role, name, word in accounts_of(stack) if role is AccountRole.PRACTITIONER)
    body = json.dumps({"name": name, "password": password})
    api = f"{stack.gateway.url}/api/v1"
    token = "python3 -c 'import json, sys; print(json.load(sys.stdin)[\"access_token\"])'"
    return [
        "\n登入後查詢本人積分 / sign in and ask where one stands:",
        f"  TOKEN=$(curl -s {api}/identity/sign-in --json '{body}' | {token})",
        f'  curl -s -H "Authorization: Bearer $TOKEN" {api}/credits/statements/mine',
    ]


def accounts_of(stack: Stack) -> list[tuple[AccountRole, str, str]]:
    """Role, name and password of every account that is there after the walk."""
    opened = [(account.role, account.name, stack.demo_password) for account in demo_accounts()]
    return [(AccountRole.SYSTEM_ADMINISTRATOR, *stack.administrator), *opened]
