"""The states of a work order: every pair the table does not hold is refused, and no path to traffic goes around a proof."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from itertools import product
from typing import Any

import pytest

import idl
from libs.common.errors import PlatformError, Reason
from services.deploy.domain.order import BEFORE_TRAFFIC, BUILDING, MACHINE, OPEN, RELEASING, WorkOrder, WorkOrderStatus, lacking

S = WorkOrderStatus
DIGEST = "sha256:" + "d" * 64
PROVEN = {
    "parity": {"passed": True},
    "package": {"digest": DIGEST},
    "evaluation": {"digest": DIGEST, "status": "SUCCEEDED", "task_id": "7", "work_order_id": "1"},
    "gate": {"digest": DIGEST, "verdict": "PASS"},
    "approval": {"digest": DIGEST, "user_id": "2"},
    "smoke": {"digest": DIGEST, "work_order_id": "1"},
}
ILLEGAL = [(state, event) for state, event in product(S, MACHINE.events) if (state, event) not in MACHINE.table]


def proven(**changes: Any) -> WorkOrder:
    order = WorkOrder(
        id=1,
        name="o",
        project_space_id=1,
        user_id=1,
        deployment_config_id=1,
        model_id=1,
        model_version_id=1,
        slot_id=1,
        artifact_digest="",
        digest=DIGEST,
        eval_task_id=7,
        approver_id=2,
        evidence=PROVEN,
    )
    return replace(order, **changes)


@pytest.mark.parametrize(("state", "event"), ILLEGAL, ids=lambda value: getattr(value, "name", value))
def test_illegal_pair_is_refused(state: S, event: str) -> None:
    with pytest.raises(PlatformError) as caught:
        MACHINE.next(state, event)
    assert (caught.value.code, caught.value.reason, caught.value.details["state"]) == (409, Reason.ILLEGAL_TRANSITION, state.name)


def test_states_are_the_contracts() -> None:
    assert {state.name: state.value for state in S} == idl.load("deploy").WorkOrderStatus._NAMES_TO_VALUES


def paths(state: S = S.PENDING, seen: tuple[S, ...] = ()) -> Iterator[tuple[S, ...]]:
    """Every path without a loop from PENDING on, at each of its lengths."""
    path = (*seen, state)
    yield path
    for (start, _), end in MACHINE.table.items():
        if start == state and end not in path:
            yield from paths(end, path)


def test_no_path_to_traffic_avoids_a_stage() -> None:
    stages = (S.PENDING, S.CONVERTING, S.VERIFYING, S.PACKAGING, S.EVALUATING, S.AWAITING_APPROVAL, S.PROVISIONING, S.SMOKE_TESTING)
    to_traffic = [path for path in paths() if path[-1] in (S.CANARY, S.ONLINE)]
    assert {path[:8] for path in to_traffic} == {stages}


def test_after_first_traffic_the_only_way_is_back() -> None:
    after = {end for path in paths() for index, end in enumerate(path) if S.CANARY in path[:index]}
    assert after == {S.ONLINE, S.ROLLING_BACK, S.ROLLED_BACK}
    assert {S.FAILED, S.CANCELLED, S.REJECTED, S.ROLLED_BACK} == MACHINE.terminal


def test_every_state_that_moves_by_itself_has_somebody_who_moves_it() -> None:
    waits_for_people = {S.AWAITING_APPROVAL, S.ONLINE}
    assert set(BUILDING) | set(RELEASING) == set(S) - MACHINE.terminal - waits_for_people
    assert set(OPEN) == set(S) - MACHINE.terminal - {S.ONLINE}
    assert all(MACHINE.next(state, "CANCEL") == S.CANCELLED for state in BEFORE_TRAFFIC)


def test_a_proven_order_lacks_nothing() -> None:
    assert lacking(proven()) == []


@pytest.mark.parametrize("stage", PROVEN)
def test_each_proof_is_needed(stage: str) -> None:
    assert lacking(proven(evidence={name: facts for name, facts in PROVEN.items() if name != stage})) == [stage]


@pytest.mark.parametrize("stage", ["package", "evaluation", "gate", "approval", "smoke"])
def test_a_proof_of_another_digest_is_none(stage: str) -> None:
    other = {**PROVEN, stage: {**PROVEN[stage], "digest": "sha256:" + "e" * 64}}
    assert lacking(proven(evidence=other)) == [stage]


@pytest.mark.parametrize(
    ("stage", "facts"),
    [
        ("parity", {"passed": False}),
        ("evaluation", {"status": "RUNNING"}),
        ("gate", {"verdict": "NO_DATA"}),
        ("gate", {"verdict": "FAIL"}),
        ("smoke", {"work_order_id": "7"}),
        ("approval", {"user_id": "3"}),
    ],
)
def test_a_proof_must_say_yes(stage: str, facts: dict[str, Any]) -> None:
    assert lacking(proven(evidence={**PROVEN, stage: {**PROVEN[stage], **facts}})) == [stage]


def test_a_gate_that_was_switched_off_passes() -> None:
    assert lacking(proven(evidence={**PROVEN, "gate": {"digest": DIGEST, "verdict": "OFF"}})) == []


def test_nobody_approves_for_himself() -> None:
    own = {**PROVEN, "approval": {"digest": DIGEST, "user_id": "1"}}
    assert lacking(proven(approver_id=1, evidence=own)) == ["approval"]


def test_without_a_digest_nothing_is_proven() -> None:
    nameless = {name: {**facts, "digest": ""} for name, facts in PROVEN.items()}
    assert lacking(proven(digest="", evidence=nameless)) == ["package", "evaluation", "gate", "approval", "smoke"]
