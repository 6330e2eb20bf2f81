"""The contract as the only registry: what is known about an RPC stands in its comment in fixed words, and is read here.

    // Stops a running task at its last checkpoint. 让运行中的任务停在最近的检查点。
    // Caller: developer. Mutation. HTTP: POST /train/tasks/{id}/pause. Raises: NOT_FOUND, ILLEGAL_TRANSITION.

First what it does, in English and, where a person reads it, in Chinese. Then the words, in this order:

- ``Caller:`` the roles and services it is declared for (idl.rights).
- ``Mutation`` or ``Read``: a mutation takes an idempotency key.
- ``Secret``: it takes or shows a secret, so that its answer is never stored; the one kind of mutation without a key.
- ``Inline``: a read short enough for the event loop on the embedded store.
- ``Trail``: a read that is written into the audit trail all the same, because it takes data out of the platform.
- ``HTTP:`` verb, path below /api/v1 with {fields of the request}, status of success (200 when left out), ``raw`` where the body is the
  bytes of the request's one binary field and no JSON, ``file`` where the answer is a file: its ``file`` says which, its ``data`` are bytes
  from the request's ``offset`` on, and the gateway asks until it has them all; without it the RPC is not reachable over HTTP.
- ``Raises:`` the reasons of its own, ``none`` when there are none.

Doors, rights, routes, the API document, typed peers, SDK groups and references are derived from it. A comment of another form is a
ValueError naming the RPC when a process starts, and fails a contract test.
"""

from __future__ import annotations

import functools
import re
from dataclasses import dataclass, replace
from pathlib import Path

from idl import manifest

FOLDER = Path(__file__).parent
BASE = "base"
_METHOD = re.compile(r"^\s+[\w.]+\s+(?P<name>\w+)\s*\(")
_WORDS = re.compile(
    r"(?P<what>[A-Z].*?)\s*Caller: (?P<callers>[a-z_]+(?:, [a-z_]+)*)\."
    r" (?P<kind>Mutation|Read)\.(?P<secret> Secret\.)?(?P<inline> Inline\.)?(?P<trail> Trail\.)?"
    r"(?: HTTP: (?P<verb>GET|POST|PUT|PATCH|DELETE) (?P<path>/\S*?)(?: (?P<status>2\d\d))?(?: (?P<bytes>raw|file))?\.)?"
    r" Raises: (?P<raises>\w+(?:, \w+)*)\."
)
_CHINESE = re.compile(r"[㐀-鿿]")


@dataclass(frozen=True)
class Http:
    """path: below /api/v1, with {field} for request fields that travel in it. status: of success. raw: the body is no JSON. file: nor
    is the answer."""

    verb: str
    path: str
    status: int = 200
    raw: bool = False
    file: bool = False

    @property
    def path_fields(self) -> list[str]:
        return fields_of(self.path)


def fields_of(path: str) -> list[str]:
    """The {fields} of a path."""
    return re.findall(r"\{(\w+)\}", path)


@dataclass(frozen=True)
class Rpc:
    """One RPC of a service. domain: the service it is asked at, also for what it inherits. raises: names of reasons."""

    domain: str
    name: str
    summary: str
    summary_zh: str
    callers: frozenset[str]
    mutation: bool
    secret: bool
    inline: bool
    trail: bool
    http: Http | None
    raises: tuple[str, ...]

    @property
    def verb(self) -> str:
        """Of the service: ``PauseTask`` is ``pause_task``."""
        return snake(self.name)


def snake(name: str) -> str:
    return re.sub(r"(?<!^)(?=[A-Z])", "_", name).lower()


@functools.cache
def of(domain: str) -> dict[str, Rpc]:
    """The RPCs of a service by name, those of ``PlatformService`` first. Raises ValueError naming an RPC whose comment is not in form."""
    inherited = {name: replace(rpc, domain=domain, http=_rooted(rpc.http, domain)) for name, rpc in parse(_text(BASE), BASE).items()}
    return {**inherited, **parse(_text(domain), domain)}


def inherited() -> dict[str, Rpc]:
    """Those every service answers."""
    return parse(_text(BASE), BASE)


def everything() -> list[Rpc]:
    """Every RPC of every service, in the order of the manifest and the files."""
    return [rpc for domain in manifest.NAMES for rpc in of(domain).values()]


def reachable() -> list[Rpc]:
    """Those with an HTTP route."""
    return [rpc for rpc in everything() if rpc.http is not None]


def parse(text: str, domain: str) -> dict[str, Rpc]:
    """The RPCs that one .thrift file's service declares itself."""
    found: dict[str, Rpc] = {}
    comment = ""
    for line in text.partition("\nservice ")[2].partition("{")[2].splitlines():
        if line.strip().startswith("//"):
            comment += line.strip().removeprefix("//").strip() + " "
            continue
        if method := _METHOD.match(line):
            found[method["name"]] = _rpc(domain, method["name"], comment.strip())
        comment = ""
    return found


def _rpc(domain: str, name: str, comment: str) -> Rpc:
    words = _WORDS.fullmatch(comment)
    if words is None:
        raise ValueError(
            f"{domain}.{name}: its comment must read 'What it does. Caller: …. Mutation. HTTP: …. Raises: ….' (idl/registry.py)"
        )
    summary, chinese = _languages(words["what"])
    kind = words["bytes"]
    http = Http(words["verb"], words["path"], int(words["status"] or 200), kind == "raw", kind == "file") if words["verb"] else None
    raises = () if words["raises"] == "none" else tuple(words["raises"].split(", "))
    return Rpc(
        domain,
        name,
        summary,
        chinese,
        _callers(words["callers"], f"{domain}.{name}"),
        words["kind"] == "Mutation",
        bool(words["secret"]),
        bool(words["inline"]),
        bool(words["trail"]),
        http,
        raises,
    )


def _callers(text: str, rpc: str) -> frozenset[str]:
    words = text.split(", ")
    if len(set(words)) != len(words):
        raise ValueError(f"{rpc}: a caller is named twice")
    return frozenset(words)


def _languages(what: str) -> tuple[str, str]:
    """The English sentences, then the Chinese ones: the first part that begins in Chinese."""
    parts = re.split(r"(?<=[.!?]) (?=\S)", what, maxsplit=0)
    first = next((n for n, part in enumerate(parts) if _CHINESE.search(part[:12])), len(parts))
    return " ".join(parts[:first]), " ".join(parts[first:])


def _rooted(http: Http | None, domain: str) -> Http | None:
    """An inherited route, below the domain's own root; a domain without one has none."""
    root = manifest.BY_NAME[domain].root if domain in manifest.BY_NAME else ""
    return replace(http, path=http.path.replace("/{domain}", root)) if http is not None and root else None


def _text(name: str) -> str:
    return (FOLDER / f"{name}.thrift").read_text(encoding="utf-8")
