"""One signed-in user of the public HTTP API."""

from __future__ import annotations

from typing import Any

import httpx


class Refused(Exception):
    """The system said no where the demo expected yes; the text is the problem document's."""


class Api:
    """Calls through the gateway, as any client would."""

    def __init__(self, gateway: str, name: str, password: str) -> None:
        self._http = httpx.AsyncClient(base_url=f"{gateway}/api/v1", timeout=30)
        self._name = name
        self._password = password

    async def sign_in(self) -> Api:
        answer = await self.post("/identity/sign-in", {"name": self._name, "password": self._password})
        self._http.headers["Authorization"] = f"Bearer {answer['access_token']}"
        return self

    async def get(self, path: str, **query: Any) -> Any:
        return self._result(await self._http.get(path, params=query))

    async def post(self, path: str, body: Any = None) -> Any:
        return self._result(await self._http.post(path, json=body if body is not None else {}))

    async def post_csv(self, path: str, content: bytes) -> Any:
        return self._result(await self._http.post(path, content=content, headers={"Content-Type": "text/csv"}))

    async def close(self) -> None:
        await self._http.aclose()

    @staticmethod
    def _result(answer: httpx.Response) -> Any:
        if answer.is_error:
            raise Refused(f"{answer.request.method} {answer.request.url.path}: {answer.status_code} {answer.text}")
        return answer.json() if answer.content else None
