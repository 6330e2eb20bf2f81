"""Which handler a path leads to: one step per part of the path, however many routes there are, so that no route needs a way of its own.

A fixed part wins over a {field}; a last part ``{name:path}`` takes all that is left. A known path with another verb is 405 and says which
verbs it has.
"""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import NamedTuple

from starlette.requests import Request
from starlette.responses import Response

from libs.common.errors import PlatformError, Reason

Handler = Callable[[Request], Awaitable[Response]]
_FIELD = re.compile(r"\{(\w+)(:path)?\}")


class Route(NamedTuple):
    """path: with {fields}: what is measured and logged never holds an id."""

    path: str
    handler: Handler


class Found(NamedTuple):
    route: Route
    fields: dict[str, str]


@dataclass
class _Node:
    """One part of a path. verbs: of the paths that end here. fields: their names, as each route calls them. rest: of ``{name:path}``."""

    fixed: dict[str, _Node] = field(default_factory=dict)
    any: _Node | None = None
    verbs: dict[str, tuple[Route, list[str]]] = field(default_factory=dict)
    rest: dict[str, tuple[Route, list[str]]] = field(default_factory=dict)


class Router:
    """routes: (verb, path) of each, in the order they were added."""

    def __init__(self) -> None:
        self._root = _Node()
        self.routes: list[tuple[str, str]] = []

    def add(self, verb: str, path: str, handler: Handler) -> None:
        """Raises ValueError for a path that is taken."""
        node, names, route = self._root, [], Route(path, handler)
        self.routes.append((verb, path))
        for part in path.strip("/").split("/"):
            match = _FIELD.fullmatch(part)
            if match is None:
                node = node.fixed.setdefault(part, _Node())
                continue
            names.append(match[1])
            if match[2]:
                return self._put(node.rest, verb, route, names)
            node.any = node.any or _Node()
            node = node.any
        return self._put(node.verbs, verb, route, names)

    def find(self, verb: str, path: str) -> Found:
        """Raises PlatformError 404 or 405 ROUTE_NOT_FOUND."""
        parts = path[1:].split("/")
        allowed: set[str] = set()
        found = _find(self._root, parts, 0, [], "GET" if verb == "HEAD" else verb, allowed)
        if found is not None:
            return found
        limit = f"one of {', '.join(sorted(allowed))}" if allowed else "see /api/openapi.json"
        raise PlatformError(405 if allowed else 404, Reason.ROUTE_NOT_FOUND, field="path", limit=limit, what=f"{verb} {path[:200]}")

    @staticmethod
    def _put(verbs: dict[str, tuple[Route, list[str]]], verb: str, route: Route, names: list[str]) -> None:
        if verb in verbs:
            raise ValueError(f"{verb} {route.path} is taken by {verbs[verb][0].path}")
        verbs[verb] = (route, names)


def _find(node: _Node, parts: list[str], at: int, values: list[str], verb: str, allowed: set[str]) -> Found | None:
    if at == len(parts):
        return _ending(node.verbs, values, verb, allowed)
    part = parts[at]
    if part in node.fixed and (found := _find(node.fixed[part], parts, at + 1, values, verb, allowed)):
        return found
    if node.any is not None and part and (found := _find(node.any, parts, at + 1, [*values, part], verb, allowed)):
        return found
    return _ending(node.rest, [*values, "/".join(parts[at:])], verb, allowed) if node.rest else None


def _ending(verbs: dict[str, tuple[Route, list[str]]], values: list[str], verb: str, allowed: set[str]) -> Found | None:
    if verb in verbs:
        route, names = verbs[verb]
        return Found(route, dict(zip(names, values, strict=True)))
    allowed.update(verbs)
    return None
