"""Prompts: versions that never change, labels that move, and nothing that is not a field of the record."""

from __future__ import annotations

from typing import Any

import pytest

from libs.common.errors import PlatformError, Reason
from libs.common.store.audit import Books, Patience, Report
from libs.common.store.history import History
from libs.common.store.repository import PageRequest
from libs.data.prompt import PromptError
from libs.data.templates import Template
from services.eval import audit
from services.eval.domain.prompt import LABELS_MAX, Prompt
from services.eval.repository import METADATA
from tests.support.outcome import outcome
from tests.support.stores import caller
from tests.unit.eval.world import World

ALL = PageRequest(None, 500)
RECORD = {"instruction": "Why?", "input": "{{lang}}", "rank": 3, "sure": True, "lang": "en", "tags": ["x"]}


def failure(found: object) -> tuple[int, Reason, str | None]:
    assert isinstance(found, PlatformError), found
    return found.code, found.reason, found.field


def made(world: World, name: str = "qa", template: str = "Q: {{instruction}}", **facts: Any) -> Prompt:
    return world.service.create_prompt(caller(), name=name, template=template, **facts)


def test_fields_are_put_in_as_they_are_and_never_read_again() -> None:
    words = Template('Answer in {{ lang }}. {"a": {"b": 1}}', "{{instruction}} {{input}} {{rank}} {{sure}} {{instruction}}")
    assert words.fields == ["lang", "instruction", "input", "rank", "sure"]
    assert words.messages(RECORD) == [
        {"role": "system", "content": 'Answer in en. {"a": {"b": 1}}'},
        {"role": "user", "content": "Why? {{lang}} 3 true Why?"},
    ]


def test_a_record_keeps_its_earlier_turns_and_its_system_text_where_the_prompt_has_none() -> None:
    record = {**RECORD, "input": "", "system": "Be brief.", "history": [["Who?", "I."]]}
    before = [{"role": "user", "content": "Who?"}, {"role": "assistant", "content": "I."}]
    own = {"role": "system", "content": "Be brief."}
    asked = {"role": "user", "content": "Q: Why?"}
    assert Template("", "Q: {{instruction}}").chat(record) == [own, *before, asked]
    assert Template("Sing.", "Q: {{instruction}}").chat(record) == [{"role": "system", "content": "Sing."}, *before, asked]


@pytest.mark.parametrize("name", ["absent", "tags"])
def test_what_a_record_lacks_is_named(name: str) -> None:
    with pytest.raises(PromptError) as caught:
        Template("", f"{{{{{name}}}}}").messages(RECORD)
    assert caught.value.field == name


@pytest.mark.parametrize(
    ("system", "template", "field"),
    [
        ("", "no field", "template"),
        ("{{lang}}", "no field", "template"),
        ("", "{{instruction", "template"),
        ("", "{{}} {{instruction}}", "template"),
        ("", "{{a.b}}", "template"),
        ("", "{{1st}}", "template"),
        ("{{ two words }}", "{{instruction}}", "system"),
        ("{{#if}}", "{{instruction}}", "system"),
    ],
)
def test_what_is_no_template_is_refused(world: World, system: str, template: str, field: str) -> None:
    found = outcome(lambda: made(world, template=template, system=system))
    assert failure(found) == (400, Reason.INVALID_ARGUMENT, field)


def test_versions_never_change_and_labels_move_with_their_history(world: World) -> None:
    first = made(world, desc="of the demo")
    label = {"id": first.id, "label": "production"}
    world.service.set_prompt_label(caller(expected=0), **label, number=1)
    second = world.service.update_prompt(caller(expected=1), id=first.id, template="{{instruction}}?", system="Be brief.", note="shorter")
    assert (second.number, second.newest, second.labels) == (2, 2, {"production": 1})
    resolve = world.service.resolve_prompt
    assert [resolve(caller(), reference=each).number for each in ("qa", "qa@latest", "qa@2", "qa@1", "qa@production")] == [2, 2, 2, 1, 1]
    assert resolve(caller(), reference="qa@production").template == "Q: {{instruction}}"
    moved = world.service.set_prompt_label(caller(expected=2), **label, number=2)
    assert resolve(caller(), reference="qa@production") == moved
    gone = world.service.set_prompt_label(caller(expected=3), **label, number=0)
    assert gone.labels == {}
    listed = world.service.list_prompt_versions(caller(), prompt_id=first.id, page=ALL).items
    assert [(each.number, each.template, each.note) for each in listed] == [
        (2, "{{instruction}}?", "shorter"),
        (1, "Q: {{instruction}}", ""),
    ]
    events = History(world.db).list(caller(), "prompt", first.id, ALL).items
    assert [(each.event, each.from_status, each.to_status, each.reason) for each in events] == [
        ("LABEL", 0, 1, "production"),
        ("LABEL", 1, 2, "production"),
        ("LABEL", 2, 0, "production"),
    ]


def test_what_there_is_none_of_and_what_is_taken(world: World) -> None:
    prompt = made(world)
    for reference in ("other", "qa@9", "qa@staging", "qa@0"):
        assert failure(outcome(lambda reference=reference: world.service.resolve_prompt(caller(), reference=reference)))[0] == 404
    assert failure(outcome(lambda: world.service.resolve_prompt(caller(space=2), reference="qa")))[0] == 404
    assert failure(outcome(lambda: made(world)))[1] == Reason.ALREADY_EXISTS
    same = {"id": prompt.id, "template": prompt.template}
    assert failure(outcome(lambda: world.service.update_prompt(caller(expected=0), **same)))[1] == Reason.ALREADY_EXISTS
    assert failure(outcome(lambda: world.service.update_prompt(caller(expected=7), **same)))[1] == Reason.STALE_VERSION
    for name in ("qa@1", "12"):
        assert failure(outcome(lambda name=name: made(world, name))) == (400, Reason.INVALID_ARGUMENT, "name")
    for label in ("latest", "1st", "a b", "_x"):
        sent = {"id": prompt.id, "label": label, "number": 1}
        found = outcome(lambda sent=sent: world.service.set_prompt_label(caller(expected=0), **sent))
        assert failure(found) == (400, Reason.INVALID_ARGUMENT, "label")
    assert failure(outcome(lambda: world.service.set_prompt_label(caller(expected=0), id=prompt.id, label="a", number=2)))[0] == 404


def test_labels_are_few(world: World) -> None:
    prompt = made(world)
    for n in range(LABELS_MAX):
        prompt = world.service.set_prompt_label(caller(expected=n), id=prompt.id, label=f"label{n}", number=1)
    found = outcome(lambda: world.service.set_prompt_label(caller(expected=LABELS_MAX), id=prompt.id, label="more", number=1))
    assert failure(found) == (400, Reason.TOO_LARGE, "label")


def test_the_auditor_sees_a_prompt_that_shows_other_words(world: World) -> None:
    prompt = made(world)
    world.service.update_prompt(caller(expected=0), id=prompt.id, template="{{instruction}}?")

    def found() -> list[str]:
        books, report = Books("eval", world.db.url, METADATA), Report()
        audit.check(books, report, Patience(world.clock.now_ms()))
        assert report.looked["LINEAGE", "prompts"] == 1
        return [each.id for each in report.violations if each.kind == "prompt"]

    assert found() == []
    with world.db.begin(caller()) as tx:
        tx.conn.execute(METADATA.tables["prompt"].update().values(content_hash="sha256:other"))
    assert found() == [str(prompt.id)]
