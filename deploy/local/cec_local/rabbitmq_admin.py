"""What an administrator does to a broker: virtual hosts, accounts, permissions, looking at queues (management HTTP)."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote, unquote, urlsplit

import httpx

EVERYTHING = ".*"
NOTHING = "^$"


class RabbitAdmin:
    """A broker's management interface.

    `url` is `http://user:password@host:port`. Every call is one request; a broker that refuses raises
    `httpx.HTTPStatusError`, one that is down `httpx.TransportError`.
    """

    def __init__(self, url: str) -> None:
        parts = urlsplit(url)
        self.url = url
        self.user = unquote(parts.username or "guest")
        password = unquote(parts.password or "guest")
        self._client = httpx.Client(
            base_url=f"{parts.scheme}://{parts.hostname}:{parts.port or 15672}/api/",
            auth=(self.user, password),
            timeout=10.0,
            limits=httpx.Limits(max_keepalive_connections=0),  # the broker is killed and restarted under us
            trust_env=False,
        )

    def is_ready(self, amqp_port: int) -> bool:
        """Whether the node is up and takes AMQP connections on `amqp_port`."""
        try:
            return self._client.get(f"health/checks/port-listener/{amqp_port}").is_success
        except httpx.TransportError:
            return False

    def create_vhost(self, vhost: str) -> None:
        """Make a virtual host (none is harmed when it exists); this administrator may do everything in it."""
        self._put(f"vhosts/{_q(vhost)}", {})
        self.set_permissions(self.user, vhost)

    def delete_vhost(self, vhost: str) -> None:
        """Remove a virtual host and all that is in it; nothing happens when it is not there."""
        self._delete(f"vhosts/{_q(vhost)}")

    def create_user(self, user: str, password: str, *, tags: str = "") -> None:
        """Make an account, or give an existing one this password."""
        self._put(f"users/{_q(user)}", {"password": password, "tags": tags})

    def delete_user(self, user: str) -> None:
        """Remove an account; its connections are closed. Nothing happens when it is not there."""
        self._delete(f"users/{_q(user)}")

    def set_permissions(
        self, user: str, vhost: str, *, configure: str = EVERYTHING, write: str = EVERYTHING, read: str = EVERYTHING
    ) -> None:
        """What `user` may do in `vhost`, as regular expressions over the names of queues and exchanges."""
        body = {"configure": configure, "write": write, "read": read}
        self._put(f"permissions/{_q(vhost)}/{_q(user)}", body)

    def set_topic_permissions(self, user: str, vhost: str, exchange: str, *, write: str, read: str) -> None:
        """Which routing keys `user` may publish to and bind from a topic exchange."""
        body = {"exchange": exchange, "write": write, "read": read}
        self._put(f"topic-permissions/{_q(vhost)}/{_q(user)}", body)

    def declare_queue(self, vhost: str, queue: str, arguments: dict[str, object]) -> None:
        """Make a durable queue; refused when one with other arguments exists."""
        self._put(f"queues/{_q(vhost)}/{_q(queue)}", {"durable": True, "arguments": arguments})

    def bind(self, vhost: str, exchange: str, queue: str, routing_key: str) -> None:
        """Bind a queue to an exchange."""
        path = f"bindings/{_q(vhost)}/e/{_q(exchange)}/q/{_q(queue)}"
        self._client.post(path, json={"routing_key": routing_key}).raise_for_status()

    def queues(self, vhost: str) -> list[dict[str, Any]]:
        """Every queue of `vhost` with `messages`, `messages_ready`, `messages_unacknowledged`, about a second old."""
        return list(self._get(f"queues/{_q(vhost)}?disable_stats=true&enable_queue_totals=true"))

    def messages(self, vhost: str) -> dict[str, int]:
        """How many messages each queue of `vhost` holds, delivered and unacknowledged ones included."""
        return {queue["name"]: int(queue.get("messages") or 0) for queue in self.queues(vhost)}

    def _get(self, path: str) -> Any:
        response = self._client.get(path)
        response.raise_for_status()
        return response.json()

    def _put(self, path: str, body: dict[str, Any]) -> None:
        self._client.put(path, json=body).raise_for_status()

    def _delete(self, path: str) -> None:
        response = self._client.delete(path)
        if response.status_code != httpx.codes.NOT_FOUND:
            response.raise_for_status()


def _q(name: str) -> str:
    return quote(name, safe="")
