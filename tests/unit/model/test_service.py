"""The way of a model version, from nothing to QUALIFIED or REJECTED and beyond, on a real store."""

from __future__ import annotations

from dataclasses import replace

import pytest

from libs.common.clock import ManualClock
from libs.common.errors import PlatformError, Reason
from libs.common.store.history import History
from libs.common.store.repository import PageRequest
from services.model.domain.gate import EvidenceKind, GateComparator, GateRule, GateVerdictKind
from services.model.domain.project import ModelProjectStatus as P
from services.model.domain.project import project_status
from services.model.domain.version import ModelVersion, ModelVersionStatus
from services.model.service import ModelService
from tests.support.outcome import outcome
from tests.support.stores import caller
from tests.unit.model.calls import AFTER_DELETION, CHANGES, READS, verb
from tests.unit.model.chain import BAD, GOOD, PACKAGE, TASK, WEIGHTS, S, about, current, evaluate, evidence, project, train, version_in

ALL = PageRequest(None, 500)
K = GateVerdictKind


def refused(found: object) -> PlatformError:
    assert isinstance(found, PlatformError)
    return found


def status(service: ModelService, id: int) -> P:
    return service.get_project(caller(), id=id).status


# --- the whole way


def test_from_nothing_to_qualified(service: ModelService) -> None:
    made = project(service)
    assert (made.status, service.get_gate(caller(), project_id=made.id).enabled) == (P.CREATED, True)
    version = service.create_version(caller(service="train"), project_id=made.id, dataset_version_ids=[5, 6])
    assert (version.number, version.status, status(service, made.id)) == (1, S.CREATED, P.CREATED)
    service.start_training(caller(), id=version.id, train_task_id=TASK)
    assert status(service, made.id) == P.TRAINING
    trained = service.record_trained(
        caller(),
        id=version.id,
        train_task_id=TASK,
        artifact_uri="artifact://x",
        artifact_digest=WEIGHTS,
        metrics={"l": 1},
        made_with={"code": "modelyard 1, commit 2", "torch": "3", "machine": "Linux x"},
    )
    made_with = [edge for edge in service.get_lineage(caller(), model_version_id=version.id) if edge.relation == "MADE_WITH"]
    assert [(edge.to_kind, edge.to_id) for edge in made_with] == [
        ("code", "modelyard 1, commit 2"),
        ("library", "torch 3"),
        ("machine", "Linux x"),
    ]
    assert (trained.status, trained.artifact_digest, trained.metrics, status(service, made.id)) == (S.TRAINED, WEIGHTS, {"l": 1}, P.TRAINED)
    service.start_evaluation(caller(), id=version.id, eval_task_id=9, digest=WEIGHTS)
    assert status(service, made.id) == P.EVALUATING
    judged = evidence(service, version, GOOD, eval_task_id=9)
    assert (judged.verdict.verdict, judged.model_version.status, status(service, made.id)) == (K.PASS, S.QUALIFIED, P.QUALIFIED)
    history = [event.event for event in History(service.db).list(caller(), "model_version", version.id, ALL).items]
    assert history == ["CREATE", "START_TRAINING", "RECORD_TRAINED", "START_EVALUATION", "GATE_PASSED"]
    seen = service.get_model_status(caller(), project_id=made.id)
    assert (seen.project.status, seen.latest_version, seen.gate) == (
        P.QUALIFIED,
        judged.model_version,
        service.get_gate(caller(), project_id=made.id),
    )
    assert seen.verdict is not None
    assert (seen.verdict.verdict, seen.as_of) == (K.PASS, service.db.clock.now_ms())


def test_to_rejected_and_back_with_new_evidence(service: ModelService) -> None:
    version = version_in(service, S.REJECTED)
    assert status(service, version.project_id) == P.REJECTED
    assert service.check_gate(caller(), model_version_id=version.id, digest=WEIGHTS).verdict == K.FAIL
    assert evaluate(service, version, GOOD).model_version.status == S.QUALIFIED
    assert evaluate(service, version, BAD).model_version.status == S.REJECTED, "new evidence can take a qualification away"


def test_an_evaluation_without_a_result_leaves_the_version_where_its_evidence_puts_it(service: ModelService) -> None:
    def ended(version: ModelVersion) -> ModelVersionStatus:
        task = service.db.ids.next()
        service.start_evaluation(caller(), id=version.id, eval_task_id=task, digest=WEIGHTS)
        return service.record_evaluation_ended(caller(), id=version.id, eval_task_id=task, cause="CANCELLED").status

    for state in (S.TRAINED, S.QUALIFIED, S.REJECTED):
        assert ended(version_in(service, state)) == state
    untouched = version_in(service, S.CREATED)  # nothing of it was under evaluation
    assert service.record_evaluation_ended(caller(), id=untouched.id, eval_task_id=1).status == S.CREATED


def test_a_gate_that_is_off_passes_what_was_evaluated_only(service: ModelService) -> None:
    version = version_in(service, S.EVALUATING)
    service.set_gate(caller(expected=0), project_id=version.project_id, enabled=False, off_reason="a trial")
    assert service.record_evaluation_ended(caller(), id=version.id, eval_task_id=TASK + 1).status == S.TRAINED
    assert evaluate(service, version, BAD).model_version.status == S.QUALIFIED


def test_evidence_that_is_not_enough_leaves_the_version_trained(service: ModelService) -> None:
    version = version_in(service, S.EVALUATING)
    for metrics, items, failed in (({"other": 1.0}, 100, 0), (GOOD, 19, 0), (GOOD, 100, 1)):
        judged = evidence(service, version, metrics, items=items, failed_items=failed)
        assert (judged.verdict.verdict, judged.model_version.status) == (K.NO_DATA, S.TRAINED)


def test_training_that_ended_without_an_artifact(service: ModelService) -> None:
    version = version_in(service, S.TRAINING)
    ended = service.record_training_ended(caller(), id=version.id, train_task_id=TASK, cause="out of memory")
    assert (ended.status, ended.train_task_id) == (S.RETIRED, 0)
    assert (
        refused(outcome(lambda: service.start_training(caller(), id=version.id, train_task_id=TASK + 1))).reason
        == Reason.ILLEGAL_TRANSITION
    )


def test_training_that_ended_before_its_first_attempt(service: ModelService) -> None:
    version = version_in(service, S.CREATED)
    assert service.record_training_ended(caller(), id=version.id, train_task_id=TASK).status == S.RETIRED


def test_two_tasks_do_not_train_one_version(service: ModelService) -> None:
    version = version_in(service, S.TRAINING)
    again = service.start_training(caller(), id=version.id, train_task_id=TASK)  # another attempt of the same task
    assert again.status == S.TRAINING
    for call in (
        lambda: service.start_training(caller(), id=version.id, train_task_id=8),
        lambda: service.record_trained(caller(), id=version.id, train_task_id=8, artifact_uri="u", artifact_digest=WEIGHTS),
        lambda: service.record_training_ended(caller(), id=version.id, train_task_id=8),
    ):
        error = refused(outcome(call))
        assert (error.code, error.field) == (409, "train_task_id")
        assert str(TASK) in str(error.limit)
    assert current(service, version).status == S.TRAINING


def test_an_artifact_is_frozen(service: ModelService) -> None:
    version = version_in(service, S.TRAINED)
    facts = {"id": version.id, "train_task_id": TASK, "artifact_uri": "u"}
    assert service.record_trained(caller(), **facts, artifact_digest=WEIGHTS) == version, "told again after a crash"
    assert refused(outcome(lambda: service.record_trained(caller(), **facts, artifact_digest=PACKAGE))).reason == Reason.ILLEGAL_TRANSITION
    assert current(service, version).artifact_digest == WEIGHTS


# --- evidence belongs to bytes


def test_evidence_of_a_package_and_of_the_weights_do_not_stand_in_for_each_other(
    service: ModelService,
) -> None:
    version = version_in(service, S.QUALIFIED)
    check = lambda digest: service.check_gate(caller(), model_version_id=version.id, digest=digest).verdict  # noqa: E731
    assert (check(WEIGHTS), check(PACKAGE)) == (K.PASS, K.NO_DATA)
    before = current(service, version)
    assert service.start_evaluation(caller(), id=version.id, eval_task_id=901, digest=PACKAGE) == before
    judged = evidence(service, version, BAD, digest=PACKAGE)
    assert (judged.verdict.verdict, judged.model_version.status) == (K.FAIL, S.REJECTED)
    assert (check(WEIGHTS), check(PACKAGE)) == (K.PASS, K.FAIL)
    evidence(service, version, GOOD, digest=PACKAGE)
    assert check(PACKAGE) == K.PASS


def test_a_release_is_judged_by_its_own_evaluation_alone(service: ModelService) -> None:
    version = version_in(service, S.TRAINED)
    bad = evidence(service, version, BAD, digest=PACKAGE).evidence
    good = evidence(service, version, GOOD, digest=PACKAGE).evidence
    informs = evidence(service, version, GOOD, digest=PACKAGE, kind=EvidenceKind.INFORMS).evidence

    def check(of: int) -> K:
        return service.check_gate(caller(), model_version_id=version.id, digest=PACKAGE, eval_task_id=of).verdict

    assert (check(bad.eval_task_id), check(good.eval_task_id)) == (K.FAIL, K.PASS)
    assert (check(informs.eval_task_id), check(1)) == (K.NO_DATA, K.NO_DATA)
    again = service.record_evaluation(
        caller(),
        id=version.id,
        eval_task_id=bad.eval_task_id,
        digest=PACKAGE,
        dataset_version_id=5,
        dataset_hash="h",
        metrics=GOOD,
        items=100,
        kind=EvidenceKind.RELEASE,
    )
    assert (again.evidence.id, again.verdict.verdict) == (bad.id, K.FAIL), "told again, it is the same result and its own verdict"


def test_results_that_only_inform_do_not_push_evidence_out(service: ModelService, monkeypatch: pytest.MonkeyPatch) -> None:
    for room in ("shared", "releases"):
        monkeypatch.setattr(f"services.model.service.{room}.EVIDENCE_CONSIDERED", 3)
    version = version_in(service, S.REJECTED)
    for _ in range(4):
        evidence(service, version, GOOD, kind=EvidenceKind.INFORMS)
    assert service.check_gate(caller(), model_version_id=version.id, digest=WEIGHTS).verdict == K.FAIL
    found = service.get_model_status(caller(), project_id=version.project_id)
    assert found.verdict is not None
    assert found.verdict.verdict == K.FAIL


def test_the_status_shows_how_the_test_repeats_training_data(service: ModelService) -> None:
    version = version_in(service, S.EVALUATING)
    service.record_evaluation(
        caller(),
        id=version.id,
        eval_task_id=901,
        digest=WEIGHTS,
        dataset_version_id=5,
        dataset_hash="h",
        metrics={"exact_match": 1.0, "leak": 1.0},
        items=238,
        kind=EvidenceKind.WEIGHTS,
        overlap={"items": 238, "same_question": 238, "near_copy": 0, "examples": [{"position": 0}]},
    )
    found = service.get_model_status(caller(), project_id=version.project_id)
    assert found.verdict is not None
    assert found.verdict.verdict == K.FAIL
    assert found.overlap["same_question"] == 238
    [stored] = service.list_evidence(caller(), model_version_id=version.id, page=ALL).items
    assert stored.overlap == found.overlap


def test_evidence_about_another_version_does_not_count(service: ModelService) -> None:
    made = project(service)
    good, other = version_in(service, S.QUALIFIED, made), version_in(service, S.TRAINED, made)
    assert good.artifact_digest == other.artifact_digest
    assert service.check_gate(caller(), model_version_id=other.id, digest=WEIGHTS).verdict == K.NO_DATA


def test_one_evaluation_gives_one_result(service: ModelService) -> None:
    version, other = version_in(service, S.EVALUATING), version_in(service, S.TRAINED)
    first = evidence(service, version, GOOD, eval_task_id=901)
    again = evidence(service, version, BAD, eval_task_id=901)
    assert again.evidence == first.evidence, "the first word of an evaluation is the one that counts"
    for held, digest in ((version, PACKAGE), (other, WEIGHTS)):
        error = refused(outcome(lambda held=held, digest=digest: evidence(service, held, GOOD, digest=digest, eval_task_id=901)))
        assert (error.code, error.reason, error.field) == (409, Reason.ALREADY_EXISTS, "eval_task_id")
    stranger = version_in(service, S.TRAINED, project(service, "theirs", space=2))
    assert refused(outcome(lambda: evidence(service, stranger, GOOD, eval_task_id=901))).code == 409
    assert len(service.list_evidence(caller(), model_version_id=version.id, page=ALL).items) == 1


def test_many_results_of_other_bytes_do_not_push_evidence_out(service: ModelService, monkeypatch: pytest.MonkeyPatch) -> None:
    for room in ("shared", "releases"):
        monkeypatch.setattr(f"services.model.service.{room}.EVIDENCE_CONSIDERED", 3)
    version = version_in(service, S.QUALIFIED)
    for _ in range(4):
        evidence(service, version, BAD, digest=PACKAGE)
    assert service.check_gate(caller(), model_version_id=version.id, digest=WEIGHTS).verdict == K.PASS


def test_more_failures_than_items(service: ModelService) -> None:
    version = version_in(service, S.EVALUATING)
    assert refused(outcome(lambda: evidence(service, version, GOOD, items=3, failed_items=4))).field == "failed_items"


# --- the gate


def test_the_gate_is_replaced_kept_or_switched_off_with_a_reason(service: ModelService) -> None:
    version = version_in(service, S.QUALIFIED)
    made, rule = version.project_id, GateRule("exact_match", GateComparator.AT_LEAST, 0.99)
    gate = service.set_gate(caller(user=4, expected=0), project_id=made, enabled=True, rules=[rule])
    assert (gate.rules, gate.version, gate.user_id) == ([rule], 1, 4)
    check = lambda: service.check_gate(caller(), model_version_id=version.id, digest=WEIGHTS)  # noqa: E731
    assert (check().verdict, check().gate_version) == (K.FAIL, 1)
    assert current(service, version).status == S.REJECTED, "a version stands where the evidence puts it under the rules there are"
    assert refused(outcome(lambda: service.set_gate(caller(expected=1), project_id=made, enabled=False))).field == "off_reason"
    off = service.set_gate(caller(expected=1), project_id=made, enabled=False, off_reason="trial")
    assert (off.rules, off.off_reason, check().verdict) == ([rule], "trial", K.OFF)
    on = service.set_gate(caller(expected=2), project_id=made, enabled=True, rules=[], off_reason="left over")
    assert (on.off_reason, check().verdict) == ("", K.NO_DATA), "no rules is no evidence either"
    twice = [rule, replace(rule, bound=0.1)]
    assert refused(outcome(lambda: service.set_gate(caller(expected=3), project_id=made, enabled=True, rules=twice))).field == "rules"
    events = History(service.db).list(caller(), "release_gate", gate.id, ALL).items
    assert [(event.to_status, event.reason) for event in events] == [(int(K.PASS), ""), (int(K.OFF), "trial"), (int(K.PASS), "left over")]


def test_a_gate_that_is_off_qualifies(service: ModelService) -> None:
    version = version_in(service, S.EVALUATING)
    service.set_gate(caller(expected=0), project_id=version.project_id, enabled=False, off_reason="trial")
    assert evidence(service, version, BAD).model_version.status == S.QUALIFIED


# --- recall


@pytest.mark.parametrize("end", [S.QUARANTINED, S.RETIRED])
def test_nothing_of_a_recalled_version_is_released(service: ModelService, end: ModelVersionStatus) -> None:
    version = version_in(service, S.QUALIFIED)
    recall = service.quarantine_version if end == S.QUARANTINED else service.retire_version
    facts = {"cause": "leaked data"} if end == S.QUARANTINED else {}
    assert recall(about(service, version), id=version.id, **facts).status == end
    for call in (
        lambda: service.check_gate(caller(), model_version_id=version.id, digest=WEIGHTS),
        lambda: service.record_package(caller(), id=version.id, work_order_id=3, digest=PACKAGE),
        lambda: evidence(service, version, GOOD),
        lambda: service.start_evaluation(caller(), id=version.id, eval_task_id=9, digest=WEIGHTS),
    ):
        error = refused(outcome(call))
        assert (error.code, error.reason, error.details["state"]) == (409, Reason.ILLEGAL_TRANSITION, end.name)
    assert service.get_model_status(caller(), project_id=version.project_id).verdict is None
    assert status(service, version.project_id) == P.CREATED
    event = History(service.db).list(caller(), "model_version", version.id, ALL).items[-1]
    assert event.reason == facts.get("cause", "")


def test_a_version_can_be_recalled_after_its_project_was_deleted(service: ModelService) -> None:
    version = version_in(service, S.QUALIFIED)
    decided = about(service, version)
    made = service.get_project(caller(), id=version.project_id)
    service.delete_project(caller(expected=made.version), id=made.id)
    assert service.quarantine_version(decided, id=version.id, cause="x").status == S.QUARANTINED


@pytest.mark.parametrize("name", sorted({*CHANGES, *READS} - AFTER_DELETION))
def test_no_verb_works_on_a_deleted_model(service: ModelService, name: str) -> None:
    state, facts = CHANGES.get(name) or (S.QUALIFIED, READS[name])
    version = version_in(service, state)
    asked = facts(version)
    made = service.get_project(caller(), id=version.project_id)
    service.delete_project(caller(expected=made.version), id=made.id)
    error = refused(outcome(lambda: verb(service, name)(caller(expected=version.version), **asked)))
    assert (error.code, error.reason) == (404, Reason.NOT_FOUND)


def test_how_work_on_a_deleted_model_ended_is_heard(service: ModelService) -> None:
    """Outboxes tell it later: an answer that refuses it would be an error nobody can mend."""
    training, evaluating = version_in(service, S.TRAINING), version_in(service, S.EVALUATING)
    for version in (training, evaluating):
        made = service.get_project(caller(), id=version.project_id)
        service.delete_project(caller(expected=made.version), id=made.id)
    assert service.record_training_ended(caller(), id=training.id, train_task_id=TASK).status == S.RETIRED
    assert service.record_evaluation_ended(caller(), id=evaluating.id, eval_task_id=TASK + 1).status == S.EVALUATING


@pytest.mark.parametrize("by", ["", "eval", "deploy"])
def test_only_training_says_what_a_version_is_trained_on(service: ModelService, by: str) -> None:
    made = project(service)
    error = refused(outcome(lambda: service.create_version(caller(service=by), project_id=made.id, dataset_version_ids=[5])))
    assert (error.code, error.reason, error.field) == (403, Reason.FORBIDDEN, "dataset_version_ids")
    assert service.create_version(caller(service=by), project_id=made.id).dataset_version_ids == []


@pytest.mark.parametrize("metric", ["taste", "exact_match.<language>", "latency"])
def test_a_rule_on_a_metric_nobody_measures_is_refused_with_the_list(service: ModelService, metric: str) -> None:
    made = project(service)
    rules = [GateRule("exact_match", GateComparator.AT_LEAST, 0.5), GateRule(metric, GateComparator.AT_LEAST, 0.5)]
    error = refused(outcome(lambda: service.set_gate(caller(expected=0), project_id=made.id, enabled=True, rules=rules)))
    assert (error.code, error.field) == (400, "rules[1].metric")
    assert "exact_match.low" in (error.limit or "")


# --- packages and lineage


def test_lineage_says_what_a_version_was_made_of_judged_by_and_packed_into(service: ModelService) -> None:
    made = project(service)
    base = service.create_version(caller(), project_id=made.id)
    version = service.create_version(caller(service="train"), project_id=made.id, dataset_version_ids=[5, 6], base_version_id=base.id)
    train(service, version)
    evaluate(service, version, GOOD)
    service.record_package(caller(), id=version.id, work_order_id=8, digest=PACKAGE)
    edges = {
        (edge.from_kind, edge.relation, edge.to_kind, edge.to_id) for edge in service.get_lineage(caller(), model_version_id=version.id)
    }
    task = service.list_evidence(caller(), model_version_id=version.id, page=ALL).items[0].eval_task_id
    assert edges == {
        ("model_version", "TRAINED_ON", "dataset_version", "5"),
        ("model_version", "TRAINED_ON", "dataset_version", "6"),
        ("model_version", "BASED_ON", "model_version", str(base.id)),
        ("artifact", "WEIGHTS_OF", "model_version", str(version.id)),
        ("model_version", "TRAINED_BY", "train_task", str(TASK)),
        ("artifact", "JUDGED_BY", "eval_task", str(task)),
        ("eval_task", "TESTED_ON", "dataset_version", "5"),
        ("artifact", "PACKAGED_FROM", "artifact", WEIGHTS),
        ("artifact", "PACKAGED_BY", "work_order", "8"),
    }
    assert service.get_lineage(caller(), model_version_id=base.id) == []


@pytest.mark.parametrize("state", [S.CREATED, S.TRAINING])
def test_there_is_nothing_to_package_before_training(service: ModelService, state: ModelVersionStatus) -> None:
    version = version_in(service, state)
    error = refused(outcome(lambda: service.record_package(caller(), id=version.id, work_order_id=3, digest=PACKAGE)))
    assert (error.code, error.reason, error.details["state"]) == (409, Reason.ILLEGAL_TRANSITION, state.name)


# --- projects


def test_a_project_is_found_changed_and_deleted(service: ModelService, clock: ManualClock) -> None:
    made = service.create_project(caller(user=3), name="词", desc="d", path="p", inference_framework="onnx")
    assert service.find_project(caller(), name="词") == made == service.get_project(caller(), id=made.id)
    assert refused(outcome(lambda: service.create_project(caller(), name="词"))).reason == Reason.ALREADY_EXISTS
    assert service.create_project(caller(space=2), name="词").id != made.id
    clock.advance(1)
    changed = service.update_project(caller(expected=0), id=made.id, desc="", code_repo_url="r")
    assert changed == replace(made, desc="", code_repo_url="r", version=1, update_time=clock.now_ms())
    other = project(service, "other")
    assert refused(outcome(lambda: service.update_project(caller(expected=0), id=other.id, name="词"))).field == "name"
    assert service.update_project(caller(expected=1), id=made.id, name="词").version == 2, "its own name is not taken"
    service.delete_project(caller(expected=2), id=made.id)
    for call in (
        lambda: service.get_project(caller(), id=made.id),
        lambda: service.find_project(caller(), name="词"),
        lambda: service.create_version(caller(), project_id=made.id),
        lambda: service.get_gate(caller(), project_id=made.id),
        lambda: service.set_gate(caller(expected=0), project_id=made.id, enabled=True),
    ):
        assert refused(outcome(call)).code == 404
    assert service.create_project(caller(), name="词").id != made.id


def test_lists_are_newest_first_and_by_literal_prefix(service: ModelService) -> None:
    for name in ("a%b", "a_b", "axb", "b"):
        project(service, name)
    names = lambda prefix: [item.name for item in service.list_projects(caller(), page=ALL, name_prefix=prefix).items]  # noqa: E731
    assert names("") == ["b", "axb", "a_b", "a%b"]
    assert (names("a%"), names("a_"), names("a")) == (["a%b"], ["a_b"], ["axb", "a_b", "a%b"])
    made = project(service)
    numbers = [service.create_version(caller(), project_id=made.id).number for _ in range(3)]
    assert numbers == [1, 2, 3]
    assert [item.number for item in service.list_versions(caller(), project_id=made.id, page=ALL).items] == [3, 2, 1]


def test_a_served_project_is_online_and_stays(service: ModelService) -> None:
    version = version_in(service, S.QUALIFIED)
    online = service.record_serving(caller(), project_id=version.project_id, serving_slots=2)
    assert (online.status, online.serving_slots) == (P.ONLINE, 2)
    assert service.record_serving(caller(), project_id=version.project_id, serving_slots=2) == online, "told again, nothing ages"
    assert refused(outcome(lambda: service.delete_project(caller(expected=online.version), id=online.id))).details["state"] == "ONLINE"
    assert service.record_serving(caller(), project_id=version.project_id, serving_slots=0).status == P.QUALIFIED


def test_a_projects_status_is_its_furthest_evidence() -> None:
    order = [
        (S.QUALIFIED, P.QUALIFIED),
        (S.REJECTED, P.REJECTED),
        (S.EVALUATING, P.EVALUATING),
        (S.TRAINED, P.TRAINED),
        (S.TRAINING, P.TRAINING),
    ]
    for chosen in range(1 << len(S)):
        present = {state for number, state in enumerate(S) if chosen >> number & 1}
        expected = next((shown for state, shown in order if state in present), P.CREATED)
        assert project_status(present, 0) == expected
        assert project_status(present, 1) == P.ONLINE


def test_numbers_go_on_when_the_clock_went_back(service: ModelService) -> None:
    """Ids follow the clock, numbers follow the versions."""
    made = project(service)
    service.create_version(caller(), project_id=made.id)
    from libs.common.ids import IdGenerator

    service.db.ids = IdGenerator(0, ManualClock(1_650_000_000_000))
    second = service.create_version(caller(), project_id=made.id)
    assert (second.number, service.create_version(caller(), project_id=made.id).number) == (2, 3)
