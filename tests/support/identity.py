"""Signed identities for tests that open doors in their own process: real keys in a temporary folder, one set per test run."""

from __future__ import annotations

import atexit
import functools
import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import idl
from libs.common.context import CallContext
from libs.common.identity.keys import KeyFolder
from libs.common.identity.signed import CLEARANCE_MAX, Signer
from libs.common.rpc.door import Guard, base_of


@functools.cache
def keys() -> KeyFolder:
    folder = Path(tempfile.mkdtemp(prefix="modelyard-keys-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return KeyFolder(folder)


@functools.cache
def signer(issuer: str) -> Signer:
    return Signer(keys(), issuer)


@functools.cache
def guard(service: str) -> Guard:
    return Guard(service, keys())


def person(user: int = 1, space: int = 1, roles: tuple[str, ...] = ("owner",), clearance: int = CLEARANCE_MAX, **facts: Any) -> str:
    """A token as the gateway signs it for a person."""
    return signer("gateway").user(user, space, frozenset(roles), clearance, **facts)


def base(user: int = 1, space: int = 1, **facts: Any) -> Any:
    """The ``Base`` of an owner's call."""
    return idl.load("base").Base(log_id="test", auth=person(user, space), **facts)


def base_for(ctx: CallContext, service: str, method: str, signs: Callable[[str], Signer] = signer) -> Any:
    """The ``Base`` of whoever may call ``method``: an owner where people may, else the first service that is declared."""
    from idl import rights

    words = rights.declared(service)[method]
    services = sorted(words & set(rights.SERVICES))
    if ctx.service in services:
        auth = signs(ctx.service).service(service, ctx.user_id, ctx.space_id, ctx.clearance)
    elif words & {*rights.ROLES, rights.ADMINISTRATOR} or not services:
        auth = signs("gateway").user(ctx.user_id, ctx.space_id, frozenset({"owner"}), ctx.clearance, administrator=True)
    else:
        auth = signs(services[0]).service(service, ctx.user_id, ctx.space_id, ctx.clearance)
    return base_of(ctx, "test", auth)
