"""Law 2 and the shape of the contract: one error, one request, comments that say who calls and what is raised, numbers with one meaning."""

from __future__ import annotations

import re
from typing import Any

import pytest

import idl
from idl import registry
from idl.limits import FIELDS
from idl.rights import ADMINISTRATOR, ROLES
from libs.common.errors import Reason
from libs.common.rpc.wire import LIST, MAP, SET, STRUCT, element
from tests.contract.idl_text import Rpc, fields, rpcs, structs, text

RPCS = [rpc for name in ("base", *idl.DOMAINS) for rpc in rpcs(name)]
STRUCTS = [(name, struct, kind) for name in idl.FILES for struct, kind in structs(name).items()]
REQUESTS = [(name, struct, kind) for name, struct, kind in STRUCTS if struct.endswith("Req") and struct != "PageReq"]
ANSWERS = [(name, struct, kind) for name, struct, kind in STRUCTS if struct.endswith("Resp") and struct not in ("PageResp", "BaseResp")]
# Words that generators of other languages, or thriftpy2 itself, refuse as names of fields.
_WORDS = """alias args begin default delete end from function in list module native new next pass print public raise register retry self
static switch union use var when with"""
REFUSED = frozenset(_WORDS.split())
SHARED = {
    250: {"page": {"base.PageReq", "base.PageResp"}},
    251: {"expected_version": {"i32"}},
    252: {"idempotency_key": {"string"}},
    255: {"base": {"base.Base"}, "base_resp": {"base.BaseResp"}},
}
CHANGES = re.compile(r"(Create|Update|Delete|Set|Start|Record|Retire|Quarantine|Cancel|Pause|Resume|Approve|Reject|RollBack)[A-Z]")
DECIDED = re.compile(r"(Update|Delete|Set|Retire|Quarantine|Approve|Reject|Confirm|Withdraw)[A-Z]")


def of(rpc: Rpc) -> str:
    return f"{rpc.domain}.{rpc.name}"


def request_of(rpc: Rpc) -> dict[str, tuple[str, str, str]]:
    found = fields(getattr(idl.load(rpc.domain), f"{rpc.name}Req"))
    return {name: (str(number), kind, need) for number, (name, kind, need) in found.items()}


def test_the_text_and_the_parser_see_the_same_methods() -> None:
    platform = [rpc.name for rpc in rpcs("base")]
    assert platform == list(idl.load("base").PlatformService.thrift_services)
    for domain in idl.DOMAINS:
        assert [rpc.name for rpc in rpcs(domain)] == [name for name in idl.methods(domain) if name not in platform]
    assert len(RPCS) > 70


@pytest.mark.parametrize("rpc", RPCS, ids=of)
def test_every_method_takes_one_request_and_throws_one_error(rpc: Rpc) -> None:
    prefix = "" if rpc.domain == "base" else "base."
    assert (rpc.answer, rpc.arguments) == (f"{rpc.name}Resp", f"1: {rpc.name}Req req")
    assert rpc.throws == f"throws (1: {prefix}PlatformError error)"
    assert re.fullmatch(r"([A-Z][a-z0-9]+)+", rpc.name)
    assert len(re.findall(r"[A-Z]", rpc.name)) >= 2 or rpc.name == "Ping", "a verb and a noun"


@pytest.mark.parametrize("rpc", RPCS, ids=of)
def test_every_method_says_what_it_does_who_calls_and_what_it_raises(rpc: Rpc) -> None:
    known = registry.parse(text(rpc.domain), rpc.domain)[rpc.name]
    assert known.summary.endswith(".")
    assert bool(known.summary_zh) or known.http is None, "what people reach is told in both languages"
    assert set(known.raises) <= set(Reason.__members__)
    assert len(set(known.raises)) == len(known.raises)
    if "expected_version" in request_of(rpc):
        assert {"STALE_VERSION", "MISSING_VERSION", "NOT_FOUND"} <= set(known.raises)


@pytest.mark.parametrize("rpc", RPCS, ids=of)
def test_what_changes_something_takes_a_key_and_what_was_decided_on_takes_a_version(rpc: Rpc) -> None:
    """Law 4, read from the words: a secret answer is never stored, so its mutation has no key."""
    known = registry.parse(text(rpc.domain), rpc.domain)[rpc.name]
    assert (known.mutation and not known.secret) == ("idempotency_key" in request_of(rpc))
    assert known.mutation or not (known.secret or CHANGES.match(rpc.name)), "its name says that it changes something"
    assert bool(DECIDED.match(rpc.name)) == ("expected_version" in request_of(rpc))
    assert not (known.inline and (known.mutation or rpc.name.startswith("List"))), "only short reads run on the event loop"


@pytest.mark.parametrize("rpc", registry.reachable(), ids=lambda rpc: f"{rpc.domain}.{rpc.name}")
def test_a_route_is_the_contracts(rpc: registry.Rpc) -> None:
    assert rpc.http is not None
    request = fields(getattr(idl.service(rpc.domain), f"{rpc.name}_args").thrift_spec[1][2])
    names = {name for name, _, _ in request.values()}
    assert set(rpc.http.path_fields) <= names
    binary = [name for name, kind, _ in request.values() if kind == "binary"]
    assert binary == (["data"] if rpc.http.raw else []), "bytes travel as a raw body and in no other way"
    asks_by_post = any(name.endswith("_json") for name in names - set(rpc.http.path_fields)) and not rpc.mutation
    assert (rpc.http.verb == "GET") == (not rpc.mutation and not asks_by_post), "a question that no query can hold is asked by POST"
    assert (rpc.http.verb == "PUT") >= rpc.http.raw
    answer = {name: kind for name, kind, _ in fields(getattr(idl.service(rpc.domain), f"{rpc.name}_result").thrift_spec[0][2]).values()}
    handed_out = {"file": "base.File", "data": "binary"} if rpc.http.file else {}
    assert {name: kind for name, kind in answer.items() if kind in ("binary", "base.File")} == handed_out, (
        "bytes come as a file and in no other way"
    )
    assert ("offset" in names) == (rpc.http.file or rpc.http.raw)
    assert rpc.http.file >= rpc.trail, "what is taken out is a file"
    assert not rpc.callers.isdisjoint({*ROLES, ADMINISTRATOR}), "no person may call it"
    assert re.fullmatch(r"(/[a-z-]+|/\{[a-z_]+\})+", rpc.http.path)


def test_no_two_methods_have_one_route() -> None:
    taken = [(rpc.http.verb, re.sub(r"\{\w+\}", "{}", rpc.http.path)) for rpc in registry.reachable() if rpc.http]
    assert len(set(taken)) == len(taken)


def test_requests_and_answers_belong_to_methods() -> None:
    names = {rpc.name for rpc in RPCS}
    assert {struct.removesuffix("Req") for _, struct, _ in REQUESTS} == names
    assert {struct.removesuffix("Resp") for _, struct, _ in ANSWERS} == names


@pytest.mark.parametrize(("file", "struct", "kind"), STRUCTS, ids=lambda value: value if isinstance(value, str) else "")
def test_numbers_mean_the_same_everywhere(file: str, struct: str, kind: Any) -> None:
    shared_names = {name for names in SHARED.values() for name in names}
    for number, (name, type_name, need) in fields(kind).items():
        if number in SHARED:
            assert type_name in SHARED[number][name]
            assert need == "optional"
        else:
            assert 1 <= number <= 199, "200 to 254 are kept free"
            assert name not in shared_names
        assert re.fullmatch(r"[a-z][a-z0-9]*(_[a-z0-9]+)*", name)
        assert name not in REFUSED
    assert re.fullmatch(r"([A-Z][a-z0-9]+)+", struct)


@pytest.mark.parametrize(("file", "struct", "kind"), REQUESTS, ids=lambda value: value if isinstance(value, str) else "")
def test_every_request_carries_a_base(file: str, struct: str, kind: Any) -> None:
    assert fields(kind)[255] == ("base", "base.Base", "optional")
    assert (250 in fields(kind)) == struct.startswith(("List", "Read"))


@pytest.mark.parametrize(("file", "struct", "kind"), ANSWERS, ids=lambda value: value if isinstance(value, str) else "")
def test_every_answer_carries_a_base(file: str, struct: str, kind: Any) -> None:
    assert fields(kind)[255] == ("base_resp", "base.BaseResp", "optional")
    assert (250 in fields(kind)) == (250 in fields(getattr(idl.load(file), struct.removesuffix("Resp") + "Req")))
    assert [need for _, _, need in fields(kind).values()] == ["optional"] * len(fields(kind)), (
        "an old client must be able to read a newer answer"
    )


# --- what crosses between domains


@pytest.mark.parametrize("domain", idl.DOMAINS)
def test_a_domain_includes_only_base_and_task(domain: str) -> None:
    assert re.findall(r'^include "(.+)"', text(domain), re.MULTILINE) == ["base.thrift", "task.thrift"]
    for struct, kind in structs(domain).items():
        for name, type_name, _ in fields(kind).values():
            foreign = set(re.findall(r"(\w+)\.\w+", type_name)) - {domain, "base", "task"}
            assert not foreign, f"{struct}.{name}"


def test_base_and_task_include_nothing() -> None:
    assert "include" not in text("base")
    assert "include" not in text("task")


def test_classes_exist_once() -> None:
    for domain in idl.DOMAINS:
        request = getattr(idl.load(domain), f"{rpcs(domain)[0].name}Req")
        assert request.thrift_spec[255][2] is idl.load("base").Base
        assert idl.load(domain) is idl.load(domain)
    with pytest.raises(KeyError):
        idl.load("../base")


def test_no_type_holds_itself() -> None:
    """A recursive type lets a few bytes nest without end."""

    def walk(kind: Any, above: tuple[Any, ...]) -> None:
        assert kind not in above, kind.__name__
        for spec in kind.thrift_spec.values():
            inner = [(spec[0], spec[2] if len(spec) == 4 else None)]
            while inner:
                wire_type, extra = inner.pop()
                if wire_type == STRUCT:
                    walk(extra, (*above, kind))
                elif wire_type in (LIST, SET):
                    inner.append(element(extra))
                elif wire_type == MAP:
                    inner += [element(extra[0]), element(extra[1])]

    for _, _, kind in STRUCTS:
        walk(kind, ())


def test_no_field_has_a_default() -> None:
    """thriftpy2 shares a mutable default between all instances of a struct."""
    for _, struct, kind in STRUCTS:
        assert all(default is None for _, default in kind.default_spec), struct


def test_ids_and_times_are_64_bits_and_json_is_text() -> None:
    for file, struct, kind in STRUCTS:
        if (file, struct) == ("dataset", "DroppedRecord"):
            continue  # its ids are those of the imported records: text of somebody else
        for name, type_name, _ in fields(kind).values():
            if name in ("id", "as_of") or name.endswith(("_time", "_id")):
                assert (
                    type_name in ("i64", "string")
                    if name in ("log_id", "record_id", "request_id", "from_id", "to_id")
                    else type_name == "i64"
                ), (struct, name)
            if name.endswith("_ids"):
                assert type_name == "list<i64>"
            if name.endswith("_json"):
                assert type_name in ("string", "list<string>")


# --- tasks


@pytest.mark.parametrize("domain", ["dataset", "train", "eval"])
def test_a_domains_task_repeats_the_common_fields_and_adds_its_own_from_40(domain: str) -> None:
    common, own = fields(idl.load("task").Task), fields(getattr(idl.load(domain), f"{domain.capitalize()}Task"))
    assert list(common) == list(range(1, 23))
    assert {number: field for number, field in own.items() if number < 40} == common
    assert min(number for number in own if number > 22) == 40


def test_limits_by_struct_name_a_struct() -> None:
    known = {f"{struct}.{name}" for _, struct, kind in STRUCTS for name, _, _ in fields(kind).values()}
    assert {key for key in FIELDS if "." in key} <= known
