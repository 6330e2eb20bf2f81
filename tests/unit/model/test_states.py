"""The states of a model version: every pair of the table through the verbs, random walks, and races."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from libs.common.clock import ManualClock
from libs.common.errors import PlatformError, Reason
from libs.common.store.history import History
from libs.common.store.repository import PageRequest
from services.model.domain.gate import EvidenceKind, GateComparator, GateRule
from services.model.domain.gate import GateVerdictKind as K
from services.model.domain.version import MACHINE, ModelVersionStatus
from services.model.repository import METADATA
from services.model.service import ModelService
from tests.support.outcome import at_once, outcome
from tests.support.ram import ram_folder
from tests.support.stores import caller, open_store
from tests.unit.model.chain import BAD, GOOD, PACKAGE, TASK, WEIGHTS, S, about, current, evidence, project, version_in

ALL = PageRequest(None, 500)


def train_again(service: ModelService, version: Any) -> Any:
    return service.record_trained(
        caller(), id=version.id, train_task_id=version.train_task_id or TASK, artifact_uri="u", artifact_digest="sha256:" + "c" * 64
    )


# event -> the verb that asks for it. How an evaluation settles is nobody's to ask for: evidence, or the lack of it, brings it.
ASK: dict[str, Any] = {
    "START_TRAINING": lambda s, v: s.start_training(caller(), id=v.id, train_task_id=v.train_task_id or TASK),
    "TRAINING_ENDED": lambda s, v: s.record_training_ended(caller(), id=v.id, train_task_id=v.train_task_id),
    "RECORD_TRAINED": train_again,
    "START_EVALUATION": lambda s, v: s.start_evaluation(caller(), id=v.id, eval_task_id=9, digest=v.artifact_digest),
    "RETIRE": lambda s, v: s.retire_version(about(s, v), id=v.id),
    "QUARANTINE": lambda s, v: s.quarantine_version(about(s, v), id=v.id, cause="recall"),
}


def test_the_events() -> None:
    assert set(MACHINE.events) == set(ASK) | {"GATE_PASSED", "GATE_FAILED", "EVALUATION_ENDED", "IMPORT"}
    assert MACHINE.terminal == {S.QUARANTINED}


@pytest.mark.parametrize("state", S)
@pytest.mark.parametrize("event", [*MACHINE.events, "INVENTED"])
def test_every_pair_of_the_table(state: ModelVersionStatus, event: str) -> None:
    if (state, event) in MACHINE.table:
        assert MACHINE.next(state, event) == MACHINE.table[state, event]
        return
    error = outcome(lambda: MACHINE.next(state, event))
    assert isinstance(error, PlatformError)
    assert (error.code, error.reason, error.limit) == (409, Reason.ILLEGAL_TRANSITION, ", ".join(MACHINE.allowed(state)) or "none")


@pytest.mark.parametrize("state", S)
@pytest.mark.parametrize("event", ASK)
def test_every_verb_in_every_state(service: ModelService, event: str, state: ModelVersionStatus) -> None:
    version = version_in(service, state)
    found = outcome(lambda: ASK[event](service, version))
    events = [(e.from_status, e.event) for e in History(service.db).list(caller(), "model_version", version.id, ALL).items]
    if (state, event) in MACHINE.table:
        assert not isinstance(found, PlatformError), found
        assert found == current(service, version)
        assert found.status == MACHINE.table[state, event]
        assert events[-1] == (state, event)
    else:
        assert isinstance(found, PlatformError)
        assert (found.code, found.reason) == (409, Reason.ILLEGAL_TRANSITION)
        assert current(service, version) == version
        assert events[-1] != (state, event)


@pytest.mark.parametrize("state", [S.CREATED, S.TRAINING, S.TRAINED, S.QUALIFIED, S.REJECTED])
@pytest.mark.parametrize("metrics", [GOOD, BAD])
@pytest.mark.parametrize("digest", [WEIGHTS, PACKAGE])
def test_a_version_stands_where_its_newest_result_puts_it(
    service: ModelService, state: ModelVersionStatus, metrics: dict[str, float], digest: str
) -> None:
    version = version_in(service, state)
    informed = evidence(service, version, metrics, digest, kind=EvidenceKind.INFORMS)
    assert informed.model_version == version, "what only informs moves nothing"
    moved = state if state in (S.CREATED, S.TRAINING) else S.QUALIFIED if metrics == GOOD else S.REJECTED
    assert evidence(service, version, metrics, digest).model_version.status == moved


@pytest.mark.parametrize("bound", [0.4, 0.97])
def test_a_version_follows_the_rules_of_its_gate(service: ModelService, bound: float) -> None:
    """A status that says REJECTED beside a gate that passes, or the other way round, cannot come about."""
    good, bad = version_in(service, S.QUALIFIED), version_in(service, S.REJECTED)
    for version in (good, bad):
        rule = GateRule("exact_match", GateComparator.AT_LEAST, bound)
        service.set_gate(caller(expected=0), project_id=version.project_id, enabled=True, rules=[rule])
        found = service.get_model_status(caller(), project_id=version.project_id)
        assert found.latest_version is not None
        assert found.verdict is not None
        assert (found.latest_version.status, found.verdict.verdict) == ((S.QUALIFIED, K.PASS) if bound == 0.4 else (S.REJECTED, K.FAIL))


def test_the_status_judges_what_was_evaluated_last(service: ModelService) -> None:
    """Weights that failed and a package of them that passed: the status speaks of the package, in state and verdict alike."""
    version = version_in(service, S.REJECTED)
    evidence(service, version, GOOD, PACKAGE)
    found = service.get_model_status(caller(), project_id=version.project_id)
    assert found.latest_version is not None
    assert found.verdict is not None
    assert (found.latest_version.status, found.verdict.verdict, found.verdict.digest) == (S.QUALIFIED, K.PASS, PACKAGE)


# --- races


@pytest.mark.parametrize("round", range(3))
def test_sixteen_transitions_at_once_have_one_winner(service: ModelService, round: int) -> None:
    version = version_in(service, S.TRAINED)
    ctx = about(service, version)

    def recall(number: int) -> Any:
        if number % 2:
            return service.retire_version(ctx, id=version.id)
        return service.quarantine_version(ctx, id=version.id, cause=str(number))

    found = at_once([lambda n=n: recall(n) for n in range(16)])
    winners = [each for each in found if not isinstance(each, BaseException)]
    assert len(winners) == 1
    assert {each.code for each in found if isinstance(each, PlatformError)} <= {409, 412}
    assert sum(isinstance(each, PlatformError) for each in found) == 15
    assert current(service, version) == winners[0]
    assert len(History(service.db).list(caller(), "model_version", version.id, ALL).items) == 4


def test_versions_created_at_once_are_numbered_without_gap(service: ModelService) -> None:
    made = project(service)
    found = at_once([lambda: service.create_version(caller(), project_id=made.id)] * 12)
    assert sorted(version.number for version in found) == list(range(1, 13))


def test_projects_of_one_name_at_once_are_one(service: ModelService) -> None:
    found = at_once([lambda: service.create_project(caller(), name="same")] * 8)
    assert [isinstance(each, PlatformError) and each.reason for each in found].count(False) == 1
    assert sum(isinstance(each, PlatformError) and each.reason == Reason.ALREADY_EXISTS for each in found) == 7


def test_one_evaluation_told_twice_at_once_is_one_result(service: ModelService) -> None:
    version = version_in(service, S.EVALUATING)
    found = at_once([lambda: evidence(service, version, GOOD, eval_task_id=901)] * 8)
    assert {each.evidence.id for each in found} == {found[0].evidence.id}
    assert len(service.list_evidence(caller(), model_version_id=version.id, page=ALL).items) == 1
    assert current(service, version).status == S.QUALIFIED


# --- random walks

METRICS = st.sampled_from([GOOD, BAD, {}, {"exact_match": 0.9, "other": 3.0}])


class VersionWalk(RuleBasedStateMachine):
    """Any verbs in any order on one version. ``told``: what was really recorded, newest first, kept beside the service."""

    def __init__(self) -> None:
        super().__init__()
        self._ram = ram_folder()
        self.service = ModelService(open_store(self._ram.__enter__(), "model", METADATA, ManualClock()))
        self.version = self.service.create_version(caller(), project_id=project(self.service).id)
        self.told: list[tuple[str, dict[str, float], int, int]] = []
        self.task = 1000

    def teardown(self) -> None:
        self.service.db.close()
        self._ram.__exit__(None, None, None)

    def now(self) -> Any:
        return current(self.service, self.version)

    @rule(event=st.sampled_from([event for event in ASK if event not in ("RETIRE", "QUARANTINE")]))
    def ask(self, event: str) -> None:
        before = self.now()
        found = outcome(lambda: ASK[event](self.service, before))
        if event == "START_EVALUATION" and not before.artifact_digest:
            return  # of bytes that are not the version's: no state changes
        told_again = event == "RECORD_TRAINED" and before.artifact_digest != ""  # the same artifact, after a crash of the one who tells
        legal = (before.status, event) in MACHINE.table or told_again
        assert isinstance(found, PlatformError) == (not legal), (before, event, found)
        assert not told_again or found == before

    @rule(event=st.sampled_from(["RETIRE", "QUARANTINE"]))
    @precondition(lambda self: self.task > 1006)
    def recall(self, event: str) -> None:
        before = self.now()
        assert isinstance(outcome(lambda: ASK[event](self.service, before)), PlatformError) == ((before.status, event) not in MACHINE.table)

    @rule(metrics=METRICS, own=st.booleans(), items=st.sampled_from([0, 19, 20, 50]), failed=st.sampled_from([0, 0, 1]))
    def record(self, metrics: dict[str, float], own: bool, items: int, failed: int) -> None:
        before = self.now()
        digest = before.artifact_digest if own and before.artifact_digest else PACKAGE
        self.task += 1
        kind = EvidenceKind.WEIGHTS if digest == before.artifact_digest else EvidenceKind.RELEASE
        found = outcome(lambda: evidence(self.service, before, metrics, digest, items, failed, self.task, kind))
        if isinstance(found, PlatformError):
            assert before.status in (S.RETIRED, S.QUARANTINED) or failed > items
            return
        self.told.insert(0, (digest, metrics, items, failed))
        settles = (S.TRAINED, S.QUALIFIED, S.REJECTED, *((S.EVALUATING,) if kind == EvidenceKind.WEIGHTS else ()))
        if before.status in settles:
            assert found.model_version.status == {K.PASS: S.QUALIFIED, K.FAIL: S.REJECTED, K.NO_DATA: S.TRAINED}[self.passes(digest)]
        else:
            assert found.model_version == before

    def passes(self, digest: str) -> K:
        """The default gate by hand: exact match of the newest measurement of these bytes at least 0.9, over 20 items, none failed, and
        nothing of its test repeated from the training data."""
        measured = next((each for each in self.told if each[0] == digest and "exact_match" in each[1]), None)
        if measured is None or measured[2] < 20 or measured[3]:
            return K.NO_DATA
        if measured[1]["exact_match"] < 0.9:
            return K.FAIL
        return K.PASS if measured[1].get("leak") == 0 else K.NO_DATA

    @invariant()
    def no_digest_passes_without_passing_evidence(self) -> None:
        now = self.now()
        for digest in (WEIGHTS, PACKAGE, "sha256:" + "c" * 64):
            found = outcome(lambda digest=digest: self.service.check_gate(caller(), model_version_id=now.id, digest=digest))
            if now.status in (S.RETIRED, S.QUARANTINED):
                assert isinstance(found, PlatformError)
            else:
                assert not isinstance(found, PlatformError)
                assert found.verdict == self.passes(digest)
        if now.status == S.QUALIFIED:
            assert any(metrics.get("exact_match", 0) >= 0.9 and metrics.get("leak") == 0 for _, metrics, _, _ in self.told)

    @invariant()
    def an_artifact_never_changes(self) -> None:
        now = self.now()
        assert now.artifact_digest in (self.version.artifact_digest, "sha256:" + "c" * 64)
        if self.version.artifact_digest:
            assert now.artifact_digest == self.version.artifact_digest
        self.version = now


TestVersionWalk = VersionWalk.TestCase
TestVersionWalk.settings = settings(
    max_examples=25,
    stateful_step_count=25,
    phases=(Phase.reuse, Phase.generate),  # shrinking a walk takes minutes and tells little more
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
)
