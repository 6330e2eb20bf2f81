"""The routes of the contract: one per RPC whose comment in ``idl/`` says ``HTTP:``. No other file lists them."""

from __future__ import annotations

from typing import NamedTuple

from idl import registry

API = "/api/v1"
"""What all of them begin with."""


class Route(NamedTuple):
    """One HTTP route of one RPC. path: below ``API``, with {field} for request fields that travel in the path. status: of success.
    raw: the body is the bytes of the request's binary field, and no JSON. file: the answer is a file."""

    verb: str
    path: str
    domain: str
    method: str
    status: int = 200
    raw: bool = False
    file: bool = False

    @property
    def path_fields(self) -> list[str]:
        return registry.fields_of(self.path)

    @property
    def rpc(self) -> registry.Rpc:
        return registry.of(self.domain)[self.method]


ALL = tuple(
    Route(rpc.http.verb, rpc.http.path, rpc.domain, rpc.name, rpc.http.status, rpc.http.raw, rpc.http.file)
    for rpc in registry.reachable()
    if rpc.http is not None
)
