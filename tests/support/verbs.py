"""The verbs of one service without a process around it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from idl import registry
from libs.common.rpc.door import Verbs, verbs


def own(domain: str, service: object) -> Verbs:
    """RPC -> method of ``service``, without those that every process answers."""
    return {name: verb for name, verb in with_platform(domain, service).items() if name not in registry.inherited()}


def with_platform(domain: str, service: object) -> Verbs:
    """All of them; those of the process answer nothing."""
    return verbs(domain, service, Nothing())


class Nothing:
    """Every verb, answering None."""

    def __getattr__(self, name: str) -> Callable[..., Any]:
        if name.startswith("__"):
            raise AttributeError(name)
        return lambda ctx, **facts: None
