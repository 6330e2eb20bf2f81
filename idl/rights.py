"""Who may call what, read from the contract itself: every RPC's comment says ``Caller: developer, deploy.`` and that is the declaration.

A word is a role of a person in the project space, ``administrator`` (of the whole platform), a service that calls with its own key, or
``anybody``. An unknown word is a ValueError when a service starts, and fails a contract test.
"""

from __future__ import annotations

from idl import manifest, registry

ROLES = ("owner", "developer", "annotator", "rater", "inspector", "agent", "viewer", "operator")
ADMINISTRATOR = "administrator"
SERVICES = ("gateway", *manifest.NAMES, *manifest.KEPT)
ANYBODY = "anybody"
OPEN = frozenset({"Ping", "CheckHealth", "ExchangeKey"})  # all that may be declared for anybody; the last asks for a key in the request


def declared(domain: str) -> dict[str, frozenset[str]]:
    """RPC -> the words it is declared for, ``PlatformService`` included. Raises ValueError naming the RPC."""
    return {name: _known(rpc.callers, f"{domain}.{name}") for name, rpc in registry.of(domain).items()}


def parse(text: str, file: str) -> dict[str, frozenset[str]]:
    """The declarations of one .thrift file's service."""
    return {name: _known(rpc.callers, f"{file}.{name}") for name, rpc in registry.parse(text, file).items()}


def _known(words: frozenset[str], rpc: str) -> frozenset[str]:
    unknown = words - {*ROLES, ADMINISTRATOR, *SERVICES, ANYBODY}
    if unknown:
        raise ValueError(f"{rpc}: unknown caller {sorted(unknown)}")
    if ANYBODY in words and (rpc.partition(".")[2] not in OPEN or len(words) > 1):
        raise ValueError(f"{rpc}: only {sorted(OPEN)} are for anybody")
    return words
