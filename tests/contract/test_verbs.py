"""The verbs behind the contract: their parameters are the request's fields, their answers the response's, their enums the same numbers."""

from __future__ import annotations

import importlib
import inspect
import re
from collections.abc import Callable
from dataclasses import fields as fields_of
from dataclasses import is_dataclass
from enum import IntEnum
from pathlib import Path
from types import NoneType
from typing import Any, get_args, get_origin, get_type_hints

import pytest

import idl
from idl import enums as idl_enums
from idl import registry
from libs.common.process import _PlatformVerbs
from libs.common.rpc.door import SHARED_FIELDS, verbs
from libs.common.rpc.wire import BINARY, BOOL, DOUBLE, LIST, MAP, STRING, STRUCT, domain_name, required_fields, spec_fields
from libs.common.store.repository import Page, PageRequest
from tests.contract.idl_text import enums, structs
from tests.support.verbs import Nothing
from tests.support.verbs import own as own_verbs

SERVICES = Path(idl.__file__).parents[1] / "services"
PRESENT = [path.parent.name for path in sorted(SERVICES.glob("*/__main__.py"))]


def service_class(domain: str) -> Any:
    """No store is needed to see its methods."""
    module = importlib.import_module(f"services.{domain}.service")
    return getattr(module, f"{domain.capitalize()}Service")


VERBS = [(domain, method, verb) for domain in PRESENT for method, verb in own_verbs(domain, service_class(domain)).items()]
VERBS += [("model", method, verb) for method, verb in verbs("model", _PlatformVerbs, Nothing()).items() if method in registry.inherited()]
each = pytest.mark.parametrize(("domain", "method", "verb"), VERBS, ids=[f"{domain}.{method}" for domain, method, _ in VERBS])


def request_of(domain: str, method: str) -> Any:
    return getattr(idl.service(domain), f"{method}_args").thrift_spec[1][2]


def response_of(domain: str, method: str) -> Any:
    return getattr(idl.service(domain), f"{method}_result").thrift_spec[0][2]


def own(struct: Any) -> dict[str, tuple[int, Any]]:
    return {name: (kind, extra) for name, kind, extra in spec_fields(struct) if name not in SHARED_FIELDS}


def parameters(verb: Callable[..., Any]) -> dict[str, inspect.Parameter]:
    found = [parameter for name, parameter in inspect.signature(verb).parameters.items() if name not in ("self", "ctx")]
    return {parameter.name: parameter for parameter in found}


def test_every_domain_is_served() -> None:
    assert sorted(idl.DOMAINS) == PRESENT


@each
def test_parameters_are_the_requests_fields(domain: str, method: str, verb: Callable[..., Any]) -> None:
    request = request_of(domain, method)
    wanted = {domain_name(name) for name in own(request)} | (
        {"page"} if "page" in dict.fromkeys(n for n, _, _ in spec_fields(request)) else set()
    )
    found = parameters(verb)
    assert set(found) == wanted
    assert {parameter.kind for parameter in found.values()} <= {inspect.Parameter.KEYWORD_ONLY}
    needed = {domain_name(name) for name in required_fields(request)} | (wanted & {"page"})
    assert {name for name, parameter in found.items() if parameter.default is inspect.Parameter.empty} == needed


@each
def test_parameters_have_the_fields_types(domain: str, method: str, verb: Callable[..., Any]) -> None:
    hints = get_type_hints(verb)
    for name, (kind, extra) in own(request_of(domain, method)).items():
        hint = _plain(hints[domain_name(name)])
        if hasattr(extra, "_NAMES_TO_VALUES"):
            assert issubclass(hint, IntEnum)
            assert {member.name: int(member) for member in hint} == dict(extra._NAMES_TO_VALUES)
        elif name.endswith("_json"):
            assert (get_origin(hint) or hint) is dict
        else:
            assert (get_origin(hint) or hint) is {STRING: str, BINARY: bytes, DOUBLE: float, BOOL: bool, LIST: list, MAP: dict}.get(
                kind, int
            ), name
    if "page" in parameters(verb):
        assert hints["page"] is PageRequest


def _plain(hint: Any) -> Any:
    """``X | None`` as X."""
    kinds = [part for part in get_args(hint) if part is not NoneType]
    return kinds[0] if NoneType in get_args(hint) and len(kinds) == 1 else hint


@each
def test_what_takes_a_key_is_done_once_per_key(domain: str, method: str, verb: Callable[..., Any]) -> None:
    names = [name for name, _, _ in spec_fields(request_of(domain, method))]
    assert ("idempotency_key" in names) == getattr(verb, "is_mutation", False)


@each
def test_answers_fill_the_response(domain: str, method: str, verb: Callable[..., Any]) -> None:
    wanted, answer = list(own(response_of(domain, method))), get_type_hints(verb)["return"]
    paged = "page" in [name for name, _, _ in spec_fields(response_of(domain, method))]
    assert (answer is Page) == paged
    if paged:
        assert len(wanted) == 1
    elif get_origin(answer) is tuple:
        assert len(get_args(answer)) == len(wanted)
    elif len(wanted) > 1:
        assert is_dataclass(answer)
        assert {domain_name(name) for name in wanted} <= {f.name for f in fields_of(answer)}


# --- nouns


def domain_types(domain: str) -> dict[str, Any]:
    """The classes the domain room of a service defines."""
    found: dict[str, Any] = {}
    for path in sorted((SERVICES / domain / "domain").glob("*.py")):
        module = importlib.import_module(f"services.{domain}.domain.{path.stem}")
        found |= {name: kind for name, kind in vars(module).items() if isinstance(kind, type) and kind.__module__ == module.__name__}
    return found


# Not of the contract: a reason is a number on the wire, a slot has states for its history only, and where an item of people's work waits is
# told to nobody.
OWN_ENUMS = {"Reason", "SlotState", "Lane", "JobStatus"}


def test_no_enumeration_of_the_contract_is_typed_again() -> None:
    root = SERVICES.parent
    written = [
        name
        for folder in ("services", "libs", "gateway")
        for path in (root / folder).rglob("*.py")
        for name in re.findall(r"^class (\w+)\(IntEnum\)", path.read_text(encoding="utf-8"), re.MULTILINE)
    ]
    assert set(written) == OWN_ENUMS
    assert {name for name, value in vars(idl_enums).items() if isinstance(value, type) and issubclass(value, IntEnum)} - {"IntEnum"} == {
        enum for name in idl.FILES for enum in enums(name)
    }


# What a service puts together out of several tables when it answers.
COMPOSED = {("deploy", "Slot"): {"instances"}, ("app", "KnowledgeBase"): {"documents", "chunks"}}
NOUNS = [
    (domain, name, kind, structs(domain)[name])
    for domain in PRESENT
    for name, kind in domain_types(domain).items()
    if is_dataclass(kind) and name in structs(domain)
]


@pytest.mark.parametrize(("domain", "name", "kind", "struct"), NOUNS, ids=[f"{domain}.{name}" for domain, name, _, _ in NOUNS])
def test_every_field_of_a_struct_is_a_field_of_its_noun(domain: str, name: str, kind: Any, struct: Any) -> None:
    """The converter would leave a field it cannot find unset, without a word."""
    known = {f.name for f in fields_of(kind)} | {name for name, value in vars(kind).items() if isinstance(value, property)}
    assert {domain_name(field) for field in own(struct)} - COMPOSED.get((domain, name), set()) <= known
    hints = get_type_hints(kind)
    for field, (wire_type, extra) in own(struct).items():
        if wire_type == STRUCT or domain_name(field) not in hints:
            continue
        hint = _plain(hints[domain_name(field)])
        if hasattr(extra, "_NAMES_TO_VALUES"):
            assert hint.__name__ == extra.__name__


def test_nouns_are_compared() -> None:
    assert {name for domain, name, _, _ in NOUNS if domain == "model"} >= {
        "ModelProject",
        "ModelVersion",
        "ReleaseGate",
        "GateRule",
        "Evidence",
    }
