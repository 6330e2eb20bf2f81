"""Rating from stored outputs to the gate's verdict: blind, nobody's item twice, exact counts, and what follows from them."""

from __future__ import annotations

from dataclasses import replace

import msgspec
import pytest

from idl.enums import AssignmentStatus, ClaimBound, EvidenceKind, InspectionVerdict, RatingType, WorkRole
from libs.common.errors import Reason
from libs.common.store.audit import Books, Patience, Report
from libs.common.store.repository import PageRequest
from libs.common.work.task import TaskStatus
from libs.data.registry import kinds_in
from services.eval.audit import check
from services.eval.engine.ratings import RATINGS, RatingKind
from services.eval.repository import METADATA
from services.model.domain.gate import GateVerdictKind
from services.model.domain.version import ModelVersionStatus
from tests.support.outcome import outcome
from tests.support.stores import caller
from tests.unit.eval.rated import Rated, facts
from tests.unit.eval.world import World

ALL = PageRequest(None, 500)
GATE = (("human_score", 4.0), ("human_alpha", 0.5))
TWO = {"people": 2}


@pytest.fixture
def rated(world: World) -> Rated:
    return Rated(world)


def reason(found: object) -> tuple[Reason, str | None]:
    return getattr(found, "reason", found), getattr(found, "field", None)


def test_what_people_say_is_evidence_that_the_gate_asks_for(rated: Rated) -> None:
    rated.world.gate(*GATE)
    config = rated.config(rule=TWO)
    run = rated.run(config, ["good", "better", "fair", "good"])
    assert rated.verdict(run).verdict == GateVerdictKind.NO_DATA, "nobody has rated"
    task = rated.start(run, config, name="which is good")
    assert (rated.world.now(task).status, rated.world.now(task).progress_total) == (TaskStatus.WAITING_HUMAN, 4)
    rated.rate(11, task, {"good": 4, "better": 5, "fair": 3})
    assert rated.verdict(run).verdict == GateVerdictKind.NO_DATA, "one of two"
    rated.rate(12, task, {"good": 5, "better": 5, "fair": 3})
    assert rated.work(task) == "SUCCEEDED"
    done = rated.world.now(task)
    assert done.metrics["human_score"] == pytest.approx((4.5 + 5 + 3 + 4.5) / 4)
    assert done.metrics["human_score.low"] < done.metrics["human_score"] < done.metrics["human_score.high"]
    assert done.metrics["human_agreement"] == 0.5
    assert (done.items, done.failed_items, done.verdict) == (4, 0, "PASS")
    assert rated.verdict(run).verdict == GateVerdictKind.PASS
    version = rated.world.models.get_version(caller(), id=run.model_version_id)
    assert version.status == ModelVersionStatus.QUALIFIED
    newest = rated.world.models.list_evidence(caller(), model_version_id=version.id, page=ALL).items[0]
    assert (newest.kind, newest.digest, newest.eval_task_id) == (EvidenceKind.HUMAN, run.target_digest, task.id)
    people = rated.service.get_raters(caller(), task_id=task.id)
    assert [(each.person_id, each.items, each.score) for each in people] == [(11, 4, 4.0), (12, 4, 4.5)]
    assert rated.service.claim_work(caller(user=13), task_id=task.id).why == ClaimBound.NOT_OPEN


def test_raters_who_do_not_agree_are_no_evidence_however_high_the_score(rated: Rated) -> None:
    rated.world.gate(*GATE)
    config = rated.config(rule=TWO)
    run = rated.run(config, ["a", "b"])
    task = rated.start(run, config)
    rated.rate(11, task, {"a": 5, "b": 4})
    rated.rate(12, task, {"a": 4, "b": 5})
    assert rated.work(task) == "SUCCEEDED"
    assert rated.world.now(task).metrics["human_score"] == 4.5
    assert rated.verdict(run).verdict == GateVerdictKind.FAIL


def test_one_rater_alone_gives_no_alpha_and_passes_nothing(rated: Rated) -> None:
    rated.world.gate(*GATE)
    config = rated.config()
    run = rated.run(config, ["a", "b"])
    task = rated.start(run, config)
    rated.rate(11, task, {"a": 5, "b": 5})
    assert rated.work(task) == "SUCCEEDED"
    assert "human_alpha" not in rated.world.now(task).metrics
    assert rated.verdict(run).verdict == GateVerdictKind.NO_DATA


def test_another_version_is_not_vouched_for(rated: Rated) -> None:
    rated.world.gate(("human_score", 4.0))
    config = rated.config()
    other = rated.run(config, ["a"], rated.world.trained(digest="sha256:" + "44" * 32))
    run = rated.run(config, ["a", "b"])
    task = rated.start(run, config)
    rated.rate(11, task, {"a": 5, "b": 5})
    assert rated.work(task) == "SUCCEEDED"
    assert (rated.verdict(run).verdict, rated.verdict(other).verdict) == (GateVerdictKind.PASS, GateVerdictKind.NO_DATA)


def test_what_failed_in_the_run_and_what_nobody_rated_is_counted_as_failed(rated: Rated) -> None:
    config = rated.config(rule={"skips": 1})
    run = rated.run(config, ["a", "b", "c"], failed=1)
    task = rated.start(run, config)
    assert rated.world.now(task).progress_total == 2
    (first,) = rated.claim(11, task)
    rated.service.skip_work(caller(user=11), id=first.id, reason="nonsense")
    rated.rate(12, task, {"a": 5, "b": 5})
    assert rated.work(task) == "SUCCEEDED"
    done = rated.world.now(task)
    assert (done.items, done.failed_items, done.metrics["human_score"]) == (3, 2, 5.0)
    assert "human_score.low" not in done.metrics, "one output has no interval"


def test_what_a_rater_sees_names_neither_model_nor_run(rated: Rated) -> None:
    config = rated.config(name="of our model")
    run = rated.run(config, ["a", "b"])
    task = rated.start(run, config)
    (work,) = rated.claim(11, task)
    assert work.content in ({"input": "q0", "output": "a"}, {"input": "q1", "output": "b"})
    (mine,) = rated.service.get_my_work(caller(user=11))
    shown = rated.world.door.call(caller(user=11), "GetMyWork").tasks[0]
    asked = rated.world.door.call(caller(user=11), "GetRating", task_id=task.id).rating
    for told in (repr(work), repr(mine), repr(shown), repr(asked)):
        for secret in (run.id, run.model_version_id, rated.world.project, run.target_digest):
            assert str(secret) not in told
    assert (mine.kind, mine.name, mine.role) == ("Scale_Rating", "Scale_Rating", WorkRole.ANNOTATOR)


def test_my_work_is_never_taken_finished_or_of_others(rated: Rated) -> None:
    pool = rated.pool("two", 11, 12)
    config = rated.config(annotators=[pool], inspectors=[rated.pool("inspectors", 13)], rule={"inspect_percent": 100.0})
    run = rated.run(config, ["a", "b"])
    task = rated.start(run, config)
    assert [each.task_id for each in rated.service.get_my_work(caller(user=11))] == [task.id]
    assert [each.role for each in rated.service.get_my_work(caller(user=13))] == [WorkRole.INSPECTOR]
    assert rated.service.get_my_work(caller(user=14)) == []
    assert rated.service.get_my_work(caller(user=11, space=2)) == []
    assert reason(outcome(lambda: rated.claim(14, task))) == (Reason.FORBIDDEN, "task_id")
    (mine,), (theirs,) = rated.claim(11, task), rated.claim(12, task)
    assert mine.content != theirs.content
    assert reason(outcome(lambda: rated.service.submit_work(caller(user=11), id=theirs.id, answer={"score": 1})))[0] == Reason.NOT_FOUND
    rated.service.submit_work(caller(user=11), id=mine.id, answer={"score": 4})
    assert rated.claim(11, task) == [], "the rest is taken"
    twice = outcome(lambda: rated.service.submit_work(caller(user=11), id=mine.id, answer={"score": 5}))
    assert reason(twice)[0] == Reason.ILLEGAL_TRANSITION
    beyond = outcome(lambda: rated.service.submit_work(caller(user=12), id=theirs.id, answer={"score": 6}))
    assert reason(beyond) == (Reason.TOO_LARGE, "answer.score")
    rated.world.clock.advance(601)
    late = outcome(lambda: rated.service.submit_work(caller(user=12), id=theirs.id, answer={"score": 5}))
    assert reason(late)[0] == Reason.LEASE_OVER


def test_an_inspectors_word_is_what_an_output_counts(rated: Rated) -> None:
    config = rated.config(inspectors=[rated.pool("inspectors", 13)], rule={"inspect_percent": 100.0})
    run = rated.run(config, ["a", "b", "c"])
    task = rated.start(run, config)
    rated.rate(11, task, {"a": 1, "b": 1, "c": 1})
    said = {"a": (InspectionVerdict.CORRECT, {"score": 5}), "b": (InspectionVerdict.ACCEPT, None), "c": (InspectionVerdict.SET_ASIDE, None)}
    while work := rated.service.claim_inspection(caller(user=13), task_id=task.id).work:
        verdict, answer = said[work[0].content["output"]]
        rated.service.decide_work(caller(user=13), id=work[0].id, verdict=verdict, answer=answer, reason="as I see it")
    assert rated.work(task) == "SUCCEEDED"
    done = rated.world.now(task)
    assert (done.metrics["human_score"], done.failed_items) == (3.0, 1)


def test_what_an_inspector_accepts_counts_as_the_raters_said_it(rated: Rated) -> None:
    config = rated.config(inspectors=[rated.pool("inspectors", 13)], rule={"inspect_percent": 100.0, **TWO})
    task = rated.start(rated.run(config, ["a"]), config)
    rated.rate(11, task, {"a": 4})
    rated.rate(12, task, {"a": 5})
    (work,) = rated.service.claim_inspection(caller(user=13), task_id=task.id).work
    rated.service.decide_work(caller(user=13), id=work.id, verdict=InspectionVerdict.ACCEPT)
    assert rated.work(task) == "SUCCEEDED"
    assert rated.world.now(task).metrics["human_score"] == 4.5


def test_of_a_pair_the_side_is_drawn_and_taken_back(rated: Rated) -> None:
    config = rated.config(RatingType.Pairwise_Rating)
    ours = rated.run(config, [f"ours {number}" for number in range(12)])
    theirs = rated.run(config, [f"theirs {number}" for number in range(12)], rated.world.trained(digest="sha256:" + "44" * 32))
    task = rated.start(ours, config, against_task_id=theirs.id)
    sides = set()
    while work := rated.claim(11, task):
        content = work[0].content
        assert content["left"].split()[1] == content["right"].split()[1] == content["input"][1:]
        side = "left" if content["left"].startswith("ours") else "right"
        sides.add(side)
        rated.service.submit_work(caller(user=11), id=work[0].id, answer={"better": "tie" if content["input"] == "q0" else side})
    assert sides == {"left", "right"}
    assert rated.work(task) == "SUCCEEDED"
    done = rated.world.now(task)
    assert done.metrics["human_score"] == 11.5 / 12
    assert done.result["labels"] == {"better": {"this_run": 11, "tie": 1}}


def test_labels_that_count_make_a_share_with_the_interval_of_wilson(rated: Rated) -> None:
    config = rated.config(RatingType.Category_Rating, good=["right", "partly"])
    run = rated.run(config, ["yes", "so so", "no", "yes"])
    task = rated.start(run, config)
    rated.rate(11, task, {"yes": "right", "so so": "partly", "no": "wrong"}, "category")
    assert rated.work(task) == "SUCCEEDED"
    metrics = rated.world.now(task).metrics
    assert metrics["human_score"] == 0.75
    assert (round(metrics["human_score.low"], 4), round(metrics["human_score.high"], 4)) == (0.3006, 0.9544)


def test_words_alone_are_no_score(rated: Rated) -> None:
    rated.world.gate(("human_score", 0.0))
    config = rated.config(RatingType.Free_Text_Rating)
    run = rated.run(config, ["a", "b"])
    task = rated.start(run, config)
    rated.rate(11, task, {"a": "clear", "b": "wrong"}, "comment")
    assert rated.work(task) == "SUCCEEDED"
    done = rated.world.now(task)
    assert (set(done.metrics), done.failed_items) == ({"leak"}, 0)
    assert rated.verdict(run).verdict == GateVerdictKind.NO_DATA


def test_a_rating_that_cannot_be_is_refused(rated: Rated) -> None:
    config, nobody = rated.config(), rated.world.config(name="nobody")
    run, open_run = rated.run(config, ["a"]), rated.world.task(config=nobody)
    pairs = rated.config(RatingType.Pairwise_Rating)
    task = rated.start(run, config)
    start = rated.service.start_rating
    refused = {
        (open_run.id, config.id, 0): (Reason.ILLEGAL_TRANSITION, "eval_task_id"),
        (run.id, nobody.id, 0): (Reason.INVALID_ARGUMENT, "eval_config_id"),
        (task.id, config.id, 0): (Reason.INVALID_ARGUMENT, "eval_task_id"),
        (run.id, config.id, run.id): (Reason.INVALID_ARGUMENT, "against_task_id"),
        (run.id, pairs.id, 0): (Reason.MISSING_FIELD, "against_task_id"),
        (run.id, pairs.id, run.id): (Reason.INVALID_ARGUMENT, "against_task_id"),
        (1, config.id, 0): (Reason.NOT_FOUND, None),
    }
    for (eval_task_id, config_id, against), why in refused.items():
        found = outcome(lambda: start(caller(), eval_task_id=eval_task_id, eval_config_id=config_id, against_task_id=against))  # noqa: B023
        assert (reason(found)[0], reason(found)[1] if why[1] else None) == why


def test_a_config_names_people_completely_or_not_at_all(rated: Rated) -> None:
    config = rated.config(RatingType.Category_Rating, rule={"people": 3})
    assert config.people["good"] == ["right"]
    assert config.people["rule"]["people"] == 3
    assert config.people["rule"]["lease_seconds"] == 600
    assert rated.world.config(name="plain").people == {}
    assert reason(outcome(lambda: rated.world.config(name="rule", rule={"people": 2}))) == (Reason.INVALID_ARGUMENT, "rule")
    wrong = outcome(lambda: rated.config(RatingType.Category_Rating, name="wrong", good=["right", "nice"]))
    assert reason(wrong) == (Reason.UNKNOWN_ENUM, "good[1]")
    few = outcome(lambda: rated.config(name="few", rule=TWO, annotators=[rated.pool("one", 11)]))
    assert reason(few) == (Reason.INVALID_ARGUMENT, "rule.people")


@pytest.mark.parametrize("kind", RatingType)
def test_every_kind_begins_with_a_template_of_its_own(kind: RatingType) -> None:
    assert set(RATINGS) == {each.name for each in RatingType} == set(kinds_in("services.eval.engine.ratings", RatingKind))
    RATINGS[kind.name].check(RATINGS[kind.name].starter)
    text = {"fields": [{"name": "note", "kind": "text", "required": False}]}
    assert reason(outcome(lambda: RATINGS[kind.name].check(text))) == (Reason.INVALID_ARGUMENT, "body.fields")


def test_who_may_not_see_the_test_sees_no_output_of_it(rated: Rated) -> None:
    world = rated.world
    config = rated.config()
    run = rated.run(config, ["a"])
    task = rated.start(run, config)
    world.dataset.secret.add(world.test_version)
    low = replace(caller(user=11), clearance=0)
    for call in (
        lambda: rated.service.claim_work(low, task_id=task.id),
        lambda: rated.service.list_my_answers(low, task_id=task.id, page=ALL),
        lambda: rated.service.start_rating(low, eval_task_id=run.id),
    ):
        assert reason(outcome(call))[0] == Reason.NOT_FOUND


def test_a_cancelled_rating_gives_nobody_anything_more(rated: Rated) -> None:
    config = rated.config()
    task = rated.start(rated.run(config, ["a"]), config)
    (held,) = rated.claim(11, task)
    assert rated.service.cancel_task(caller(), id=task.id).status == TaskStatus.CANCELLED
    late = outcome(lambda: rated.service.submit_work(caller(user=11), id=held.id, answer={"score": 1}))
    assert reason(late)[0] == Reason.ILLEGAL_TRANSITION
    assert rated.service.get_my_work(caller(user=11)) == []


def test_a_rating_that_is_cancelled_while_it_is_concluded_leaves_no_evidence(rated: Rated) -> None:
    config = rated.config()
    task = rated.start(rated.run(config, ["a"]), config)
    rated.rate(11, task, {"a": 5})
    held = rated.service.human.claim("w")
    assert held is not None
    rated.service.cancel_task(caller(), id=task.id)
    assert reason(outcome(lambda: rated.items.conclude(held)))[0] == Reason.CANCELLED
    rated.service.human.freed(held)
    assert rated.world.now(task).status == TaskStatus.CANCELLED
    told = rated.world.models.list_evidence(caller(), model_version_id=task.model_version_id, page=ALL).items
    assert task.id not in {each.eval_task_id for each in told}


def test_an_engine_worker_never_takes_what_people_have(rated: Rated) -> None:
    config = rated.config()
    run = rated.run(config, ["a"])
    task = rated.service.start_rating(caller(), eval_task_id=run.id)
    assert rated.service.lifecycle.claim("engine") is None
    assert rated.work(task) == "WAITING_HUMAN"


def test_the_same_evidence_is_told_once_when_the_worker_dies_in_between(rated: Rated) -> None:
    config = rated.config()
    task = rated.start(rated.run(config, ["a"]), config)
    rated.rate(11, task, {"a": 5})
    died: list[int] = []

    def die() -> None:
        died.append(1)
        raise ConnectionError

    rated.world.model.after["RecordEvaluation"] = die
    assert rated.work(task) != "SUCCEEDED"
    rated.world.clock.advance(120)
    assert rated.work(task) == "SUCCEEDED"
    assert died == [1]
    found = rated.world.models.list_evidence(caller(), model_version_id=task.model_version_id, page=ALL).items
    assert [each.eval_task_id for each in found].count(task.id) == 1


def test_every_verb_of_people_answers_through_the_door(world: World) -> None:
    for verb, asked in facts(world).items():
        answer = world.door.call(caller(user=1), verb, **asked)
        assert answer.base_resp.log_id, verb
    held = world.service.list_my_answers(caller(user=1), task_id=world.service.get_my_work(caller(user=1))[0].task_id, page=ALL).items
    assert AssignmentStatus.HELD in {each.status for each in held}
    assert msgspec.json.encode(held)


def test_ids_of_nobody_and_of_another_space_are_the_same(world: World) -> None:
    known = facts(world)
    asked = {verb: facts for verb, facts in known.items() if {"id", "task_id", "eval_task_id"} & set(facts)}
    assert len(asked) == len(known) - 5
    for verb, sent in asked.items():
        first = next(name for name in ("id", "task_id", "eval_task_id") if name in sent)
        foreign = outcome(lambda: world.door.call(caller(space=2), verb, **sent))  # noqa: B023
        nobody = outcome(lambda: world.door.call(caller(), verb, **{**sent, first: 5}))  # noqa: B023
        assert reason(foreign)[0] == reason(nobody)[0] == Reason.NOT_FOUND, verb
    assert world.service.get_my_work(caller(space=2)) == []
    assert world.service.list_templates(caller(space=2), page=ALL).items == []


def test_the_auditor_finds_nothing_wrong_and_a_rating_of_nothing(rated: Rated) -> None:
    world = rated.world
    config = rated.config(rule=TWO)
    run = rated.run(config, ["a", "b"])
    task = rated.start(run, config)
    for person in (11, 12):
        rated.rate(person, task, {"a": 5, "b": 4})
    assert rated.work(task) == "SUCCEEDED"
    assert audited(world) == []
    with world.db.begin(caller()) as tx:
        table = world.service.store.tasks.table
        tx.conn.execute(table.update().where(table.c.id == task.id).values(items=3))
    assert audited(world) == ["it rates 3 outputs, 2 are stored"]


def audited(world: World) -> list[str]:
    """What the auditor finds wrong."""
    books, report = Books("eval", world.db.url, METADATA), Report()
    try:
        check(books, report, Patience(world.clock.now_ms(), lease=1000))
        assert report.looked["LINEAGE", "ratings"] > 0
        assert report.looked["PEOPLE", "items"] > 0
        return [each.fact for each in report.violations]
    finally:
        books.close()
