"""Annotation from a version to the next one: exact ledger, known answers stay hidden, work keeps its template, rights by pool and level."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import msgspec
import pytest

from idl.enums import AssignmentStatus, ClaimBound, InspectionVerdict, WorkRole
from libs.common.errors import PlatformError, Reason
from libs.common.store.repository import PageRequest
from libs.common.work.task import TaskStatus
from services.dataset.domain.dataset import SecrecyLevel
from services.dataset.engine.annotations import ANNOTATIONS
from tests.support.outcome import outcome
from tests.support.stores import caller
from tests.unit.dataset.annotation import BAD, GOOD, Annotated, lines_of
from tests.unit.dataset.world import Sub, World

ALL = PageRequest(None, 500)


@pytest.fixture
def annotated(world: World) -> Annotated:
    return Annotated(world)


def refused(found: Any, reason: Reason, field: str | None = None) -> None:
    assert isinstance(found, PlatformError), found
    assert (found.reason, found.field) == (reason, field or found.field)


def records(world: World, id: int) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = world.service.read_records(caller(), dataset_version_id=id, page=ALL).items
    return found


def test_what_people_say_becomes_the_next_version(annotated: Annotated) -> None:
    world, version = annotated.world, annotated.texts(5)
    task = annotated.start(version, rule={"people": 2}, name="feelings")
    assert (world.now(task).status, world.now(task).progress_total) == (TaskStatus.WAITING_HUMAN, 5)
    annotated.answer(11, task, {"t2": "negative", "t4": "negative"})
    annotated.answer(12, task, {"t2": "negative"})
    assert annotated.work(task) == "SUCCEEDED"
    done = world.now(task)
    made = world.get(done.output_version_ids[0])
    assert (made.parent_version_id, made.records) == (version.id, 4)
    assert made.ledger == {"in": 5, "out": 4, "dropped": {"Sentiment_Analysis": 1}}
    labels = {each["text"]: each["label"] for each in records(world, made.id)}
    assert labels == {"t1": "positive", "t2": "negative", "t3": "positive", "t5": "positive"}
    (left_out,) = world.service.list_dropped(caller(), task_id=task.id, page=ALL).items
    assert (left_out.excerpt, left_out.reason) == ("t4", "tied")
    (agreement,) = done.result["agreement"]
    assert (agreement["field"], agreement["items"], agreement["percent"]) == ("label", 5, 0.8)
    assert annotated.service.claim_work(caller(user=13), task_id=task.id).why == ClaimBound.NOT_OPEN


def test_who_said_what_and_when_stands_beside_the_records_and_not_in_them(annotated: Annotated) -> None:
    world, version = annotated.world, annotated.texts(2)
    made = []
    for people in ((11, 12), (13, 14)):
        task = annotated.start(version, rule={"people": 2})
        world.clock.advance(5)
        for person in people:
            annotated.answer(person, task, {})
        assert annotated.work(task) == "SUCCEEDED"
        made.append(world.get(world.now(task).output_version_ids[0]))
        folder = world.artifacts.open(world.now(task).result["answers_uri"])
        said = lines_of(folder)
        assert [[int(each["person_id"]) for each in line["answers"]] for line in said] == [list(people)] * 2
        assert all(each["time"] == world.clock.now_ms() and each["answer"] == GOOD for line in said for each in line["answers"])
        assert [(line["number"], line["result"], line["share"]) for line in said] == [(1, GOOD, 1.0), (2, GOOD, 1.0)]
    assert made[0].content_hash == made[1].content_hash, "the same labels are the same data, whoever gave them"
    assert made[0].id == made[1].id


def test_pairs_are_written_or_corrected(annotated: Annotated) -> None:
    world = annotated.world
    version = annotated.version([{"instruction": "Capital of France?", "input": "", "output": "Lyon"}], "dd")
    template = annotated.service.create_template(caller(), name="pairs", sub_type=Sub.Question_Answer)
    task = annotated.start(version, sub_type=Sub.Question_Answer, template_id=template.id)
    (work,) = annotated.claim(11, task)
    assert work.content == {"instruction": "Capital of France?", "input": "", "output": "Lyon"}
    answer = {"instruction": "Capital of France?", "output": "Paris"}
    annotated.service.submit_work(caller(user=11), id=work.id, answer=answer)
    assert annotated.work(task) == "SUCCEEDED"
    made = world.get(world.now(task).output_version_ids[0])
    assert made.kind == "question_answer"
    assert [each["output"] for each in records(world, made.id)] == ["Paris"]


def test_an_inspector_has_the_last_word(annotated: Annotated) -> None:
    world, version = annotated.world, annotated.texts(3)
    pool = annotated.pool("inspectors", 901)
    task = annotated.start(version, rule={"inspect_percent": 100.0}, inspectors=[pool])
    annotated.answer(11, task, {})
    verdicts = {"t1": InspectionVerdict.ACCEPT, "t2": InspectionVerdict.CORRECT, "t3": InspectionVerdict.SET_ASIDE}
    for _ in range(3):
        (work,) = annotated.service.claim_inspection(caller(user=901), task_id=task.id).work
        verdict = verdicts[str(work.content["text"])]
        facts = {"answer": BAD} if verdict == InspectionVerdict.CORRECT else {}
        annotated.service.decide_work(caller(user=901), id=work.id, verdict=verdict, reason="not a text", **facts)
    assert annotated.work(task) == "SUCCEEDED"
    made = world.get(world.now(task).output_version_ids[0])
    assert {each["text"]: each["label"] for each in records(world, made.id)} == {"t1": "positive", "t2": "negative"}
    (left_out,) = world.service.list_dropped(caller(), task_id=task.id, page=ALL).items
    assert left_out.reason == "not a text"


def test_nothing_an_annotator_may_read_says_which_answers_are_known(annotated: Annotated) -> None:
    """Two stores that differ in nothing but in which of their items are known: everything that is answered to an annotator is alike."""
    world, version = annotated.world, annotated.texts(12)
    known = annotated.version([{"text": f"t{number}", "label": "negative"} for number in (2, 5, 9, 11)], "ee")
    task = annotated.start(version, known_version_id=known.id, rule={"gold_percent": 25.0, "at_once": 12})
    assert world.now(task).progress_total == 8, "what is known is not asked for its own sake"
    me = caller(user=11)
    seen = [msgspec.json.decode(msgspec.json.encode(work)) for work in annotated.claim(11, task, want=8)]
    texts = {each["content"]["text"] for each in seen}
    assert len(texts & {"t2", "t5", "t9", "t11"}) == 2
    for name in seen[0]:
        if name not in ("id", "order", "content"):
            assert len({json.dumps(each[name]) for each in seen}) == 1, name
    assert {tuple(each["content"]) for each in seen} == {("text",)}
    told = [
        world.now(task),
        annotated.service.get_annotation(me, task_id=task.id),
        annotated.service.get_my_work(me),
        annotated.service.list_my_answers(me, task_id=task.id, page=ALL).items,
        annotated.service.list_tasks(me, page=ALL).items[0],
    ]
    said = msgspec.json.encode(told).decode()
    assert str(known.id) not in said
    assert known.content_hash not in said
    assert "negative" not in said.replace(json.dumps(annotated.template.body, ensure_ascii=False, separators=(",", ":")), "")
    assert not world.service.shows(me, "people_item", 1), "its history would tell who answered what"
    for done, each in enumerate(seen, 1):  # every answer counts alike, of a known item too
        right = BAD if each["content"]["text"] in {"t2", "t5", "t9", "t11"} else GOOD
        world.service.submit_work(me, id=each["id"], answer=right)
        (mine,) = [mine for mine in world.service.get_my_work(me) if mine.role == WorkRole.ANNOTATOR]
        assert (mine.answered, mine.held) == (done, len(seen) - done)


def test_known_answers_are_part_of_what_is_made(annotated: Annotated) -> None:
    world, version = annotated.world, annotated.texts(4)
    known = annotated.version([{"text": "t3", "label": "negative"}, {"text": "elsewhere", "label": "neutral"}], "ee")
    task = annotated.start(version, known_version_id=known.id, rule={"gold_percent": 50.0})
    annotated.answer(11, task, {"t3": "negative", "elsewhere": "neutral"})
    assert annotated.work(task) == "SUCCEEDED"
    made = world.get(world.now(task).output_version_ids[0])
    labels = {each["text"]: each["label"] for each in records(world, made.id)}
    assert labels == {"t1": "positive", "t2": "positive", "t3": "negative", "t4": "positive"}
    assert made.ledger == {"in": 4, "out": 4, "dropped": {}}


def test_work_keeps_the_version_of_its_template(annotated: Annotated) -> None:
    task = annotated.start(annotated.texts(2))
    body: Any = json.loads(json.dumps(annotated.template.body))
    body["fields"][0]["labels"] = [{"value": "yes"}, {"value": "no"}]
    newer = annotated.service.update_template(caller(expected=0), id=annotated.template.id, body=body)
    assert (newer.number, newer.version) == (2, 1)
    (work,) = annotated.claim(11, task)
    newer_label = outcome(lambda: annotated.service.submit_work(caller(user=11), id=work.id, answer={"label": "yes"}))
    refused(newer_label, Reason.UNKNOWN_ENUM, "answer.label")
    annotated.service.submit_work(caller(user=11), id=work.id, answer=GOOD)
    assert annotated.service.get_annotation(caller(), task_id=task.id).template.number == 1
    assert annotated.service.get_template(caller(), id=annotated.template.id).number == 2
    assert annotated.service.get_template(caller(), id=annotated.template.id, number=1).body == annotated.template.body
    other = annotated.start(annotated.texts(1, "ff"))
    assert annotated.service.get_annotation(caller(), task_id=other.id).template.number == 2
    refused(outcome(lambda: annotated.service.get_template(caller(), id=annotated.template.id, number=3)), Reason.NOT_FOUND)


@pytest.mark.parametrize("name", ANNOTATIONS)
def test_a_kind_begins_with_a_template_of_its_own(annotated: Annotated, name: str) -> None:
    made = annotated.service.create_template(caller(), name=name, sub_type=Sub[name])
    assert (made.kind, made.number) == (name, 1)
    newest = annotated.service.list_templates(caller(), page=ALL, sub_type=Sub[name]).items[0]
    assert newest.name == name


def test_a_template_is_of_its_kind(annotated: Annotated) -> None:
    texts = {"fields": [{"name": "more", "kind": "text"}]}
    for sub_type in (Sub.Sentiment_Analysis, Sub.Question_Answer, Sub.Text_Classification):
        made = outcome(lambda of=sub_type: annotated.service.create_template(caller(), name="n", sub_type=of, body=texts))
        refused(made, Reason.INVALID_ARGUMENT, "body.fields")
    refused(outcome(lambda: annotated.service.create_template(caller(), name="n", sub_type=Sub.Speech_Recognition)), Reason.UNKNOWN_ENUM)
    refused(
        outcome(lambda: annotated.service.create_template(caller(), name="feeling", sub_type=Sub.Sentiment_Analysis)), Reason.ALREADY_EXISTS
    )


def test_what_could_never_be_done_is_refused_before_it_begins(annotated: Annotated) -> None:
    version, pool = annotated.texts(2), annotated.pool("two", 11, 12)
    pairs = annotated.service.create_template(caller(), name="pairs", sub_type=Sub.Question_Answer)
    foreign = annotated.world.dataset("other")
    asked: list[tuple[dict[str, Any], Reason, str]] = [
        ({"rule": {"people": 3}, "annotators": [pool]}, Reason.INVALID_ARGUMENT, "rule.people"),
        ({"rule": {"people": 0}}, Reason.TOO_SMALL, "rule.people"),
        ({"rule": {"persons": 2}}, Reason.INVALID_ARGUMENT, "rule.persons"),
        ({"rule": {"inspect_percent": 10.0}}, Reason.INVALID_ARGUMENT, "rule.inspect_percent"),
        ({"rule": {"gold_percent": 10.0}}, Reason.INVALID_ARGUMENT, "rule.gold_percent"),
        ({"template_id": pairs.id}, Reason.INVALID_ARGUMENT, "template_id"),
        ({"sub_type": Sub.Strip_Html}, Reason.INVALID_ARGUMENT, "sub_type"),
        ({"dataset_id": foreign.id}, Reason.INVALID_ARGUMENT, "input_version_id"),
        ({"annotators": [4711]}, Reason.NOT_FOUND, ""),
        ({"known_version_id": 4711}, Reason.NOT_FOUND, ""),
        ({"template_number": 2}, Reason.NOT_FOUND, ""),
    ]
    for facts, reason, field in asked:
        refused(outcome(lambda facts=facts: annotated.start(version, **facts)), reason, field or None)
    assert annotated.service.list_tasks(caller(), page=ALL, dataset_id=version.dataset_id, statuses=[TaskStatus.PENDING]).items == []


def test_a_known_answer_that_is_none_fails_the_task_and_names_the_field(annotated: Annotated) -> None:
    version = annotated.texts(2)
    known = annotated.version([{"text": "t1", "label": "splendid"}], "ee")
    asked = {"dataset_id": version.dataset_id, "sub_type": Sub.Sentiment_Analysis, "name": "n", "template_id": annotated.template.id}
    task = annotated.service.start_annotation(
        caller(), input_version_id=version.id, known_version_id=known.id, rule={"gold_percent": 50.0}, **asked
    )
    assert annotated.work(task) == "FAILED"
    assert annotated.world.now(task).error["field"] == "gold.label"
    assert annotated.service.claim_work(caller(user=11), task_id=task.id).why == ClaimBound.NOT_OPEN


def test_my_work_is_what_i_may_do_now(annotated: Annotated) -> None:
    pool, inspectors = annotated.pool("annotators", 11, 12), annotated.pool("inspectors", 901)
    mine = annotated.start(annotated.texts(2), annotators=[pool], inspectors=[inspectors], rule={"inspect_percent": 50.0})
    anybodys = annotated.start(annotated.texts(2, "ff"), name="open")

    def tasks(person: int) -> list[tuple[int, int]]:
        return [(each.task_id, int(each.role)) for each in annotated.service.get_my_work(caller(user=person))]

    assert tasks(11) == [(anybodys.id, 1), (mine.id, 1)]
    assert tasks(13) == [(anybodys.id, 1)]
    assert tasks(901) == [(anybodys.id, 1), (mine.id, 2)]
    refused(outcome(lambda: annotated.claim(13, mine)), Reason.FORBIDDEN)
    refused(outcome(lambda: annotated.service.claim_inspection(caller(user=11), task_id=mine.id)), Reason.FORBIDDEN)
    annotated.answer(11, anybodys, {})
    (told,) = [each for each in annotated.service.get_my_work(caller(user=11)) if each.task_id == anybodys.id]
    assert (told.name, told.kind, told.answered, told.items, told.items_done) == ("open", "Sentiment_Analysis", 2, 2, 2)
    assert annotated.work(anybodys) == "SUCCEEDED"
    assert tasks(13) == []


def test_people_see_their_own_work_and_nothing_of_others(annotated: Annotated) -> None:
    task = annotated.start(annotated.texts(3), rule={"people": 2})
    annotated.answer(12, task, {"t1": "negative"})
    annotated.answer(11, task, {})
    mine = annotated.service.list_my_answers(caller(user=11), task_id=task.id, page=ALL).items
    assert [(work.status, work.said, work.proposal) for work in mine] == [(AssignmentStatus.DONE, [], {})] * 3
    theirs = annotated.service.list_my_answers(caller(user=12), task_id=task.id, page=ALL).items
    refused(outcome(lambda: annotated.service.undo_work(caller(user=11), id=theirs[0].id)), Reason.NOT_FOUND)
    assert annotated.service.list_my_answers(caller(user=13), task_id=task.id, page=ALL).items == []
    (told,) = annotated.service.get_my_work(caller(user=11))
    assert (told.compared, told.agreed) == (2, 2), "a tie says nothing of either"


def test_what_is_above_ones_clearance_is_not_there(annotated: Annotated) -> None:
    world = annotated.world
    secret = world.dataset("secret", secrecy=SecrecyLevel.CONFIDENTIAL)
    folder_version = annotated.texts(2)
    version = world.version("99", secret, uri=folder_version.uri, records=2, kind="documents", secrecy=SecrecyLevel.CONFIDENTIAL)
    task = annotated.start(version, dataset_id=secret.id)
    low = replace(caller(user=11), clearance=int(SecrecyLevel.INTERNAL))
    assert annotated.service.get_my_work(low) == []
    for verb in (
        lambda: annotated.service.claim_work(low, task_id=task.id),
        lambda: annotated.service.get_annotation(low, task_id=task.id),
        lambda: annotated.service.list_my_answers(low, task_id=task.id, page=ALL),
        lambda: annotated.service.get_agreement(low, task_id=task.id),
        lambda: annotated.service.list_members(low, task_id=task.id, page=ALL),
    ):
        refused(outcome(verb), Reason.NOT_FOUND)
    (work,) = annotated.claim(11, task)
    refused(outcome(lambda: annotated.service.submit_work(low, id=work.id, answer=GOOD)), Reason.NOT_FOUND)
    annotated.service.submit_work(caller(user=11), id=work.id, answer=GOOD)


def test_a_cancel_ends_it_for_everybody(annotated: Annotated) -> None:
    task = annotated.start(annotated.texts(2))
    (work,) = annotated.claim(11, task)
    assert annotated.service.cancel_task(caller(), id=task.id).status == TaskStatus.CANCELLED
    assert annotated.service.claim_work(caller(user=12), task_id=task.id).why == ClaimBound.NOT_OPEN
    refused(outcome(lambda: annotated.service.submit_work(caller(user=11), id=work.id, answer=GOOD)), Reason.ILLEGAL_TRANSITION)
    assert annotated.service.get_my_work(caller(user=11)) == []


def test_engines_and_people_do_not_take_each_others_tasks(annotated: Annotated) -> None:
    version = annotated.texts(2)
    asked = {"dataset_id": version.dataset_id, "sub_type": Sub.Sentiment_Analysis, "name": "n", "template_id": annotated.template.id}
    annotated.service.start_annotation(caller(), input_version_id=version.id, **asked)
    assert annotated.service.lifecycle.claim("engine") is None
    assert annotated.service.human.claim("people") is not None
    engine = annotated.world.task()
    assert annotated.service.human.claim("people") is None
    held = annotated.service.lifecycle.claim("engine")
    assert held is not None
    assert held.id == engine.id


def test_over_thrift_an_item_is_json_and_numbers(annotated: Annotated) -> None:
    task = annotated.start(annotated.texts(1))
    door = annotated.world.door
    answer = door.call(caller(user=11), "ClaimWork", task_id=task.id, want=3)
    (work,) = answer.work
    assert (json.loads(work.content_json), work.answer_json, work.status, answer.why) == ({"text": "t1"}, "{}", 10, 1)
    assert 0 < work.order < 1 << 63
    done = door.call(caller(user=11), "SubmitWork", id=work.id, answer_json='{"label": "negative"}').work
    assert (json.loads(done.answer_json), done.status) == ({"label": "negative"}, 20)
    found = door.call(caller(user=11), "GetMyWork")
    assert [(each.task_id, each.role) for each in found.tasks] == [(task.id, 1)]
    (fields,) = door.call(caller(), "GetAgreement", task_id=task.id).fields
    assert (fields.field, fields.items, fields.percent, fields.alpha) == ("label", 0, None, None)


def test_a_purge_takes_what_people_saw_and_said(annotated: Annotated) -> None:
    """Of the dataset under work and of the one with the known answers; who worked on how many stays, and the books are right."""
    world, version = annotated.world, annotated.texts(2)
    answers = world.dataset("answers")
    known = annotated.version([{"text": "k1", "label": "positive"}], "dd", dataset=answers)
    task = annotated.start(version, rule={"gold_percent": 50.0}, known_version_id=known.id)
    annotated.answer(11, task, {})
    assert annotated.work(task) == "SUCCEEDED"
    purged(world, answers)
    assert sorted(each["content"] for each in told(world, "people_item")) == ['{"text":"t1"}', '{"text":"t2"}', "{}"]
    purged(world, world.demo)
    assert {each["content"] for each in told(world, "people_item")} == {each["result"] for each in told(world, "people_item")} == {"{}"}
    assert {each["answer"] for each in told(world, "people_assignment")} == {"{}"}
    (member,) = world.service.list_members(caller(), task_id=task.id, page=ALL).items
    assert member.answered == 2, "known answers are not counted for those who look"


def purged(world: World, dataset: Any) -> None:
    current = world.service.get_dataset(caller(), id=dataset.id)
    world.service.delete_dataset(replace(caller(), expected_version=current.version), id=dataset.id)
    world.service.purge_dataset(caller(), id=dataset.id, cause="asked for")


def told(world: World, table: str) -> list[dict[str, Any]]:
    """The rows of a table as they are stored."""
    with world.db.read() as conn:
        return [dict(row._mapping) for row in conn.execute(world.db.table(table).select())]
