"""Every text of the console is there in both languages, is used, and has the words of the contract."""

from __future__ import annotations

import dataclasses
import json
import re
from pathlib import Path

import pytest

import idl
from libs.people.rule import Rule
from services.dataset.engine.augmentations import AUGMENTATIONS
from services.dataset.engine.plan import step_kinds

SOURCE = Path(__file__).parents[3] / "console" / "src"
FOLDERS = {path.parent.name: json.loads(path.read_text()) for path in SOURCE.rglob("texts.json")}
STATES = json.loads((SOURCE / "texts" / "states.json").read_text())
PAIRS = {f"{folder}.{key}": pair for folder, texts in FOLDERS.items() for key, pair in texts.items()}
WORDS = {f"{kind}.{value}": pair for kind, words in STATES.items() for value, pair in words.items()}
CODE = {path: path.read_text() for path in SOURCE.rglob("*.ts*") if path.name != "schema.d.ts"}
SAME = {"parts.python", "models.p99"}  # what both languages write alike, or nearly
ENUMS = {
    "task": ("task", "TaskStatus"),
    "reason": ("task", "TaskReason"),
    "project": ("model", "ModelProjectStatus"),
    "version": ("model", "ModelVersionStatus"),
    "gate": ("model", "GateVerdictKind"),
    "order": ("deploy", "WorkOrderStatus"),
    "dataset_type": ("dataset", "DatasetType"),
    "dataset_task": ("dataset", "DatasetTaskType"),
    "secrecy": ("dataset", "SecrecyLevel"),
    "role": ("identity", "Role"),
    "target": ("eval", "EvalTargetKind"),
}


def names(domain: str, enum: str) -> dict[int, str]:
    return dict(getattr(idl.load(domain), enum)._VALUES_TO_NAMES)


@pytest.mark.parametrize("key", sorted(PAIRS | WORDS))
def test_a_text_is_said_in_both_languages(key: str) -> None:
    english, chinese = (PAIRS | WORDS)[key]
    assert english.strip()
    assert chinese.strip()
    assert set(re.findall(r"{{\w+}}", english)) == set(re.findall(r"{{\w+}}", chinese))
    if key not in SAME | {"frame.language"}:
        assert re.search(r"[\u4e00-\u9fff]", chinese), "not Chinese"
        assert not re.search(r"[\u4e00-\u9fff]", english), "not English"


def test_every_text_is_used_and_every_used_one_is_there() -> None:
    pattern = re.compile(rf'"((?:{"|".join(FOLDERS)})\.[a-z0-9_]+)"')
    used = {key for text in CODE.values() for key in pattern.findall(text)}
    assert used - PAIRS.keys() == set(), "missing"
    assert PAIRS.keys() - used == set(), "unused"


def test_no_text_is_put_together_from_pieces() -> None:
    built = [path.name for path, text in CODE.items() if re.search(r"\bt\(`", text)]
    assert built == [], "a key in pieces cannot be checked"


@pytest.mark.parametrize("kind", sorted(ENUMS))
def test_every_state_of_the_contract_has_its_word(kind: str) -> None:
    assert STATES[kind].keys() == set(names(*ENUMS[kind]).values())


def test_every_part_of_a_rule_for_people_has_its_name() -> None:
    assert list(STATES["people_rule"]) == [part.name for part in dataclasses.fields(Rule)]


@pytest.mark.parametrize(("table", "kind"), [("TASK", "task"), ("VERSION", "version"), ("PROJECT", "project"), ("ORDER", "order")])
def test_numbers_of_histories_are_the_contracts(table: str, kind: str) -> None:
    text = (SOURCE / "api" / "numbers.ts").read_text()
    body = re.search(rf"const {table} = {{(.*?)}};", text, re.S)
    assert body is not None
    assert {int(number): name for number, name in re.findall(r'(\d+): "(\w+)"', body[1])} == names(*ENUMS[kind])


def test_no_text_of_a_person_becomes_markup() -> None:
    markup = re.compile(r"dangerouslySetInnerHTML|\.innerHTML|insertAdjacentHTML|document\.write")
    loose = [path.name for path, text in CODE.items() if markup.search(text)]
    assert loose == []


def test_only_the_typed_client_fetches() -> None:
    fetching = {path.name for path, text in CODE.items() if re.search(r"\bfetch\(|XMLHttpRequest|EventSource", text)}
    assert fetching == {"client.ts"}


def test_every_augmentation_has_a_name_and_no_step_is_named_that_is_none() -> None:
    assert set(STATES["more"]) == set(AUGMENTATIONS)
    assert STATES["rule"].keys() | STATES["more"].keys() | STATES["prepare"].keys() <= step_kinds().keys()
