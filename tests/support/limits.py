"""Every limit the product can name, read from its source: the text where it is written out, a 7 where a value goes in."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from functools import cache
from itertools import product
from pathlib import Path

ROOT = Path(__file__).parents[2]
FOLDERS = ("idl", "libs", "services", "gateway")
VALUE = "7"
# Where a limit stands when it is no keyword: constructor -> position.
POSITIONS = {
    "invalid": {"limit": 2},
    "busy": {"what": 0, "limit": 1},
    "unavailable": {"what": 0},
    "deadline_exceeded": {"what": 0},
    "bad_frame": {"what": 0, "limit": 1},
    "PromptError": {"limit": 1},
    "Fault": {"limit": 1, "why": 2},
    "row_fault": {"limit": 0, "why": 1},
}
FACTS = ("limit", "what", "why")


class Source:
    """One file, and who encloses whom in it."""

    def __init__(self, path: Path) -> None:
        self.name, self.tree = str(path.relative_to(ROOT)), ast.parse(path.read_text(encoding="utf-8"))
        self.parents = {child: node for node in ast.walk(self.tree) for child in ast.iter_child_nodes(node)}

    def enclosing(self, node: ast.AST) -> Iterator[ast.AST]:
        """The functions around a node, innermost first, then the file."""
        while (found := self.parents.get(node)) is not None:
            node = found
            if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.Module)):
                yield node

    def texts(self, value: ast.AST, depth: int = 0) -> list[str] | None:
        """What an expression may say; None when it cannot be told from this file."""
        if isinstance(value, ast.Constant):
            return [value.value] if isinstance(value.value, str) else []
        if isinstance(value, ast.JoinedStr):
            parts = [[part.value] if isinstance(part, ast.Constant) else self.hole(part, depth) for part in value.values]
            return ["".join(each) for each in product(*parts)]
        if isinstance(value, ast.BinOp) and isinstance(value.op, ast.Add):
            return [a + b for a in self.texts(value.left, depth) or [VALUE] for b in self.texts(value.right, depth) or [VALUE]]
        if isinstance(value, (ast.IfExp, ast.BoolOp)):
            branches = [value.body, value.orelse] if isinstance(value, ast.IfExp) else value.values
            return [text for branch in branches for text in self.texts(branch, depth) or []]
        if isinstance(value, ast.Call):
            if isinstance(value.func, ast.Attribute) and value.func.attr == "join":
                return [f"{VALUE}, {VALUE}"]
            return self.answered(called(value), depth + 1) if depth < 4 else None
        if isinstance(value, ast.Name) and depth < 4:
            return self.named(value, depth + 1)
        return None

    def answered(self, name: str, depth: int) -> list[str] | None:
        """The texts a function answers with: of this file, or of whichever file has it."""
        own = [each for each in functions().get(name, ()) if each[0] is self] or functions().get(name, ())
        found: list[str] = []
        for source, function in own:
            for node in ast.walk(function):
                if isinstance(node, ast.Return) and node.value is not None:
                    found += source.texts(node.value, depth) or []
        return found or None

    def hole(self, part: ast.AST, depth: int) -> list[str]:
        """What stands in for a value of an f-string: a word where the file says which, else a number."""
        inner = part.value if isinstance(part, ast.FormattedValue) else part
        return (self.texts(inner, depth + 1) if isinstance(inner, (ast.IfExp, ast.Name)) else None) or [VALUE]

    def named(self, name: ast.Name, depth: int) -> list[str] | None:
        """The texts a name may stand for: what is assigned to it, looped over, or handed over by callers in this file."""
        for scope in self.enclosing(name):
            found = [*self.assigned(scope, name.id, depth), *self.passed(scope, name.id, depth)]
            if found:
                return found
        if name.id.isupper():  # a constant of another file
            return next((found for each, node in constants().get(name.id, ()) if (found := each.texts(node, depth))), None)
        return None

    def assigned(self, scope: ast.AST, name: str, depth: int) -> Iterator[str]:
        for node in ast.walk(scope):
            if isinstance(node, (ast.Assign, ast.AnnAssign)) and node.value is not None:
                targets = node.targets if isinstance(node, ast.Assign) else [node.target]
                for target in targets:
                    if isinstance(target, ast.Name) and target.id == name:
                        yield from self.texts(node.value, depth) or []
                    elif isinstance(target, ast.Tuple) and isinstance(node.value, ast.Tuple):
                        for each, value in zip(target.elts, node.value.elts, strict=False):
                            if isinstance(each, ast.Name) and each.id == name:
                                yield from self.texts(value, depth) or []

    def passed(self, scope: ast.AST, name: str, depth: int) -> Iterator[str]:
        if not isinstance(scope, (ast.FunctionDef, ast.AsyncFunctionDef)):
            return
        names = [each.arg for each in (*scope.args.posonlyargs, *scope.args.args)]
        offset = 1 if names[:1] in (["self"], ["cls"]) else 0
        every = [*names, *(each.arg for each in scope.args.kwonlyargs)]
        if name not in every:
            return
        for call in ast.walk(self.tree):
            if isinstance(call, ast.Call) and called(call) == scope.name:
                given = {keyword.arg: keyword.value for keyword in call.keywords}
                at = names.index(name) - offset if name in names else -1
                value = given.get(name) or (call.args[at] if 0 <= at < len(call.args) else None)
                if value is not None:
                    yield from self.texts(value, depth) or []


@cache
def sources() -> list[Source]:
    return [Source(path) for path in sorted(path for folder in FOLDERS for path in (ROOT / folder).rglob("*.py"))]


@cache
def functions() -> dict[str, list[tuple[Source, ast.FunctionDef]]]:
    found: dict[str, list[tuple[Source, ast.FunctionDef]]] = {}
    for source in sources():
        for node in ast.walk(source.tree):
            if isinstance(node, ast.FunctionDef):
                found.setdefault(node.name, []).append((source, node))
    return found


@cache
def constants() -> dict[str, list[tuple[Source, ast.AST]]]:
    """Of modules, by name: one target, one value, or as many of both."""
    found: dict[str, list[tuple[Source, ast.AST]]] = {}
    for source in sources():
        for node in source.tree.body:
            for target in node.targets if isinstance(node, ast.Assign) else ():
                pairs = (
                    zip(target.elts, node.value.elts, strict=False)
                    if isinstance(target, ast.Tuple) and isinstance(node.value, ast.Tuple)
                    else [(target, node.value)]
                )
                for name, value in pairs:
                    if isinstance(name, ast.Name):
                        found.setdefault(name.id, []).append((source, value))
    return found


def called(call: ast.Call) -> str:
    return call.func.id if isinstance(call.func, ast.Name) else call.func.attr if isinstance(call.func, ast.Attribute) else ""


def limits() -> Iterator[tuple[str, str, list[str] | None]]:
    """(place, fact, texts) of everything that names one; texts: None where only a run can tell."""
    for source in sources():
        for node in ast.walk(source.tree):
            if not isinstance(node, ast.Call) or called(node) in ("PageReq", "PageRequest", "add_middleware"):
                continue
            given = [(keyword.arg, keyword.value) for keyword in node.keywords if keyword.arg in FACTS]
            given += [(fact, node.args[at]) for fact, at in POSITIONS.get(called(node), {}).items() if at < len(node.args)]
            for fact, value in given:
                yield f"{source.name}:{node.lineno}", fact, source.texts(value)
