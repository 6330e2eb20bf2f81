"""The Thrift door: request -> verb -> response, the same for every service and every method.

A service's ``handler.py`` is a table from RPC name to ``Verb``. This module asks the ``Guard`` who calls and whether they may, then checks
the request against the contract, makes the call context, hands the request's own fields to the verb as keyword arguments (``x_json`` as
the parsed ``x``) and puts the answer into the response. A contract test compares every verb's parameters with its request's fields.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import IntEnum
from typing import Any, get_args, get_origin, get_type_hints

import msgspec

import idl
from libs.common.context import CallContext
from libs.common.identity.keys import KeyFolder
from libs.common.identity.rights import Rights
from libs.common.identity.signed import Identity, Verifier, refused
from libs.common.rpc.validation import validate
from libs.common.rpc.wire import domain_name, field_converter, plain, spec_fields
from libs.common.sight import tracing
from libs.common.store.mysql import ends_with
from libs.common.store.repository import PAGE_LIMIT, Page, PageRequest

NOBODY = Identity("nobody", "", 0, 0, frozenset(), 0)
SHARED_FIELDS = frozenset({"page", "expected_version", "idempotency_key", "base", "base_resp"})


@dataclass(frozen=True)
class Verb:
    """``call``: a service method ``(ctx, **facts)``. ``answers``: response fields its answer fills: one, several for a tuple, () for a
    dataclass whose attributes are the fields; a ``Page`` fills the one field and ``page``."""

    call: Callable[..., Any]
    answers: tuple[str, ...] = ()


def answers(call: Callable[..., Any], *fields: str) -> Verb:
    return Verb(call, fields)


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
        return identity


def doors(service: str, verbs: Mapping[str, Verb], guard: Guard) -> dict[str, Callable[[Any, Any], Any]]:
    """RPC name -> function of (request struct, call info) for the RPC server. Raises ValueError when a method of the IDL has no verb."""
    lacking = set(idl.methods(service)) ^ set(verbs)
    if lacking:
        raise ValueError(f"{service}: methods and verbs differ: {sorted(lacking)}")
    return {name: _door(service, name, verb, guard) for name, verb in verbs.items()}


def _door(service: str, name: str, verb: Verb, guard: Guard) -> Callable[[Any, Any], Any]:
    thrift_service = idl.service(service)
    request_struct = getattr(thrift_service, f"{name}_args").thrift_spec[1][2]
    response_struct = getattr(thrift_service, f"{name}_result").thrift_spec[0][2]
    arguments = _arguments(request_struct, verb.call)
    paged = "page" in dict.fromkeys(field for field, _, _ in spec_fields(request_struct))
    base_resp, page_resp = idl.load("base").BaseResp, idl.load("base").PageResp
    converters = {field: (field_converter(field, kind, extra)) for field, kind, extra in spec_fields(response_struct)}

    def fill(response: Any, field: str, value: Any) -> None:
        if value is not None:
            convert = converters[field]
            setattr(response, field, value if convert is None else convert(value))

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
            found = verb.call(ctx, **facts)
        response = response_struct(base_resp=base_resp(log_id=ctx.log_id))
        if isinstance(found, Page):
            fill(response, verb.answers[0], found.items)
            response.page = page_resp(next_cursor=found.next_cursor)
        elif not verb.answers:
            for field in converters:
                if field not in SHARED_FIELDS:
                    fill(response, field, getattr(found, domain_name(field)))
        else:
            values = (found,) if len(verb.answers) == 1 else found
            for field, value in zip(verb.answers, values, strict=True):
                fill(response, field, value)
        return response

    return open_door


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
    if all(part in (int, str, float, bool) for part in kinds) and get_origin(hint) not in (list, dict):
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
