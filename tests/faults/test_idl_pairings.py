"""Invariant I15: during a rolling upgrade every client understands every server, whichever of the two is of the older contract.

Pairings of the first release with the present contract, and of the present one with one that grew everything the rules allow: each method
of each domain is called over TCP with every field set. What both sides know arrives as it was sent; an enum member or a field that only
one side knows is no failure, and an unknown member never becomes another one.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from typing import Any

import pytest

from libs.common.rpc.client import RpcClient
from libs.common.rpc.contract import methods_of
from libs.common.rpc.deadline import Deadline
from libs.common.rpc.server import RpcServer
from libs.common.rpc.wire import LIST, MAP, SET, STRUCT, element, spec_fields
from tests.support.evidence import Evidence
from tests.support.idl_versions import NEW_MEMBER, grown, present, released, service
from tests.support.requests import example

PAIRS = [("v1", "present"), ("present", "v1"), ("v1", "v1"), ("present", "present"), ("present", "grown"), ("grown", "present")]


@pytest.fixture(scope="module")
def versions(tmp_path_factory: pytest.TempPathFactory) -> dict[str, dict[str, Any]]:
    return {"v1": released(), "present": present(), "grown": grown(tmp_path_factory.mktemp("grown"))}


def shared(value: Any, spec: Any, other: Any) -> Any:
    """``value`` as plain data, without the fields that ``other`` (the same struct of the other contract) does not know."""
    if value is None or not hasattr(value, "thrift_spec"):
        return value
    known = {name: (kind, extra) for name, kind, extra in spec_fields(other)}
    return {
        name: _shared(getattr(value, name), kind, extra, known[name][1]) for name, kind, extra in spec_fields(type(value)) if name in known
    }


def _shared(value: Any, kind: int, extra: Any, other: Any) -> Any:
    if value is None:
        return None
    if kind == STRUCT:
        return shared(value, extra, other)
    if kind in (LIST, SET):
        (inner, mine), (_, theirs) = element(extra), element(other)
        return [_shared(item, inner, mine, theirs) for item in value]
    if kind == MAP:
        (inner, mine), (_, theirs) = element(extra[1]), element(other[1])
        return {key: _shared(item, inner, mine, theirs) for key, item in value.items()}
    return value


def structs(version: dict[str, Any], domain: str, method: str) -> tuple[Any, Any]:
    """(request, response) classes."""
    found = service(version, domain)
    return getattr(found, f"{method}_args").thrift_spec[1][2], getattr(found, f"{method}_result").thrift_spec[0][2]


def common_methods(version: dict[str, Any], other: dict[str, Any], domain: str) -> Iterator[str]:
    there = methods_of(service(other, domain), 32)
    return (name for name in methods_of(service(version, domain), 32) if name in there)


@pytest.mark.parametrize(("client", "server"), PAIRS, ids=[f"{client} asks {server}" for client, server in PAIRS])
def test_every_method_of_every_pairing(versions: dict[str, dict[str, Any]], client: str, server: str, evidence: Evidence) -> None:
    tries, wrong = 0, []
    asking, answering = versions[client], versions[server]
    for domain in sorted(asking.keys() & answering.keys()):
        heard: dict[str, Any] = {}

        def answer(req: Any, info: Any, domain: str = domain, heard: dict[str, Any] = heard) -> Any:
            heard[info.method] = req
            return example(structs(answering, domain, info.method)[1])

        names = list(common_methods(asking, answering, domain))
        rpc = RpcServer(service(answering, domain), dict.fromkeys(names, answer)).start()
        with closing(RpcClient(service(asking, domain), lambda rpc=rpc: [rpc.address])) as peer:  # type: ignore[misc]
            for method in names:
                ask, back = structs(asking, domain, method)
                take, give = structs(answering, domain, method)
                sent = example(ask)
                got = peer.call(method, sent, Deadline.after(10))
                for one in (sent, heard[method]):
                    if one.base is not None:
                        one.base.budget_ms = None  # the client's own count of the time left
                tries += 1
                if shared(sent, ask, take) != shared(heard[method], take, ask):
                    wrong.append(f"{domain}.{method}: request")
                if shared(got, back, give) != shared(example(give), give, back):
                    wrong.append(f"{domain}.{method}: answer")
        rpc.close()
    evidence("I15", f"every method, client {client} and server {server}", tries=tries, violations=len(wrong))
    assert wrong == []
    assert tries > 80


def test_an_unknown_member_is_kept(versions: dict[str, dict[str, Any]], evidence: Evidence) -> None:
    """A newer server answers with a member the client has not heard of: it stays that number, and is never taken for another."""
    asking, answering = versions["present"], versions["grown"]
    tries, wrong = 0, 0
    for domain in sorted(asking.keys() & answering.keys()):
        names = list(common_methods(asking, answering, domain))

        def answer(_req: Any, info: Any, domain: str = domain) -> Any:
            return _with_new_members(example(structs(answering, domain, info.method)[1]))

        rpc = RpcServer(service(answering, domain), dict.fromkeys(names, answer)).start()
        with closing(RpcClient(service(asking, domain), lambda rpc=rpc: [rpc.address])) as peer:  # type: ignore[misc]
            for method in names:
                got = peer.call(method, example(structs(asking, domain, method)[0]), Deadline.after(10))
                for value in _members(got):
                    tries += 1
                    wrong += value != NEW_MEMBER
        rpc.close()
    evidence("I15", "enum members only the server knows", tries=tries, violations=wrong)
    assert wrong == 0
    assert tries > 20


def _enums(value: Any) -> Iterator[tuple[Any, str]]:
    """Every (struct, field) below ``value`` that holds an enum."""
    for name, kind, extra in spec_fields(type(value)):
        found = getattr(value, name)
        if hasattr(extra, "_VALUES_TO_NAMES"):
            yield value, name
        elif kind == STRUCT and found is not None:
            yield from _enums(found)
        elif kind in (LIST, SET) and element(extra)[0] == STRUCT:
            for item in found or []:
                yield from _enums(item)


def _with_new_members(value: Any) -> Any:
    for struct, name in list(_enums(value)):
        setattr(struct, name, NEW_MEMBER)
    return value


def _members(value: Any) -> Iterator[Any]:
    return (getattr(struct, name) for struct, name in _enums(value))
