"""What holds a request back and the smallest change that would admit it, beside every change that brute force can think of."""

from __future__ import annotations

import itertools
import random
from dataclasses import replace

import pytest

from services.resource.domain.allowance import NODE, Allowance, QuotaKind
from services.resource.domain.amounts import SHOWN, Want
from services.resource.domain.explanation import Candidate, ConstraintKind, Explanation, explain
from services.resource.domain.node import Node, Placement
from services.resource.service import ResourceService
from tests.support.stores import caller
from tests.unit.resource.world import node, set_quota

NOW, TICKET, CAP = 1_000, 50, 4
RESOURCES = ("cpu", "memory", "accelerator")
STORED = {shown: name for name, shown in SHOWN.items()}
Cluster = tuple[Want, list[Allowance], list[Candidate]]


def cluster(draw: random.Random) -> Cluster:
    """A small one, with numbers so small that every change can be tried."""
    want = Want(*[draw.randint(0, CAP) for _ in RESOURCES], replicas=draw.randint(0, 1))
    quotas = [_allowance(draw, 10 + level, level) for level in (3, 2, 0)]
    nodes = [(Node(id, f"n{id}", 1, share=1000), _allowance(draw, 20 + id, NODE, id)) for id in range(1, draw.randint(1, 3) + 1)]
    return want, quotas, nodes


def _allowance(draw: random.Random, id: int, kind: int, subject: int = 0) -> Allowance:
    caps = {name: draw.randint(0, CAP) for name in RESOURCES}
    held = {f"held_{name}": draw.randint(0, cap) for name, cap in caps.items()}
    return Allowance(id, kind, subject, cap_replicas=1, **{f"cap_{name}": cap for name, cap in caps.items()}, **held)


def found(of: Cluster) -> Explanation:
    want, quotas, nodes = of
    return explain(want, quotas, nodes if want.placed else None, Placement(), TICKET, NOW)


def fits(of: Cluster) -> bool:
    """By its own words: everything below its limit, and one node that has room."""
    want, quotas, nodes = of
    within = all(getattr(row, f"held_{name}") + asked <= getattr(row, f"cap_{name}") for row in quotas for name, asked in want.named())
    return within and (not want.placed or any(_roomy(want, row) for _, row in nodes))


def _roomy(want: Want, row: Allowance) -> bool:
    asked = [(name, getattr(want, name)) for name in RESOURCES if getattr(want, name)]
    return all(getattr(row, f"held_{name}") + amount <= getattr(row, f"cap_{name}") for name, amount in asked)


def changed(of: Cluster, what: str, id: int, resource: str, by: int) -> Cluster:
    """With one limit higher."""
    want, quotas, nodes = of
    cap = f"cap_{STORED[resource]}"
    if what == "quota":
        kinds = {"space": 3, "person": 2, "platform": 0}
        return want, [replace(row, **{cap: getattr(row, cap) + by}) if row.kind == kinds[str(id)] else row for row in quotas], nodes
    return want, quotas, [(each, replace(row, **{cap: getattr(row, cap) + by}) if each.id == id else row) for each, row in nodes]


def carried_out(of: Cluster, steps: list[tuple[str, object, str, int]]) -> Cluster:
    for what, id, resource, by in steps:
        of = changed(of, what, id, resource, by)  # type: ignore[arg-type]
    return of


def steps_of(told: Explanation) -> list[tuple[str, object, str, int]]:
    return [(step.what, step.name if step.what == "quota" else step.id, step.resource, step.by) for step in told.steps]


@pytest.mark.parametrize("seed", range(200))
def test_the_change_admits_and_nothing_smaller_does(seed: int) -> None:
    of = cluster(random.Random(seed))
    told = found(of)
    assert (told.constraint == ConstraintKind.NONE) == fits(of)
    if told.constraint == ConstraintKind.NONE:
        return
    steps = steps_of(told)
    quota_binds = told.constraint == ConstraintKind.QUOTA
    scope = "quota" if quota_binds else "node"
    assert {what for what, *_ in steps} == {scope}
    after = carried_out(of, steps)
    assert found(after).constraint not in ({ConstraintKind.QUOTA} if quota_binds else {ConstraintKind.CAPACITY, ConstraintKind.NEVER})
    for number, (what, id, resource, by) in enumerate(steps):  # none of them may be one unit less
        less = [*steps[:number], (what, id, resource, by - 1), *steps[number + 1 :]]
        assert found(carried_out(of, less)).constraint == told.constraint or not quota_binds
        assert not _admits(carried_out(of, less), scope)
    if not quota_binds:
        assert len(steps) == _fewest(of)


def _admits(of: Cluster, scope: str) -> bool:
    want, quotas, nodes = of
    return (
        fits((want, quotas, [])) or found((want, quotas, [])).constraint != ConstraintKind.QUOTA
        if scope == "quota"
        else any(_roomy(want, row) for _, row in nodes)
    )


def _fewest(of: Cluster) -> int:
    """How many numbers must change at least so that one of the nodes that could ever hold it does; of all nodes where none could."""
    want, quotas, nodes = of
    able = [(each, row) for each, row in nodes if all(getattr(want, name) <= getattr(row, f"cap_{name}") for name in RESOURCES)]
    ways = []
    for each, _ in able or nodes:
        for count in range(len(RESOURCES) + 1):
            for chosen in itertools.combinations(RESOURCES, count):
                enough = carried_out((want, quotas, nodes), [("node", each.id, SHOWN[name], CAP * 2) for name in chosen])
                if any(_roomy(want, row) for one, row in enough[2] if one.id == each.id):
                    ways.append(count)
    return min(ways)


def test_a_request_that_waits_says_why_and_where_it_stands(service: ResourceService) -> None:
    me = caller(user=7, space=3)
    set_quota(service, kind=QuotaKind.SPACE, subject_id=3, cpu_milli=1000)
    service.create_reservation(me, holder="a", cpu_milli=800)
    for place, holder in enumerate(("b", "c"), 1):
        why = service.create_reservation(me, holder=holder, cpu_milli=500, wait=True).explanation
        assert why is not None
        assert (why.constraint, why.name, why.id, why.resource) == (ConstraintKind.QUOTA, "space", 3, "cpu_milli")
        assert (why.asked, why.free, why.position) == (500, 200, place)
        assert [(step.name, step.resource, step.by) for step in why.steps] == [("space", "cpu_milli", 300)]
        assert "300 more of CPU" in why.sentence_en
        assert f"排队第 {place} 位" in why.sentence_zh
    assert service.explain_request(me, cpu_milli=200).constraint == ConstraintKind.NONE
    assert service.explain_request(me, cpu_milli=201).position == 3


def test_nodes_that_cannot_be_counted_on_are_named_with_what_speaks_against_them(service: ResourceService) -> None:
    me = caller(user=7, space=3)
    node(service, "n1", cpu=1000, labels={"net": "slow"})
    assert service.explain_request(me, cpu_milli=1, labels={"net": "fast"}).resource == "labels"
    assert service.explain_request(me, cpu_milli=2000).steps[0].by == 1000
    why = service.explain_request(me, accelerator_milli=1000, vendor="acme")
    assert (why.constraint, [step.resource for step in why.steps]) == (ConstraintKind.NEVER, ["accelerator", "accelerator_milli"])
