"""What must hold of every service. Each guard is a pure function that returns complaints; an empty list is good.

`test_guards_can_fail.py` shows each of them complaining about something that is wrong on purpose.
"""

from __future__ import annotations

import ast
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from cec_chassis.bus.names import UNROUTED
from cec_chassis.http import RouteAccess
from cec_chassis.service import Service
from cec_contracts.asyncapi import Queue, Topology

SERVICE_FILES = (
    "README.md",
    "pyproject.toml",
    "migrations/env.py",
    "{package}/__init__.py",
    "{package}/__main__.py",
    "{package}/service.py",
    "{package}/app.py",
    "{package}/worker.py",
    "{package}/publishes.py",
    "{package}/subscribes.py",
    "{package}/tables.py",
)
README_TOPICS = ("owns", "publishes", "consumes", "tables", "run", "when it breaks")
LONGEST_FILE = 400


def outside_the_table(table: Iterable[RouteAccess], mechanics: frozenset[tuple[str, str]]) -> list[str]:
    """Routes that name no permission of the table of access, and those that are open to nobody or to whoever finds them.

    The mechanics' own are the same in every service and stand in no table.
    """
    return [
        f"{route.method} {route.path} names no permission of the table"
        for route in table
        if not route.callers or (not route.permission and (route.method, route.path) not in mechanics)
    ]


def not_asked_again(
    table: Iterable[RouteAccess], alone: str, permissions: frozenset[str], done_by_an_old_session: frozenset[str]
) -> list[str]:
    """Acts of one role `alone`, and those of `permissions`, need a fresh sign-in; the list of exceptions must not go stale."""
    acts = [
        route
        for route in table
        if (route.method not in {"GET", "HEAD"} and set(route.callers) - {"other_system"} == {alone})
        or route.permission in permissions
    ]
    old = {route.permission for route in acts if not route.fresh}
    return [
        *(f"{name} needs no fresh sign-in" for name in sorted(old - done_by_an_old_session)),
        *(f"{name} is on the list and needs none" for name in sorted(done_by_an_old_session - old)),
    ]


def published_once(services: Mapping[str, Service], events: Iterable[str]) -> list[str]:
    """Every event has one publisher, and nobody publishes what is in no catalogue."""
    by_event = Counter(event.name for service in services.values() for event in service.publishes)
    known = set(events)
    return [
        *(f"{name} is published by nobody" for name in sorted(known - set(by_event))),
        *(f"{name} is published by {times} services" for name, times in sorted(by_event.items()) if times > 1),
        *(f"{name} is not in the catalogue" for name in sorted(set(by_event) - known)),
    ]


def bound_to_somebody(topology: Topology, published: Iterable[str]) -> list[str]:
    """A binding to an event that nobody publishes waits for ever."""
    known = set(published)
    return [
        f"{queue.name} is bound to {key}, which nobody publishes"
        for queue in topology.queues
        for exchange, key in queue.bindings
        if exchange != UNROUTED and key not in known
    ]


def heard_by_somebody(services: Mapping[str, Service], events: Iterable[str], not_heard: frozenset[str]) -> list[str]:
    """An event without a consumer is either for others or a mistake; the list of exceptions must not go stale."""
    heard = {s.event.name for service in services.values() for s in service.subscriptions}
    return [
        *(f"{name} has no consumer" for name in sorted(set(events) - heard - not_heard)),
        *(f"{name} has a consumer now: take it off the list" for name in sorted(not_heard & heard)),
        *(f"{name} is on the list and does not exist" for name in sorted(not_heard - set(events))),
    ]


def dead_letters_kept(topology: Topology, last_stops: frozenset[str]) -> list[str]:
    """A queue whose messages can fail or expire names a queue that exists and takes them, at least once."""
    names = {queue.name for queue in topology.queues}
    return [line for queue in topology.queues if queue.name not in last_stops for line in _dead_letters(queue, names)]


def _dead_letters(queue: Queue, names: set[str]) -> Iterator[str]:
    arguments = queue.arguments
    target = arguments.get("x-dead-letter-routing-key")
    if arguments.get("x-dead-letter-exchange") != "" or target is None:
        yield f"{queue.name} has no dead-letter queue"
    elif target not in names:
        yield f"{queue.name} sends its dead letters to {target}, which is not declared"
    # RabbitMQ keeps to at-least-once only if the queue also refuses what does not fit
    elif arguments.get("x-dead-letter-strategy") != "at-least-once" or arguments.get("x-overflow") != "reject-publish":
        yield f"{queue.name} may lose dead letters"


def quorum_everywhere(topology: Topology, others: frozenset[str]) -> list[str]:
    """The type is always said: the default differs from broker to broker."""
    return [
        f"{queue.name} is of type {queue.arguments.get('x-queue-type')}"
        for queue in topology.queues
        if queue.name not in others and queue.arguments.get("x-queue-type") != "quorum"
    ]


def used_events(package: Path, constants: Mapping[str, str]) -> dict[str, Counter[str]]:
    """How often each file of a package names an event: as `ATTENDANCE_RECORDED` or `enrolment.ATTENDANCE_RECORDED`."""
    found: dict[str, Counter[str]] = {}
    for path in sorted(package.rglob("*.py")):
        nodes = [
            n for n in ast.walk(ast.parse(path.read_text(encoding="utf-8"))) if isinstance(n, ast.Name | ast.Attribute)
        ]
        names = (node.id if isinstance(node, ast.Name) else node.attr for node in nodes)
        found[path.relative_to(package).as_posix()] = Counter(constants[name] for name in names if name in constants)
    return found


def registered(used: Mapping[str, Counter[str]], publishes: Iterable[str]) -> list[str]:
    """What the code publishes stands in `publishes.py`, and what stands there is published by something."""
    outward = set(publishes)
    acting = {file: names for file, names in used.items() if file not in {"publishes.py", "subscribes.py"}}
    # once in the list itself; a second time where a function of the same file sends it
    sent_from_the_list = {name for name, times in used.get("publishes.py", Counter()).items() if times > 1}
    sent = sent_from_the_list.union(*acting.values())
    return [
        *(
            f"{file} publishes {name}, which publishes.py does not list"
            for file, names in sorted(acting.items())
            for name in sorted(set(names) - outward)
        ),
        *(f"publishes.py lists {name}, which no operation publishes" for name in sorted(outward - sent)),
    ]


def floats_in(source: str, name: str) -> list[str]:
    """Binary fractions cannot hold points. Only times may be floats, and say so: `…seconds`, `…_at`."""
    found: list[str] = []
    tree = ast.parse(source)
    parents = {child: parent for parent in ast.walk(tree) for child in ast.iter_child_nodes(parent)}
    for node in ast.walk(tree):
        is_type = isinstance(node, ast.Name) and node.id in {"float", "Float", "Double", "REAL"}
        is_column = isinstance(node, ast.Attribute) and node.attr in {"Float", "Double", "REAL"}
        is_number = isinstance(node, ast.Constant) and isinstance(node.value, float)
        if (is_type or is_column or is_number) and not _about_time(node, parents):
            found.append(f"{name}:{getattr(node, 'lineno', 0)}: {ast.unparse(node)}")
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            words = set(node.value.lower().replace("(", " ").replace(")", " ").replace(",", " ").split())
            if words & {"float4", "float8"} or "double precision" in node.value.lower():
                found.append(f"{name}:{node.lineno}: SQL with a binary fraction")
    return found


def _about_time(node: ast.AST, parents: Mapping[ast.AST, ast.AST]) -> bool:
    """Whether the nearest name that the value belongs to speaks of time."""
    current: ast.AST | None = node
    while current is not None and not isinstance(current, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
        current = parents.get(current)
        named: list[str] = []
        if isinstance(current, ast.arg | ast.keyword):
            named = [current.arg or ""]
        elif isinstance(current, ast.Assign):
            named = [ast.unparse(target) for target in current.targets]
        elif isinstance(current, ast.AnnAssign | ast.AugAssign):
            named = [ast.unparse(current.target)]
        elif isinstance(current, ast.Call) and ast.unparse(current.func).rsplit(".", 1)[-1] in {
            "sleep",
            "timeout",
            "uniform",
        }:
            return True
        if any("seconds" in each.lower() or each.endswith("_at") for each in named):
            return True
    return False


def missing_files(folder: Path, package: str) -> list[str]:
    """The same names in every service, so that nobody has to search."""
    wanted = [name.format(package=package) for name in SERVICE_FILES]
    missing = [f"{folder.name} has no {name}" for name in wanted if not (folder / name).is_file()]
    if not list((folder / "migrations" / "versions").glob("*.py")):
        missing.append(f"{folder.name} has no migration")
    return missing


def missing_topics(readme: str, name: str) -> list[str]:
    """A README answers six questions: in a heading, in bold, or as the first cell of a row."""
    openings = [line.lstrip("#|* ").casefold() for line in readme.splitlines() if line[:1] in {"#", "|", "*"}]
    return [
        f"{name} does not say: {topic}" for topic in README_TOPICS if not any(o.startswith(topic) for o in openings)
    ]


def too_long(files: Iterable[tuple[str, str]]) -> list[str]:
    """A file nobody can read in one sitting wants to be two."""
    counted = ((name, text.count("\n")) for name, text in files)
    return [f"{name} has {lines} lines" for name, lines in counted if lines > LONGEST_FILE]
