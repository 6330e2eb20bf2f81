"""An evaluation as one file: all that is stored, the same bytes from anybody, and nothing in it that a browser would run."""

from __future__ import annotations

import hashlib
import json
from dataclasses import replace
from html.parser import HTMLParser
from typing import Any

import pytest

from libs.common.errors import PlatformError, Reason
from services.eval.domain.task import EvalTask
from services.eval.engine import report
from services.eval.service import exports
from tests.support.outcome import outcome
from tests.support.stores import caller
from tests.unit.eval.test_comparison import item, kept, run
from tests.unit.eval.world import World

HOSTILE = "</td><script>alert(1)</script>\" onload='x' <img src=x> &amp; \x00\x1b[31m\u202e 中文"


class Seen(HTMLParser):
    """Which elements there are, and with which attributes."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.attributes: set[str] = set()
        self.text = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.attributes |= {name for name, _ in attrs}

    def handle_data(self, data: str) -> None:
        self.text += data


def fetched(world: World, task: EvalTask, format: str, **facts: Any) -> tuple[Any, bytes]:
    data = b""
    while True:
        sent = {"task_id": task.id, "format": format, "offset": len(data), **facts}
        answer = world.door.call(caller(), "FetchTaskExport", **sent)
        if not answer.data:
            assert (answer.file.bytes, answer.file.sha256) == (len(data), hashlib.sha256(data).hexdigest())
            return answer.file, data
        data += answer.data


def failure(found: object) -> tuple[int, Reason, str | None]:
    assert isinstance(found, PlatformError), found
    return found.code, found.reason, found.field


@pytest.fixture
def ended(world: World) -> EvalTask:
    items = [item(0, True, nll=0.5), item(1, False, input=HOSTILE, output=HOSTILE), item(2, False, output="", error="TIMED_OUT")]
    return kept(world, world.task(config=world.config(name="plain"), name="a/b: <c>"), items, failed=1)


def test_every_item_is_a_line_and_what_was_not_measured_is_null(world: World, ended: EvalTask) -> None:
    file, data = fetched(world, ended, "jsonl")
    first, hostile, failed = map(json.loads, data.decode().splitlines())
    assert (file.name, file.media_type) == (f"a_b_ _c_-{ended.id}.jsonl", "application/x-ndjson")
    assert (first["input"], first["output"], first["exact_match"], first["nll"], first["latency_ms"]) == ("question 0", "yes", True, 0.5, 1)
    assert (hostile["output"], hostile["nll"]) == (HOSTILE, None)
    assert (failed["error"], failed["exact_match"], failed["token_f1"]) == ("TIMED_OUT", None, None), "a failure is no zero"


@pytest.mark.parametrize(("language", "word"), [("en", "no answer"), ("zh", "无应答")])
def test_the_page_runs_nothing_and_shows_all_that_was_said(world: World, ended: EvalTask, language: str, word: str) -> None:
    _, data = fetched(world, ended, "html", language=language)
    seen = Seen()
    seen.feed(data.decode())
    assert seen.tags == {"html", "head", "meta", "title", "style", "body", "h1", "h2", "table", "tr", "th", "td", "p", "bdi"}
    assert seen.attributes <= {"lang", "charset", "http-equiv", "content", "scope", "class"}
    assert HOSTILE.replace("\x00", "\ufffd").replace("\x1b", "\ufffd") in seen.text
    for said in (word, "demo v1", ended.target_digest, ended.snapshot["dataset"]["content_hash"], "TIMED_OUT", "a/b: <c>"):
        assert said in seen.text


def test_a_prompt_is_told_with_its_words(world: World) -> None:
    prompt = world.service.create_prompt(caller(), name="qa", template="Q: {{instruction}}", system="Be <brief>.")
    task = kept(world, world.task(prompt_version_id=prompt.prompt_version_id), [item(0, True)])
    seen = Seen()
    seen.feed(fetched(world, task, "html")[1].decode())
    for said in (prompt.content_hash, "Q: {{instruction}}", "Be <brief>."):
        assert said in seen.text


def test_another_process_gives_the_same_bytes_in_pieces(world: World, ended: EvalTask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(exports, "PIECE", 100)
    monkeypatch.setattr(exports, "PAGE", 2)
    other = world.second_service().fetch_task_export(caller(), task_id=ended.id, format="html")
    _, data = fetched(world, ended, "html")
    assert (other.file.sha256, other.data) == (hashlib.sha256(data).hexdigest(), data[:100])


def test_a_long_one_shows_its_first_items_and_says_so(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(report, "SHOWN", 2)
    task = run(world, [item(n, True) for n in range(4)])
    seen = Seen()
    seen.feed(fetched(world, task, "html")[1].decode())
    assert "2 of 4 items are shown" in seen.text
    assert ("question 1" in seen.text, "question 2" in seen.text) == (True, False)


def test_what_is_refused(world: World, ended: EvalTask) -> None:
    fetch = world.service.fetch_task_export
    waits = world.task(config=world.config(name="waits"))
    assert failure(outcome(lambda: fetch(caller(), task_id=ended.id, format="pdf"))) == (400, Reason.UNKNOWN_ENUM, "format")
    found = outcome(lambda: fetch(caller(), task_id=ended.id, format="html", language="fr"))
    assert failure(found) == (400, Reason.UNKNOWN_ENUM, "language")
    assert failure(outcome(lambda: fetch(caller(), task_id=waits.id, format="html")))[:2] == (409, Reason.ILLEGAL_TRANSITION)
    assert failure(outcome(lambda: fetch(caller(space=2), task_id=ended.id, format="html")))[0] == 404
    world.dataset.secret.add(world.test_version)
    assert failure(outcome(lambda: fetch(replace(caller(), clearance=0), task_id=ended.id, format="jsonl")))[0] == 404
