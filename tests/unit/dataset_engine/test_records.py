"""Identity: equal content has an equal hash whatever the order of keys, records and shards; any damage is found before use."""

from __future__ import annotations

import json
import random
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from libs.common.errors import PlatformError, Reason
from libs.common.folding import fold
from libs.data.records import identified, question_key, question_of, record_id, text_of
from libs.data.versions import read_manifest, read_records, verify
from tests.unit.dataset_engine.make import import_folder, records, version_of, write_jsonl

TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
ROWS = [{"text": f"第 {number} 条 record", "n": number} for number in range(60)]


@given(st.dictionaries(TEXTS, st.one_of(TEXTS, st.integers(), st.booleans(), st.none(), st.floats(allow_nan=False, allow_infinity=False))))
def test_the_id_is_a_function_of_the_content_alone(fields: dict[str, object]) -> None:
    shuffled = dict(reversed(list(fields.items())))
    assert record_id(fields) == record_id(shuffled) == record_id({**fields, "id": "anything", "source": "anywhere"})
    record, line = identified(fields)
    assert json.loads(line) == record
    assert line.count(b"\n") == 1
    changed = {**fields, "one more": 1}
    assert record_id(changed) != record_id({key: value for key, value in fields.items() if key not in ("id", "source")})


def test_the_id_is_the_documented_hash() -> None:
    assert record_id({"b": 1, "a": "é"}) == "aa58fba8483623bed37c1b02edfccbdd"  # sha256 of {"a":"é","b":1} in UTF-8, first 32 digits


def test_the_content_hash_does_not_depend_on_order_or_sharding(tmp_path: Path) -> None:
    shuffled = random.Random(3).sample(ROWS, len(ROWS))
    small = read_manifest(version_of(ROWS, tmp_path / "a", shard_bytes=300))
    large = read_manifest(version_of(shuffled, tmp_path / "b", shard_bytes=10**6))
    assert len(small.files) > 10
    assert len(large.files) == 1
    assert small.content_hash == large.content_hash
    assert small.content_hash.startswith("sha256:")
    fewer = read_manifest(version_of(ROWS[:-1], tmp_path / "c"))
    twice = read_manifest(version_of([*ROWS, ROWS[0]], tmp_path / "d"))
    assert len({small.content_hash, fewer.content_hash, twice.content_hash}) == 3


def test_what_is_exported_and_imported_again_is_the_same_version(tmp_path: Path) -> None:
    version = version_of(ROWS, tmp_path / "a")
    write_jsonl(tmp_path / "again.jsonl", records(version))
    again = import_folder(tmp_path, tmp_path / "work", ["again.jsonl"])
    assert again["content_hash"] == read_manifest(version).content_hash


def test_reading_from_the_middle(tmp_path: Path) -> None:
    version = version_of(ROWS, tmp_path, shard_bytes=500)
    everything = records(version)
    for start in (0, 1, 17, 59, 60):
        assert list(read_records(version, start)) == everything[start:]


@pytest.mark.parametrize("damage", ["flip", "cut", "add", "swap", "manifest", "manifest is no json"])
def test_a_damaged_version_is_refused(tmp_path: Path, damage: str) -> None:
    version = version_of(ROWS, tmp_path, shard_bytes=500)
    verify(version)
    part, other = version / "part-00001.jsonl", version / "part-00002.jsonl"
    data = part.read_bytes()
    if damage == "flip":
        part.write_bytes(data.replace(b"record", b"rekord", 1))
    elif damage == "cut":
        part.write_bytes(data[: data.rindex(b"\n", 0, -1) + 1])
    elif damage == "add":
        part.write_bytes(data + data[: data.index(b"\n") + 1])
    elif damage == "swap":
        part.write_bytes(other.read_bytes())
        other.write_bytes(data)
    elif damage == "manifest":
        values = json.loads((version / "manifest.json").read_text())
        (version / "manifest.json").write_text(json.dumps({**values, "content_hash": "sha256:" + "0" * 64}))
    else:
        (version / "manifest.json").write_text("{")
    with pytest.raises(PlatformError) as caught:
        verify(version)
    assert caught.value.reason == Reason.CHECKSUM_MISMATCH
    expected = "manifest.json" if damage.startswith("manifest") else "part-00001.jsonl"
    assert caught.value.details["file"] == expected


def test_a_missing_part_and_a_part_outside_the_folder(tmp_path: Path) -> None:
    version = version_of(ROWS, tmp_path, shard_bytes=500)
    (version / "part-00001.jsonl").unlink()
    with pytest.raises(PlatformError) as caught:
        verify(version)
    assert (caught.value.reason, caught.value.details["file"]) == (Reason.FILE_MISSING, "part-00001.jsonl")
    values = json.loads((version / "manifest.json").read_text())
    values["files"][0]["name"] = "../part-00000.jsonl"
    (version / "manifest.json").write_text(json.dumps(values))
    with pytest.raises(PlatformError) as caught:
        read_manifest(version)
    assert caught.value.reason == Reason.CHECKSUM_MISMATCH


def test_questions_are_compared_without_case_width_and_punctuation() -> None:
    assert question_key("What does  ｊｓｏｎ.dumps do?") == question_key("what does JSON.dumps do") == "what does json dumps do"
    assert question_key("json.dumps 有什么作用？") == question_key("JSON dumps  有什么作用")
    assert question_key("What is C++?") != question_key("What is C?")


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("10²", "102", False),
        ("x₂ and H₂O", "x2 and H2O", False),
        ("12㎡", "12m2", False),
        ("12㎡", "12m²", True),  # one unit in two spellings
        ("ＡＢＣ１２", "abc12", True),
        ("e\u0301cole", "École", True),
        ("ﬁne ２²", "fine 2²", True),
        ("１０²", "10²", True),
        ("ｶﾀｶﾅ", "カタカナ", True),
    ],
)
def test_width_and_composition_are_folded_and_raised_signs_are_not(one: str, other: str, same: bool) -> None:
    assert (fold(one).casefold() == fold(other).casefold()) is same
    assert (question_key(f"What is {one}?") == question_key(f"what is {other}")) is same


def test_a_question_is_asked_in_its_conversation() -> None:
    turns = [("system", "Be brief."), ("user", "One?"), ("assistant", "1."), ("user", "And two?"), ("assistant", "2.")]
    messages = {"messages": [{"role": role, "content": [{"type": "text", "text": text}]} for role, text in turns]}
    pair = {"system": "Be brief.", "history": [["One?", "1."]], "instruction": "And two?", "input": "", "output": "2."}
    assert question_of(messages) == question_of(pair) == "One?\n1.\nAnd two?"
    assert question_of({"conversations": [{"from": "human", "value": "q"}, {"from": "gpt", "value": "a"}]}) == "q"
    assert question_of({"text": "all of it"}) == "all of it"
    assert text_of(messages) == text_of({**pair, "history": [["One?", "1."]]}) == "Be brief.\nOne?\n1.\nAnd two?\n2."
