"""The verbs behind the contract: their parameters are the request's fields, their answers the response's, their enums the same numbers."""

from __future__ import annotations

import importlib
import inspect
from dataclasses import fields as fields_of
from dataclasses import is_dataclass
from enum import IntEnum
from pathlib import Path
from types import NoneType
from typing import Any, get_args, get_origin, get_type_hints

import pytest

import idl
from libs.common.process import _PlatformVerbs
from libs.common.rpc.door import SHARED_FIELDS, Verb
from libs.common.rpc.wire import BOOL, DOUBLE, LIST, MAP, STRING, STRUCT, domain_name, required_fields, spec_fields
from libs.common.store.repository import Page, PageRequest
from libs.common.work.task import TaskReason, TaskStatus
from tests.contract.idl_text import enums, structs

SERVICES = Path(idl.__file__).parents[1] / "services"
PRESENT = [domain for domain in idl.DOMAINS if (SERVICES / domain / "handler.py").exists()]
PLATFORM = tuple(idl.load("base").PlatformService.thrift_services)


def table(domain: str) -> dict[str, Verb]:
    """RPC -> verb, taken from the class: no store is needed to see its methods."""
    verbs = importlib.import_module(f"services.{domain}.handler").verbs
    service = get_type_hints(verbs)["s"]
    found: dict[str, Verb] = verbs(service)
    return found


VERBS = [(domain, method, verb) for domain in PRESENT for method, verb in table(domain).items()]
platform = _PlatformVerbs.__new__(_PlatformVerbs)
VERBS += [("model", method, verb) for method, verb in _PlatformVerbs.verbs(platform).items()]
each = pytest.mark.parametrize(("domain", "method", "verb"), VERBS, ids=[f"{domain}.{method}" for domain, method, _ in VERBS])


def request_of(domain: str, method: str) -> Any:
    return getattr(idl.service(domain), f"{method}_args").thrift_spec[1][2]


def response_of(domain: str, method: str) -> Any:
    return getattr(idl.service(domain), f"{method}_result").thrift_spec[0][2]


def own(struct: Any) -> dict[str, tuple[int, Any]]:
    return {name: (kind, extra) for name, kind, extra in spec_fields(struct) if name not in SHARED_FIELDS}


def parameters(verb: Verb) -> dict[str, inspect.Parameter]:
    found = [parameter for name, parameter in inspect.signature(verb.call).parameters.items() if name not in ("self", "ctx")]
    return {parameter.name: parameter for parameter in found}


def test_every_domain_is_served() -> None:
    assert list(idl.DOMAINS) == PRESENT


@pytest.mark.parametrize("domain", PRESENT)
def test_the_table_of_verbs_is_the_service_of_the_contract(domain: str) -> None:
    assert set(table(domain)) == set(idl.methods(domain)) - set(PLATFORM)
    handler = importlib.import_module(f"services.{domain}.handler")
    assert set(table(domain)) >= handler.INLINE
    for name in handler.INLINE:
        assert name.startswith(("Get", "Find", "Check", "Resolve")), "only short reads by key run on the event loop"


@each
def test_parameters_are_the_requests_fields(domain: str, method: str, verb: Verb) -> None:
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
def test_parameters_have_the_fields_types(domain: str, method: str, verb: Verb) -> None:
    hints = get_type_hints(verb.call)
    for name, (kind, extra) in own(request_of(domain, method)).items():
        hint = _plain(hints[domain_name(name)])
        if hasattr(extra, "_NAMES_TO_VALUES"):
            assert issubclass(hint, IntEnum)
            assert {member.name: int(member) for member in hint} == dict(extra._NAMES_TO_VALUES)
        elif name.endswith("_json"):
            assert (get_origin(hint) or hint) is dict
        else:
            assert (get_origin(hint) or hint) is {STRING: str, DOUBLE: float, BOOL: bool, LIST: list, MAP: dict}.get(kind, int), name
    if "page" in parameters(verb):
        assert hints["page"] is PageRequest


def _plain(hint: Any) -> Any:
    """``X | None`` as X."""
    kinds = [part for part in get_args(hint) if part is not NoneType]
    return kinds[0] if NoneType in get_args(hint) and len(kinds) == 1 else hint


@each
def test_what_takes_a_key_is_done_once_per_key(domain: str, method: str, verb: Verb) -> None:
    names = [name for name, _, _ in spec_fields(request_of(domain, method))]
    assert ("idempotency_key" in names) == getattr(verb.call, "is_mutation", False)


@each
def test_answers_fill_the_response(domain: str, method: str, verb: Verb) -> None:
    wanted, answer = list(own(response_of(domain, method))), get_type_hints(verb.call)["return"]
    paged = "page" in [name for name, _, _ in spec_fields(response_of(domain, method))]
    if not verb.answers:
        assert is_dataclass(answer)
        assert {domain_name(name) for name in wanted} <= {f.name for f in fields_of(answer)}
        return
    assert list(verb.answers) == wanted
    assert (answer is Page) == paged
    if len(wanted) > 1:
        assert get_origin(answer) is tuple
        assert len(get_args(answer)) == len(wanted)


# --- nouns


def domain_types(domain: str) -> dict[str, Any]:
    """The classes the domain room of a service defines."""
    found: dict[str, Any] = {}
    for path in sorted((SERVICES / domain / "domain").glob("*.py")):
        module = importlib.import_module(f"services.{domain}.domain.{path.stem}")
        found |= {name: kind for name, kind in vars(module).items() if isinstance(kind, type) and kind.__module__ == module.__name__}
    return found


@pytest.mark.parametrize(("domain", "enum"), [(domain, enum) for domain in PRESENT for enum in enums(domain)])
def test_every_enum_of_the_contract_is_the_domains(domain: str, enum: str) -> None:
    kind = domain_types(domain)[enum]
    assert {member.name: int(member) for member in kind} == enums(domain)[enum]


def test_the_enums_of_tasks() -> None:
    assert {member.name: int(member) for member in TaskStatus} == enums("task")["TaskStatus"]
    assert {member.name: int(member) for member in TaskReason} == enums("task")["TaskReason"]


# What a service puts together out of several tables when it answers.
COMPOSED = {("deploy", "Slot"): {"instances"}}
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
