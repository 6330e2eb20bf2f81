"""``libs/common/rpc/peers.py``: what one service may ask another, with types: ``ModelPeer.call(ctx, "GetVersion", id=…)``.

One protocol per service with one overload per RPC that is declared for a service. At run time there is only ``RpcPeer``; mypy checks method
names, facts and answers of every call against the contract.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import idl
from idl import manifest, registry, rights
from libs.common.contract.stubs import type_hint
from libs.common.rpc.wire import required_fields, spec_fields

FILE = Path(__file__).parents[1] / "rpc" / "peers.py"
HEAD = '''"""Generated from idl/*.thrift by `make contract`; not edited by hand. What one service may ask another, for the type checker."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal, Protocol, overload

if TYPE_CHECKING:
'''


def files() -> dict[Path, str]:
    body = "".join(_peer(name) for name in manifest.NAMES if _asked(name))
    used = [name for name in idl.FILES if f"_{name}." in body]
    head = HEAD + "".join(f"    from idl.stubs import {name} as _{name}\n" for name in used)
    head += "    from libs.common.context import CallContext\n    from libs.common.store.repository import PageRequest\n"
    return {FILE: head + body}


def _asked(service: str) -> list[registry.Rpc]:
    others = set(manifest.NAMES) | set(manifest.KEPT)
    assert others < set(rights.SERVICES)
    return [rpc for rpc in registry.of(service).values() if rpc.callers & others]


def _peer(service: str) -> str:
    name = manifest.BY_NAME[service].word.removesuffix("Service") + "Peer"
    asked = _asked(service)
    lines = [f"\n\nclass {name}(Protocol):\n"]
    # mypy wants more than one overload or none: the last one is what no RPC is.
    lines += [f"    @overload\n    def call(self, {_facts(service, rpc)}) -> {_answer(service, rpc)}: ...\n" for rpc in asked]
    lines.append('    @overload\n    def call(self, ctx: CallContext, method: Literal[""]) -> Any: ...\n')
    return "".join(lines)


def _facts(service: str, rpc: registry.Rpc) -> str:
    request = getattr(idl.service(service), f"{rpc.name}_args").thrift_spec[1][2]
    needed = set(required_fields(request))
    facts = [f'ctx: CallContext, method: Literal["{rpc.name}"]']
    own = [(name, kind, extra) for name, kind, extra in spec_fields(request) if name not in ("base", "idempotency_key")]
    facts += ["*"] if own else []
    facts += [_fact(name, kind, extra, name in needed) for name, kind, extra in own]
    return ", ".join(facts)


def _fact(name: str, kind: int, extra: Any, needed: bool) -> str:
    hint = "PageRequest" if name == "page" else type_hint("", kind, extra)
    return f"{name}: {hint}" if needed else f"{name}: {hint} | None = None"


def _answer(service: str, rpc: registry.Rpc) -> str:
    response = getattr(idl.service(service), f"{rpc.name}_result").thrift_spec[0][2]
    return f"_{response.__module__.removesuffix('_thrift')}.{response.__name__}"
