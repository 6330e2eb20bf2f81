"""The lint of fault points: each has a name of its own, and no two side effects of a worker stand side by side without one between.

The rule is about calls, in the order in which they are written: in the files below, on every path through a function, between one call of
``EFFECTS`` and the next there is a ``fault.point``. A loop's body follows itself. What a called function does inside is that function's
business: it is looked at where it stands.
"""

from __future__ import annotations

import ast
import re
from collections import Counter

import pytest

import idl
from idl import registry
from tests.contract.idl_text import text
from tests.support.fault_points import ROOT, is_point, places

FILES = (
    "libs/common/store/outbox.py",
    "libs/common/work/worker.py",
    "libs/common/work/staged.py",
    "libs/common/work/human.py",
    "libs/common/work/parent.py",
    "services/dataset/worker/engines.py",
    "services/dataset/worker/people.py",
    "services/train/worker.py",
    "services/eval/worker/engines.py",
    "services/eval/worker/people.py",
    "services/deploy/worker/build.py",
    "services/deploy/worker/release.py",
)
OWN = (
    "publish finish finish_annotation finish_rating succeed advance note end "
    "await_approval begin promote restore ensure drop keep_result _mark"
)
"""Artifacts, own records, the traffic of a slot, wishes to the node."""

TOLD = "deliver started record_package start_evaluation"
"""What others are told."""

EFFECTS = frozenset((OWN + " " + TOLD).split())
READS = {"Ping"} | {rpc.name for domain in idl.DOMAINS for rpc in registry.parse(text(domain), domain).values() if not rpc.mutation}
"""RPCs that change nothing, by the word in their comment; any other ``.call`` is an effect."""


def effect(node: ast.AST) -> str | None:
    """The name of the side effect that a call is, if it is one."""
    if not isinstance(node, ast.Call):
        return None
    name = node.func.attr if isinstance(node.func, ast.Attribute) else node.func.id if isinstance(node.func, ast.Name) else ""
    if name == "call":
        method = next((arg.value for arg in node.args if isinstance(arg, ast.Constant)), "")
        return None if method in READS else f"call {method}"
    return name if name in EFFECTS else None


class Paths:
    """Walks one function. ``open``: the effects that may stand last, without a point after them, on some path that leads here."""

    def __init__(self, function: ast.FunctionDef) -> None:
        self.faults: list[str] = []
        self._name = function.name
        self.walk(function.body, frozenset())

    def walk(self, block: list[ast.stmt], open: frozenset[str] | None) -> frozenset[str] | None:
        """What is open behind the block; None where no path leads out of it."""
        for statement in block:
            if open is None:
                return None
            open = self._step(statement, open)
        return open

    def _step(self, statement: ast.stmt, open: frozenset[str]) -> frozenset[str] | None:
        if isinstance(statement, ast.FunctionDef | ast.ClassDef):
            return open
        if isinstance(statement, ast.If):
            open = self._calls(statement.test, open)
            return _either(self.walk(statement.body, open), self.walk(statement.orelse, open))
        if isinstance(statement, ast.For | ast.While):
            open = self._calls(statement.iter if isinstance(statement, ast.For) else statement.test, open)
            once = self.walk(statement.body, open)
            again = self.walk(statement.body, _either(once, open) or frozenset())
            return _either(again, open)
        if isinstance(statement, ast.With):
            for item in statement.items:
                open = self._calls(item.context_expr, open)
            return self.walk(statement.body, open)
        if isinstance(statement, ast.Try):
            inside = self.walk([*statement.body, *statement.orelse], open)
            ways = [inside, *(self.walk(handler.body, open) for handler in statement.handlers)]
            behind = None
            for way in ways:
                behind = _either(behind, way)
            return self.walk(statement.finalbody, behind) if behind is not None else None
        open = self._calls(statement, open)
        return None if isinstance(statement, ast.Return | ast.Raise | ast.Continue | ast.Break) else open

    def _calls(self, node: ast.AST, open: frozenset[str]) -> frozenset[str]:
        calls = sorted((n for n in ast.walk(node) if isinstance(n, ast.Call)), key=lambda n: (n.end_lineno or 0, n.end_col_offset or 0))
        for call in calls:
            if is_point(call):
                open = frozenset()
            elif (done := effect(call)) is not None:
                self.faults += [f"{self._name}: {before} and {done} (line {call.lineno})" for before in open]
                open = frozenset({done})
        return open


def _either(a: frozenset[str] | None, b: frozenset[str] | None) -> frozenset[str] | None:
    return b if a is None else a if b is None else a | b


def faults_in(source: str) -> list[str]:
    functions = [node for node in ast.walk(ast.parse(source)) if isinstance(node, ast.FunctionDef)]
    return [fault for function in functions for fault in Paths(function).faults]


@pytest.mark.parametrize("path", FILES)
def test_a_point_stands_between_any_two_side_effects(path: str) -> None:
    assert faults_in((ROOT / path).read_text(encoding="utf-8")) == []


def test_names_are_literals_of_their_own() -> None:
    found = places()
    assert len(found) > 30
    for place in found:
        assert re.fullmatch(r"[a-z]+\.[a-z_]+", place.name), place
    assert [name for name, count in Counter(place.name for place in found).items() if count > 1] == []


PUBLISH = """
def publish(self, task):
    uri, digest = self.artifacts.publish(folder)
    {between}
    self.models.call(ctx, "RecordTrained", id=1)
"""


def test_the_rule_sees_what_is_missing() -> None:
    assert faults_in(PUBLISH.format(between="pass")) == ["publish: publish and call RecordTrained (line 5)"]
    assert faults_in(PUBLISH.format(between='fault.point("x.y")')) == []
    assert faults_in(PUBLISH.format(between='self.models.call(ctx, "GetVersion")')) != []
    assert faults_in(PUBLISH.format(between="if a:\n        return")) != []
    assert faults_in(PUBLISH.format(between='if a:\n        fault.point("x.y")')) != []


def test_the_rule_knows_branches_and_loops() -> None:
    either = "def f():\n    if a:\n        s.end(o)\n        return\n    s.finish(o)\n"
    assert faults_in(either) == []
    assert faults_in("def f():\n    for o in all:\n        s.end(o)\n") != []
    assert faults_in('def f():\n    for o in all:\n        s.end(o)\n        fault.point("x.y")\n') == []
    assert faults_in("def f():\n    try:\n        s.end(o)\n    finally:\n        s.finish(o)\n") != []
