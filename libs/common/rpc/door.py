"""The Thrift door: request -> verb -> response, the same for every service and every method.

The table of a service is derived from the contract: ``PauseTask`` is answered by the method ``pause_task`` of one of the objects that are
handed in. This module asks the ``Guard`` who calls and whether they may, then checks the request against the contract, makes the call
context, hands the request's own fields to the verb as keyword arguments (``x_json`` as the parsed ``x``) and puts the answer into the
response: a response with one field of its own is that answer, one with several is filled from a tuple in their order, or by name from an
object. A contract test compares every verb's parameters with its request's fields.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Sequence
from enum import IntEnum
from typing import Any, get_args, get_origin, get_type_hints

import msgspec

import idl
from idl import registry
from libs.common.context import CallContext
from libs.common.identity.keys import KeyFolder
from libs.common.identity.rights import Rights
from libs.common.identity.signed import Identity, Verifier, refused
from libs.common.rpc.validation import validate
from libs.common.rpc.wire import domain_name, field_converter, plain, spec_fields
from libs.common.sight import logs, tracing
from libs.common.store.mysql import ends_with
from libs.common.store.repository import PAGE_LIMIT, Page, PageRequest

NOBODY = Identity("nobody", "", 0, 0, frozenset(), 0)
log = logs.get("door")
SHARED_FIELDS = frozenset({"page", "expected_version", "idempotency_key", "base", "base_resp"})


class Guard:
    """Who may come in at one service: the signed identity, then the right declared for the RPC. Raises ValueError when one lacks it."""

    def __init__(self, service: str, keys: KeyFolder) -> None:
        self._rights, self._verifier = Rights(service), Verifier(keys, service)

    def admit(self, method: str, base: Any) -> Identity:
        """Raises 401 UNAUTHENTICATED, 403 FORBIDDEN."""
        if self._rights.is_open(method):
            return NOBODY
        identity = self._verifier.verify(base.auth if base is not None else None)
        self._rights.check(method, identity)
        if identity.kind == "account":  # it comes past the gateway, whose trail has what people do
            log.info("account_call", rpc=method, by=identity.credential, user_id=identity.user_id, space_id=identity.space_id)
        return identity


Door = Callable[[Any, Any], Any]
Verbs = dict[str, Callable[..., Any]]


def verbs(service: str, *holders: object) -> Verbs:
    """RPC name -> the method of the first holder that has it. Raises ValueError when an RPC of the contract has none."""
    found = {name: _verb(rpc.verb, holders) for name, rpc in registry.of(service).items()}
    lacking = [name for name, verb in found.items() if verb is None]
    if lacking:
        raise ValueError(f"{service}: no method answers {', '.join(lacking)}")
    return {name: verb for name, verb in found.items() if verb is not None}


def _verb(name: str, holders: tuple[object, ...]) -> Callable[..., Any] | None:
    return next((getattr(holder, name) for holder in holders if hasattr(holder, name)), None)


def doors(service: str, table: Verbs, guard: Guard) -> dict[str, Door]:
    """RPC name -> function of (request struct, call info) for the RPC server. Raises ValueError when table and contract differ."""
    differ = sorted(set(idl.methods(service)) ^ set(table))
    if differ:
        raise ValueError(f"{service}: methods and verbs differ: {differ}")
    return {name: _door(service, name, verb, guard) for name, verb in table.items()}


def inline(service: str) -> frozenset[str]:
    """The reads that are short enough for the event loop on the embedded store."""
    return frozenset(name for name, rpc in registry.of(service).items() if rpc.inline)


def _door(service: str, name: str, call: Callable[..., Any], guard: Guard) -> Door:
    thrift_service = idl.service(service)
    request_struct = getattr(thrift_service, f"{name}_args").thrift_spec[1][2]
    response_struct = getattr(thrift_service, f"{name}_result").thrift_spec[0][2]
    arguments = _arguments(request_struct, call)
    paged = "page" in dict.fromkeys(field for field, _, _ in spec_fields(request_struct))
    base_resp, page_resp = idl.load("base").BaseResp, idl.load("base").PageResp
    fill = _filler(response_struct)

    def open_door(request: Any, info: Any) -> Any:
        identity = guard.admit(name, request.base)
        validate(request)
        ctx = _context(request, info, identity)
        facts = {
            to: value if convert is None else convert(value)
            for name, to, convert in arguments
            if (value := getattr(request, name)) is not None
        }
        if paged:
            page = request.page
            facts["page"] = PageRequest(page.cursor, page.limit or PAGE_LIMIT) if page is not None else PageRequest()
        with ends_with(ctx.deadline):  # of a store that hangs
            found = call(ctx, **facts)
        response = response_struct(base_resp=base_resp(log_id=ctx.log_id))
        if isinstance(found, Page):
            response.page = page_resp(next_cursor=found.next_cursor)
            found = found.items
        fill(response, found)
        return response

    return open_door


def _filler(struct: Any) -> Callable[[Any, Any], None]:
    """Puts what a verb answered into its response; None leaves a field out."""
    own = [
        (name, domain_name(name), field_converter(name, kind, extra))
        for name, kind, extra in spec_fields(struct)
        if name not in SHARED_FIELDS
    ]

    def fill_one(response: Any, found: Any) -> None:
        fill_from(response, (found,))

    def fill_all(response: Any, found: Any) -> None:
        fill_from(response, found if type(found) is tuple else [getattr(found, attribute) for _, attribute, _ in own])

    def fill_from(response: Any, values: Sequence[Any]) -> None:
        fields = response.__dict__
        for (name, _, convert), value in zip(own, values, strict=True):
            if value is not None:
                fields[name] = value if convert is None else convert(value)

    return fill_one if len(own) == 1 else fill_all


def _context(request: Any, info: Any, identity: Identity) -> CallContext:
    base = request.base
    if base is not None and identity is not NOBODY:
        # The numbers beside the signed identity are for people who read logs; they decide nothing, and may not say anything else.
        if base.user_id not in (None, identity.user_id):
            raise refused("about the same user_id as base")
        if base.project_space_id not in (None, identity.space_id):
            raise refused("about the same project_space_id as base")
    return CallContext(
        user_id=identity.user_id,
        space_id=identity.space_id,
        clearance=identity.clearance,
        service=identity.issuer if identity.kind == "service" else "",
        deadline=info.deadline,
        log_id=(base and base.log_id) or uuid.uuid4().hex,
        idempotency_key=getattr(request, "idempotency_key", None),
        expected_version=getattr(request, "expected_version", None),
        credential=identity.credential,
        peer=getattr(info, "peer", ""),
    )


def _arguments(request_struct: Any, call: Callable[..., Any]) -> list[tuple[str, str, Callable[[Any], Any] | None]]:
    hints = get_type_hints(call)
    return [
        (name, domain_name(name), _inward(name, hints.get(domain_name(name), Any)))
        for name, _, _ in spec_fields(request_struct)
        if name not in SHARED_FIELDS
    ]


def _inward(name: str, hint: Any) -> Callable[[Any], Any] | None:
    """How a wire value becomes the verb's argument; None when it already is."""
    if name.endswith("_json"):
        return lambda text: msgspec.json.decode(text) if text else {}
    kinds = [part for part in (get_args(hint) if get_origin(hint) is not None else (hint,)) if part is not type(None)]
    if all(part in (int, str, float, bool, bytes) for part in kinds) and get_origin(hint) not in (list, dict):
        return None
    if isinstance(hint, type) and issubclass(hint, IntEnum):
        return hint
    return lambda value: msgspec.convert(plain(value), hint)


def base_of(ctx: CallContext, caller: str, auth: str) -> Any:
    """The ``Base`` an outgoing call carries: the same user, space and log id; the budget is filled in by the client.

    Numbers below 1 are left out: nobody has them, and the signed identity says so itself.
    """
    return idl.load("base").Base(
        log_id=ctx.log_id,
        caller=caller,
        user_id=ctx.user_id or None,
        project_space_id=ctx.space_id or None,
        extra=tracing.carrier(),
        auth=auth,
    )
