"""Why a request waits: the one constraint that holds it back, and the smallest change that would admit it. Pure over what was read.

Quotas come first, from the space up: as long as one of them binds, no node is looked for. Of nodes the one is named that needs least: the
fewest numbers to change, and of these the smallest share of what it has.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from idl.enums import ConstraintKind as ConstraintKind
from services.resource.domain.allowance import Allowance
from services.resource.domain.amounts import SHOWN, SPENT, Want, shown_amount
from services.resource.domain.node import Node, NodeHealth, Placement
from services.resource.domain.wording import sentences

Candidate = tuple[Node, Allowance]


@dataclass(frozen=True)
class ResourceStep:
    """what: "quota" or "node". id: of its subject. by: how much of ``resource`` must be raised or come free; 0 where that is no number."""

    what: str
    id: int
    name: str
    resource: str
    by: int = 0


@dataclass(frozen=True)
class Explanation:
    """row: of the allowance that binds, 0 where it fits. most: its limit. steps: all of them together admit it. position: in the queue of
    what binds.
    """

    constraint: ConstraintKind = ConstraintKind.NONE
    name: str = ""
    id: int = 0
    resource: str = ""
    asked: int = 0
    free: int = 0
    steps: list[ResourceStep] = field(default_factory=list)
    position: int = 0
    sentence_en: str = ""
    sentence_zh: str = ""
    row: int = 0
    most: int = 0

    @property
    def hopeless(self) -> bool:
        """Whether waiting cannot help: no node could ever hold it, or it is more than the whole of a quota."""
        whole = self.constraint in (ConstraintKind.QUOTA, ConstraintKind.BUDGET) and self.asked > self.most
        return whole or self.constraint == ConstraintKind.NEVER

    def at(self, position: int) -> Explanation:
        """With its place in the queue, in sentences."""
        placed = replace(self, position=position)
        en, zh = sentences(placed)
        return replace(placed, sentence_en=en, sentence_zh=zh)


def explain(
    want: Want, quotas: Sequence[Allowance], nodes: Sequence[Candidate] | None, placement: Placement, ticket: int, now: int
) -> Explanation:
    """quotas: from the space up. nodes: None where none is needed."""
    return (
        _quota(want, quotas, now)
        or _node(want, nodes, placement, now)
        or _turn(want, quotas, nodes, placement, ticket, now)
        or Explanation()
    )


def _quota(want: Want, quotas: Sequence[Allowance], now: int) -> Explanation | None:
    lacking = [(row, *lack) for row in quotas for lack in row.lacks(want, now)]
    if not lacking:
        return None
    row, resource, asked, free = lacking[0]
    steps = [ResourceStep("quota", row.subject_id, row.name, SHOWN[name], shown_amount(name, a - f)) for row, name, a, f in lacking]
    kind = ConstraintKind.BUDGET if resource in SPENT else ConstraintKind.QUOTA
    return _bound(kind, row, row.name, row.subject_id, resource, asked, free, steps)


def _bound(
    kind: ConstraintKind, row: Allowance, name: str, id: int, resource: str, asked: int, free: int, steps: list[ResourceStep]
) -> Explanation:
    shown = SHOWN.get(resource, resource)
    most = shown_amount(resource, row.cap(resource)) if resource in SHOWN else 0
    return Explanation(kind, name, id, shown, shown_amount(resource, asked), shown_amount(resource, free), steps, row=row.id, most=most)


def _node(want: Want, nodes: Sequence[Candidate] | None, placement: Placement, now: int) -> Explanation | None:
    if nodes is None:
        return None
    short = [_short(want, node, row, placement, now) for node, row in nodes]
    if any(not each.steps for each in short):
        return None
    best = min(short, key=lambda each: each.cost, default=None)
    if best is None:
        return Explanation(ConstraintKind.NEVER, "node", 0, "node", 1, 0, [ResourceStep("node", 0, "", "node", 1)])
    kind = ConstraintKind.NEVER if best.never else ConstraintKind.CAPACITY
    resource, asked, free = best.first
    return _bound(kind, best.row, best.node.name, best.node.id, resource, asked, free, best.steps)


@dataclass(frozen=True)
class _Short:
    """What one node lacks. never: also when nothing is held of it. cost: what to compare nodes by."""

    node: Node
    row: Allowance
    steps: list[ResourceStep]
    first: tuple[str, int, int]
    never: bool
    cost: tuple[bool, int, float, int]


def _short(want: Want, node: Node, row: Allowance, placement: Placement, now: int) -> _Short:
    barred = placement.barred(node, want.accelerator)
    up = node.health(now) == NodeHealth.UP
    lacks = row.lacks(replace(want, replicas=0, pay=0, tokens=0, annotation=0), now)
    words = [*barred, *([] if up else ["health"])]
    steps = [ResourceStep("node", node.id, node.name, word) for word in words]
    steps += [ResourceStep("node", node.id, node.name, SHOWN[name], asked - free) for name, asked, free in lacks]
    never = bool(barred) or any(asked > row.cap(name) for name, asked, _ in lacks)
    share = sum((asked - free) / max(1, row.cap(name)) for name, asked, free in lacks)
    first = (words[0], 0, 0) if words else lacks[0] if lacks else ("", 0, 0)
    return _Short(node, row, steps, first, never, (never, len(steps), share, node.id))


def _turn(
    want: Want, quotas: Sequence[Allowance], nodes: Sequence[Candidate] | None, placement: Placement, ticket: int, now: int
) -> Explanation | None:
    for row in quotas:
        if not row.passable(ticket):
            return Explanation(ConstraintKind.TURN, row.name, row.subject_id, row=row.id)
    if nodes is None:
        return None
    fitting = [(node, row) for node, row in nodes if not _short(want, node, row, placement, now).steps]
    if any(row.passable(ticket) for _, row in fitting):
        return None
    node, row = fitting[0]
    return Explanation(ConstraintKind.TURN, node.name, node.id, row=row.id)
