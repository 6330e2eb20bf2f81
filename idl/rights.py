"""Who may call what, read from the contract itself: every RPC's comment says ``Caller: developer, deploy.`` and that is the declaration.

A word is a role of a person in the project space, ``administrator`` (of the whole platform), a service that calls with its own key, or
``anybody``. An RPC without the declaration, or with an unknown word, is a ValueError when a service starts, and fails a contract test.
"""

from __future__ import annotations

import re

import idl

ROLES = ("owner", "developer", "annotator", "rater", "inspector", "agent", "viewer", "operator")
ADMINISTRATOR = "administrator"
SERVICES = ("gateway", *idl.DOMAINS, "app")
ANYBODY = "anybody"
OPEN = frozenset({"Ping", "CheckHealth", "ExchangeKey"})  # all that may be declared for anybody; the last asks for a key in the request
_METHOD = re.compile(r"^\s+[\w.]+\s+(?P<name>\w+)\s*\(")
_CALLER = re.compile(r"\bCaller: (?P<words>[a-z]+(?:, [a-z]+)*)\. ")


def declared(domain: str) -> dict[str, frozenset[str]]:
    """RPC -> the words it is declared for, ``PlatformService`` included. Raises ValueError naming the RPC."""
    return {**parse(_text("base"), "base"), **parse(_text(domain), domain)}


def parse(text: str, file: str) -> dict[str, frozenset[str]]:
    """The declarations of one .thrift file's service."""
    found: dict[str, frozenset[str]] = {}
    comment = ""
    for line in text.partition("\nservice ")[2].partition("{")[2].splitlines():
        if line.strip().startswith("//"):
            comment += line.strip().removeprefix("//") + " "
            continue
        if method := _METHOD.match(line):
            found[method["name"]] = _words(comment, f"{file}.{method['name']}")
        comment = ""
    return found


def _words(comment: str, rpc: str) -> frozenset[str]:
    callers = _CALLER.findall(comment)
    if len(callers) != 1:
        raise ValueError(f"{rpc}: its comment must say 'Caller: <role or service>, …. ' exactly once")
    words = callers[0].split(", ")
    unknown = set(words) - {*ROLES, ADMINISTRATOR, *SERVICES, ANYBODY}
    if unknown or len(set(words)) != len(words):
        raise ValueError(f"{rpc}: unknown or repeated caller {sorted(unknown) or words}")
    if ANYBODY in words and (rpc.partition(".")[2] not in OPEN or len(words) > 1):
        raise ValueError(f"{rpc}: only {sorted(OPEN)} are for anybody")
    return frozenset(words)


def _text(name: str) -> str:
    return (idl.FOLDER / f"{name}.thrift").read_text(encoding="utf-8")
