"""Conversion: real documentation to questions and answers; instruction data between layouts."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from libs.common.errors import PlatformError, Reason
from libs.common.work.engine import SilentReporter
from libs.data.records import question_key
from services.dataset.engine import conversion, pydoc_pages
from services.dataset.engine.ledger import Drop
from services.dataset.engine.python_docs import Found, answer_of, first_sentence, found_in, plain
from services.dataset.engine.templates import HELD_OUT, PLACEHOLDER, TEMPLATES
from tests.unit.dataset_engine.make import clean, lines, outputs, records, version_of

MODULES = ["json", "heapq", "bisect", "textwrap", "itertools", "os.path", "posixpath", "copy", "_bisect", "keyword"]


@pytest.fixture(scope="module")
def documents(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Real pages, cleaned as the demo cleans them."""
    place = tmp_path_factory.mktemp("documents")
    pydoc_pages.run({"options": {"modules": MODULES, "topics": False}}, place / "pages", SilentReporter())
    clean(place / "pages" / "out", place / "clean", "Strip_Html", "Remove_Low_Quality", "Remove_Noncompliant", "Deduplicate")
    return place / "clean" / "out"


def convert(version: Path, work: Path, **options: Any) -> dict[str, Any]:
    return conversion.run({"input": str(version), "converter": "python_docs", "options": options}, work, SilentReporter())


def test_real_documentation_becomes_questions_with_one_clean_answer(documents: Path, tmp_path: Path) -> None:
    result = convert(documents, tmp_path)
    pairs = records(tmp_path / "out")
    answers = {pair["subject"]: pair["output"] for pair in pairs}
    assert len(answers) == result["subjects"] >= 40
    assert len(pairs) == result["records"] == len(answers) * len(TEMPLATES)
    assert {"json.dumps", "heapq.heappush", "os.path.join", "itertools.groupby", "copy.deepcopy"} <= answers.keys()
    assert answers["json.dumps"].startswith("Serialize")
    assert "posixpath" not in "".join(answers)  # an exact copy of os.path, left out by the cleaning
    assert "_bisect" not in "".join(answers)
    for subject, answer in answers.items():
        assert 4 <= len(answer.split()) <= 16, subject
        assert re.fullmatch(r"[A-Z][\x20-\x7e]*\.", answer), subject
        assert not re.search(r"[<>`{}\\=_]|\. [A-Z]|->|>>>", answer), subject
    assert len(set(answers.values())) == len(answers)


def test_every_question_has_one_answer(documents: Path, tmp_path: Path) -> None:
    convert(documents, tmp_path)
    by_question: dict[str, set[str]] = {}
    for pair in records(tmp_path / "out"):
        by_question.setdefault(question_key(pair["instruction"]), set()).add(pair["output"])
        assert pair["subject"] in pair["instruction"]
        assert pair["input"] == ""
        assert pair["lang"] == ("zh" if re.search("[一-鿿]", pair["instruction"]) else "en")
    assert all(len(answers) == 1 for answers in by_question.values())
    assert len(by_question) == len(records(tmp_path / "out"))


def test_nothing_found_is_lost(documents: Path, tmp_path: Path) -> None:
    ledger = convert(documents, tmp_path, max_subjects=10, modules=["json", "heapq"])["ledger"]
    drops = lines(tmp_path / "dropped")
    assert ledger["in"] == len(records(documents))
    assert ledger["in"] + ledger["added"] == ledger["out"] + sum(ledger["dropped"].values())
    assert ledger["dropped"] == dict(sorted(Counter(line["rule"] for line in drops).items()))
    assert {"module_not_listed", "over_max_subjects", "answer_has_code"} <= ledger["dropped"].keys()
    assert ledger["out"] == 10 * len(TEMPLATES)
    long = next(line for line in drops if line["rule"] == "answer_too_long")
    assert long["score"] > long["threshold"] == 16
    assert "#" in long["source"]


def test_options_choose_subjects_phrasings_and_languages(documents: Path, tmp_path: Path) -> None:
    convert(documents, tmp_path / "a", max_subjects=3, first=["textwrap.wrap", "not.there"], languages=["zh"])
    pairs = records(tmp_path / "a" / "out")
    assert pairs[0]["subject"] == "textwrap.wrap"
    assert {pair["lang"] for pair in pairs} == {"zh"}
    assert len({pair["subject"] for pair in pairs}) == 3
    assert len({pair["subject"].split(".")[0] for pair in pairs}) == 3  # spread over the modules
    convert(documents, tmp_path / "b", templates=["en-01", "zh-02"], max_subjects=5)
    assert {pair["template"] for pair in records(tmp_path / "b" / "out")} == {"en-01", "zh-02"}


def test_processes_and_shards_do_not_change_the_content(documents: Path, tmp_path: Path) -> None:
    one = convert(documents, tmp_path / "one", max_subjects=20)
    two = convert(documents, tmp_path / "two", max_subjects=20, processes=2)
    small = convert(documents, tmp_path / "small", max_subjects=20, shard_bytes=5000)
    assert one == two
    assert outputs(tmp_path / "one") == outputs(tmp_path / "two")
    assert small["content_hash"] == one["content_hash"]
    assert len(list((tmp_path / "small" / "out").glob("part-*"))) > 5


@pytest.mark.parametrize(
    ("doc", "answer"),
    [
        ("Return the sum of x and y.", "Return the sum of x and y."),
        ("return the sum of\n  x and y", "Return the sum of x and y."),
        ("Serialize ``obj`` to a :class:`str`, *fast*. More.", "Serialize obj to a str, fast."),
        ("f(a, b)\n\nAdd two numbers, e.g. 1 and 2. Then rest.", "Add two numbers, e.g. 1 and 2."),
        ("f(a, b) -> a number\nwhich is the sum.\n\nAdd a to b at once.", "Add a to b at once."),
        ("Return a list. it goes on", Drop("answer_too_short", 3, 4)),
        ("", Drop("no_sentence")),
        ("f(a, b)", Drop("no_sentence")),
        (" ".join(["word"] * 17), Drop("answer_too_long", 17, 16)),
        ("Return x ** y for two numbers.", Drop("answer_has_code")),
        ("See the documentation of the module.", Drop("answer_says_nothing")),
        ("Do what is described below, if possible.", Drop("answer_says_nothing")),
        ("Usage of this is as shown:", Drop("answer_is_no_sentence")),
        ("Return the name (or the number.", Drop("answer_is_cut")),
        ("返回两个数的和 with four words.", Drop("answer_has_code")),
    ],
)
def test_first_sentence(doc: str, answer: Any) -> None:
    assert answer_of(Found("m.f", "m", "function", doc), 4, 16) == answer


def test_parts_of_sentences() -> None:
    assert first_sentence("First (with a dot. inside) ends here. Second.", "f") == "First (with a dot. inside) ends here."
    assert plain("uses  ``x`` ,") == "Uses x."


def test_a_stripped_page_is_read_in_its_parts() -> None:
    text = """Menu

mod (version 1)  index
/somewhere/mod.py
Module Reference
What the module is.

Classes
builtins.object
    Thing

class Thing(builtins.object)
Thing(x)

A thing of some kind.

Methods defined here:
__init__(self)
    Hidden.
turn(self, x)
    Turn the thing.
Methods inherited from Base:
other(self)
    Not its own.

Functions
f(x)
    Do f.

    More.
g = f(x)
    Do g.

Data
x = 1"""
    found = {(each.kind, each.subject, each.doc.strip().split("\n")[0]) for each in found_in(text, "mod")}
    assert found == {
        ("module", "mod", "What the module is."),
        ("class", "mod.Thing", "Thing(x)"),
        ("method", "mod.Thing.turn", "Turn the thing."),
        ("function", "mod.f", "Do f."),
        ("function", "mod.g", "Do g."),
    }


def test_templates_are_plain_data() -> None:
    assert len({each.id for each in TEMPLATES}) == len({each.text for each in TEMPLATES}) == len(TEMPLATES)
    languages = Counter(each.lang for each in TEMPLATES)
    assert languages["en"] >= 9
    assert languages["zh"] >= 7
    for each in TEMPLATES:
        assert each.text.count(PLACEHOLDER) == 1
        assert each.text.count("{") == each.text.count("}") == 1
        assert each.ask("{0} {subject} %s $x") == each.text.replace(PLACEHOLDER, "{0} {subject} %s $x")
    assert len({question_key(each.ask("x.y")) for each in TEMPLATES}) == len(TEMPLATES)
    assert set(HELD_OUT) < {each.id for each in TEMPLATES}


@pytest.mark.parametrize(
    ("job", "field"),
    [
        ({}, "converter"),
        ({"converter": "yaml"}, "converter"),
        ({"converter": "python_docs", "options": {"max_subject": 5}}, "options.max_subject"),
        ({"converter": "python_docs", "options": {"max_subjects": 0}}, "options.max_subjects"),
        ({"converter": "python_docs", "options": {"templates": ["en-99"]}}, "options.templates[0]"),
        ({"converter": "python_docs", "options": {"languages": ["fr"]}}, "options.languages[0]"),
        ({"converter": "python_docs", "options": {"languages": ["zh"], "templates": ["en-01"]}}, "options.templates"),
        ({"converter": "instruction_format"}, "options.target"),
        ({"converter": "instruction_format", "options": {"target": "xml"}}, "options.target"),
    ],
)
def test_a_bad_job_names_its_field(tmp_path: Path, job: dict[str, Any], field: str) -> None:
    version = version_of([{"text": "x"}], tmp_path)
    with pytest.raises(PlatformError) as caught:
        conversion.run({"input": str(version), **job}, tmp_path / "work", SilentReporter())
    assert (caught.value.code, caught.value.field) == (400, field)


def test_documents_without_anything_to_ask(tmp_path: Path) -> None:
    with pytest.raises(PlatformError) as caught:
        convert(version_of([{"text": "no page"}], tmp_path), tmp_path / "work")
    assert caught.value.reason == Reason.NO_RECORDS_LEFT
    assert caught.value.details["ledger"]["dropped"] == {"not_a_module_page": 1}


TALKS: list[dict[str, Any]] = [
    {"instruction": "问题", "input": "", "output": "回答"},
    {"instruction": "q2", "input": "", "output": "a2", "system": "be kind", "history": [["q0", "a0"], ["q1", "a1"]], "lang": "en"},
]


def reshape(version: Path, work: Path, target: str) -> dict[str, Any]:
    job = {"input": str(version), "converter": "instruction_format", "options": {"target": target}}
    return conversion.run(job, work, SilentReporter())


@pytest.mark.parametrize("through", ["sharegpt", "messages"])
def test_layouts_come_back_unchanged(tmp_path: Path, through: str) -> None:
    version = version_of(TALKS, tmp_path)
    reshape(version, tmp_path / "there", through)
    other = "messages" if through == "sharegpt" else "sharegpt"
    reshape(tmp_path / "there" / "out", tmp_path / "across", other)
    reshape(tmp_path / "across" / "out", tmp_path / "back", "alpaca")
    assert records(tmp_path / "back" / "out") == records(version)
    key = "conversations" if through == "sharegpt" else "messages"
    long = next(record for record in records(tmp_path / "there" / "out") if record.get("lang") == "en")
    assert len(long[key]) == 7
    assert long.keys() == {"id", key, "lang", "source"}


def test_roles_by_other_names_and_in_capitals(tmp_path: Path) -> None:
    """What the door of a deployed model takes as a system turn, preparation takes too."""
    rows = [
        {
            "messages": [
                {"role": "developer", "content": "In one word."},
                {"role": "user", "content": "m?"},
                {"role": "assistant", "content": "m"},
            ]
        },
        {"conversations": [{"from": "Human", "value": "n?"}, {"from": "GPT", "value": "n"}]},
        {"conversations": [{"from": "system", "value": "In one word."}, {"from": "human", "value": "o?"}, {"from": "gpt", "value": "o"}]},
        {"conversations": [{"from": "human", "value": "p?"}, {"from": "system", "value": "Late."}, {"from": "gpt", "value": "p"}]},
        {"conversations": [{"from": "gpt", "value": "first"}, {"from": "human", "value": "q?"}]},
    ]
    result = reshape(version_of(rows, tmp_path), tmp_path / "work", "alpaca")
    assert {record["instruction"]: record.get("system") for record in records(tmp_path / "work" / "out")} == {
        "m?": "In one word.",
        "n?": None,
        "o?": "In one word.",
    }
    assert result["ledger"] == {"in": 5, "out": 3, "dropped": {"Format_Conversion": 2}}
    assert {line["reason"] for line in lines(tmp_path / "work" / "dropped")} == {"turns_do_not_alternate", "no_answer"}


def test_what_is_no_conversation_is_dropped_with_its_reason(tmp_path: Path) -> None:
    def user(text: Any) -> dict[str, Any]:
        return {"role": "user", "content": text}

    answer = {"role": "assistant", "content": "a"}
    bad: dict[str, dict[str, Any]] = {
        "no_conversation": {"text": "a document"},
        "no_answer": {"messages": [user("q")]},
        "turns_do_not_alternate": {"messages": [user("q"), user("q"), answer]},
        "unknown_role": {"messages": [user("q"), {"role": "tool", "content": "x"}, answer]},
        "content_is_no_text": {"messages": [user([{"type": "image_url", "image_url": "x"}]), answer]},
        "turn_is_no_object": {"conversations": ["q", "a"]},
        "history_is_no_list_of_pairs": {"instruction": "q", "output": "a", "history": [["q"]]},
        "empty_turn": {"messages": [user(" \n"), answer]},
    }
    good = {"messages": [user([{"type": "text", "text": "in "}, {"type": "text", "text": "parts"}]), answer]}
    version = version_of([*bad.values(), good, {"instruction": "add", "input": "1 2", "output": "3"}], tmp_path)
    result = reshape(version, tmp_path / "work", "sharegpt")
    assert result["ledger"] == {"in": 10, "out": 2, "dropped": {"Format_Conversion": 8}}
    assert {line["reason"] for line in lines(tmp_path / "work" / "dropped")} == bad.keys()
    asked = {record["conversations"][0]["value"] for record in records(tmp_path / "work" / "out")}
    assert asked == {"in parts", "add\n1 2"}


def turns(*said: tuple[str, str], roles: str = "from", words: str = "value") -> list[dict[str, str]]:
    return [{roles: who, words: text} for who, text in said]


@pytest.mark.parametrize("target", ["alpaca", "sharegpt", "messages"])
def test_a_conversation_in_which_somebody_says_nothing_is_dropped(tmp_path: Path, target: str) -> None:
    """In every layout and into every one, so that what a conversion calls good can be trained on."""
    silent = [
        {"conversations": turns(("human", "q1"), ("gpt", ""))},
        {"conversations": turns(("human", "\u3000"), ("gpt", "a2"))},
        {"messages": turns(("user", "q3"), ("assistant", ""), ("user", "go on"), ("assistant", "a3"), roles="role", words="content")},
        {"instruction": "q4", "output": "a4", "history": [["q", " "]]},
    ]
    good = [
        {"conversations": turns(("system", ""), ("human", "q5"), ("gpt", "a5"))},  # a system that says nothing is none
        {"instruction": "q6", "output": "a6", "system": " ", "history": []},
    ]
    result = reshape(version_of([*silent, *good], tmp_path), tmp_path / "work", target)
    assert result["ledger"] == {"in": 6, "out": 2, "dropped": {"Format_Conversion": 4}}
    assert {line["reason"] for line in lines(tmp_path / "work" / "dropped")} == {"empty_turn"}


def test_roles_are_known_by_their_other_names(tmp_path: Path) -> None:
    rows = [
        {"messages": turns(("developer", "Be short."), ("user", "q"), ("assistant", "a"), roles="role", words="content")},
        {"conversations": turns(("System", "Be short."), ("Human", "q"), ("GPT", "b"))},
        {"conversations": turns(("human", "q"), ("gpt", "c"), ("system", "Be short."), ("human", "q"), ("gpt", "c"))},
    ]
    reshape(version_of(rows, tmp_path), tmp_path / "work", "alpaca")
    made = [{key: record[key] for key in ("system", "instruction", "output")} for record in records(tmp_path / "work" / "out")]
    assert made == [{"system": "Be short.", "instruction": "q", "output": answer} for answer in "ab"]
    (left,) = lines(tmp_path / "work" / "dropped")
    assert left["reason"] == "turns_do_not_alternate"  # the system's word in the middle
