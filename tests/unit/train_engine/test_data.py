"""Records in, batches out: bad rows are named, and each record is seen exactly once per epoch."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from libs.common.errors import PlatformError, Reason
from libs.lm.tokenizer import EOS, ChatTokenizer
from services.train.engine.data import Record, collate, digest, encode, epoch_batches, read_records, texts_of
from services.train.engine.left_out import FOLDER, LISTED, LeftOut, check, facts, read, write
from tests.unit.train_engine.conftest import FACTS, TRAINED, write_records


def test_reads_a_file_and_a_folder_in_name_order(tmp_path: Path) -> None:
    single = read_records(write_records(tmp_path / "train.jsonl"))
    assert len(single) == len(FACTS) * len(TRAINED)
    assert single[0] == Record("What does json.dump do?", "Serialize to a stream.")
    shards = tmp_path / "shards"
    shards.mkdir()
    lines = (tmp_path / "train.jsonl").read_text().splitlines(keepends=True)
    (shards / "part-1.jsonl").write_text("".join(lines[10:]))
    (shards / "part-0.jsonl").write_text("".join(lines[:10]) + "\n")
    (shards / "part-2.jsonl").write_text("")
    (shards / "manifest.json").write_text("not a record")
    assert read_records(shards) == single
    assert digest(read_records(shards)) == digest(single) != digest(single[1:])


def test_input_follows_the_instruction(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    path.write_text('{"instruction": "Translate", "input": "cat", "output": "猫"}\n{"instruction": "Hi", "output": "Ho", "input": null}\n')
    assert read_records(path) == [Record("Translate\ncat", "猫"), Record("Hi", "Ho")]


GOOD = b'{"instruction": "a", "output": "b"}\n'


@pytest.mark.parametrize(
    ("row", "reason", "field"),
    [
        (b"{\n", Reason.ROW_INVALID, "row"),
        (b'{"instruction": "a", "outp', Reason.ROW_INVALID, "row"),
        (b"[1]\n", Reason.ROW_INVALID, "row"),
        (b"[" * 100_000 + b"\n", Reason.ROW_INVALID, "row"),
        (b'{"output": "b"}\n', Reason.ROW_INVALID, "instruction"),
        (b'{"instruction": "a", "output": "b", "history": [["q"]]}\n', Reason.ROW_INVALID, "history"),
        (b'{"instruction": "a", "output": 3}\n', Reason.ROW_INVALID, "output"),
        (b'{"instruction": "a", "output": "b", "input": []}\n', Reason.ROW_INVALID, "input"),
        (b'{"instruction": "a", "output": "\\ud800"}\n', Reason.ROW_INVALID, "output"),
        (b'{"instruction": "\xff", "output": "b"}\n', Reason.FILE_NOT_UTF8, None),
    ],
)
def test_a_bad_row_is_named(tmp_path: Path, row: bytes, reason: Reason, field: str | None) -> None:
    (tmp_path / "bad.jsonl").write_bytes(GOOD * 2 + row)
    with pytest.raises(PlatformError) as caught:
        read_records(tmp_path)
    assert (caught.value.code, caught.value.reason, caught.value.field) == (422, reason, field)
    assert (caught.value.details["file"], caught.value.details["row"]) == ("bad.jsonl", 3)


def test_missing_and_empty_are_told_apart(tmp_path: Path) -> None:
    (tmp_path / "empty.jsonl").write_bytes(b"")
    (tmp_path / "blank.jsonl").write_bytes(b"\n\n")
    cases: dict[str, Reason] = {"no.jsonl": Reason.FILE_MISSING, "empty.jsonl": Reason.FILE_EMPTY, "blank.jsonl": Reason.NO_RECORDS_LEFT}
    for name, reason in cases.items():
        with pytest.raises(PlatformError) as caught:
            read_records(tmp_path / name)
        assert (caught.value.code, caught.value.reason, caught.value.details["file"]) == (422, reason, name)
    with pytest.raises(PlatformError) as caught:
        read_records(tmp_path)
    assert caught.value.reason == Reason.NO_RECORDS_LEFT


@given(
    lengths=st.lists(st.integers(1, 100), min_size=1, max_size=300),
    batch_size=st.integers(1, 17),
    seed=st.integers(0, 2**63 - 1),
    epoch=st.integers(0, 1000),
)
def test_each_record_exactly_once_per_epoch(lengths: list[int], batch_size: int, seed: int, epoch: int) -> None:
    batches = epoch_batches(lengths, batch_size, seed, epoch)
    assert sorted(number for batch in batches for number in batch) == list(range(len(lengths)))
    assert sorted(map(len, batches))[1:] == [batch_size] * (len(batches) - 1)
    assert epoch_batches(lengths, batch_size, seed, epoch) == batches


def test_order_changes_with_seed_and_epoch_and_groups_lengths() -> None:
    lengths = [(number * 37) % 90 + 5 for number in range(512)]
    orders = [epoch_batches(lengths, 16, seed, epoch) for seed in (1, 2) for epoch in (0, 1)]
    assert all(orders[a] != orders[b] for a in range(4) for b in range(a))
    padding = sum(len(batch) * max(lengths[n] for n in batch) - sum(lengths[n] for n in batch) for batch in orders[0])
    assert padding < 0.2 * sum(lengths)


def test_targets_are_the_answer_tokens_only() -> None:
    tokenizer = ChatTokenizer.train(["What? Yes, it is."], 300)
    records = [Record("What?", "Yes."), Record("Is it so, what?", "No, it is not.")]
    examples, too_long = encode(records, tokenizer, 64)
    batch = collate(examples)
    assert too_long == []
    assert batch.input_ids.shape == batch.attention_mask.shape == batch.position_ids.shape == batch.targets.shape
    for row, record in enumerate(records):
        learned = [id for id in batch.targets[row].tolist() if id >= 0]
        assert learned == [*tokenizer.encode(record.answer), EOS]
        first = batch.targets[row].tolist().index(learned[0])
        assert batch.input_ids[row, : first + 1].tolist() == tokenizer.prompt(record.question)
        assert int(batch.attention_mask[row].sum()) == len(examples[row].ids) - 1


def test_too_long_records_are_counted_not_cut() -> None:
    tokenizer = ChatTokenizer.train(["What? Yes, it is."], 300)
    records = [Record("What?", "Yes.", "a.jsonl", 1), Record("What?", "Yes, it is. " * 30, "a.jsonl", 2)]
    examples, too_long = encode(records, tokenizer, 32)
    assert len(examples) == 1
    assert [(each.reason, each.file, each.row) for each in too_long] == [("too_long", "a.jsonl", 2)]
    assert too_long[0].tokens == len(tokenizer.pair(records[1].question, records[1].answer)[0])


@pytest.mark.parametrize("row", ['{"instruction": "a", "output": " "}', '{"instruction": "", "output": "b"}'])
def test_a_turn_without_words_leaves_its_record_out_and_not_the_training(tmp_path: Path, row: str) -> None:
    (tmp_path / "a.jsonl").write_bytes(GOOD + row.encode() + b"\n" + GOOD)
    left: list[LeftOut] = []
    assert read_records(tmp_path, left) == [Record("a", "b")] * 2
    assert left == [LeftOut("empty_turn", "a.jsonl", 2)]


def test_what_was_said_before_is_part_of_the_prompt_and_not_learned(tmp_path: Path) -> None:
    row = {"instruction": "And here?", "output": "No.", "system": "Be brief.", "history": [["Is it so?", "Yes."]]}
    (tmp_path / "a.jsonl").write_text(json.dumps(row))
    (record,) = read_records(tmp_path)
    tokenizer = ChatTokenizer.train(["Is it so? Yes. No. And here? Be brief."], 300)
    (example,), _ = encode([record], tokenizer, 200)
    asked = [
        {"role": "system", "content": "Be brief."},
        {"role": "user", "content": "Is it so?"},
        {"role": "assistant", "content": "Yes."},
        {"role": "user", "content": "And here?"},
    ]
    assert list(example.ids[: example.prompt]) == tokenizer.prompt_messages(asked), "other than the door asks it"
    assert list(example.ids[example.prompt :]) == [*tokenizer.encode("No."), EOS]
    assert list(texts_of([record])) == ["Be brief.", "Is it so?", "Yes.", "And here?", "No."]


def facts_of(left: int, total: int) -> list[LeftOut]:
    return [LeftOut("too_long", "a.jsonl", row, 100 + row) for row in range(left)]


def test_too_many_left_out_is_a_failure_that_says_what_to_do() -> None:
    check(facts_of(1, 10), 10, 0.1, 64)
    with pytest.raises(PlatformError) as caught:
        check([*facts_of(2, 10), LeftOut("empty_turn", "a.jsonl", 9)], 10, 0.1, 64)
    error = caught.value
    assert (error.code, error.reason, error.field) == (422, Reason.TOO_MANY_LEFT_OUT, "options.max_left_out")
    assert (error.details["count"], error.details["total"], error.details["longest"]) == (3, 10, 101)
    assert (error.details["too_long"], error.details["empty_turn"]) == (2, 1)
    assert "block_size" in str(error)
    assert "a.jsonl, row 9: empty_turn" in str(error)
    check(facts_of(10, 10), 10, 1.0, 64)


def test_what_is_left_out_is_counted_whole_and_listed_in_part() -> None:
    found = facts(facts_of(LISTED + 7, 100), 100)
    assert (found["left_out"], found["too_long"], found["empty_turn"], found["left_out_share"]) == (LISTED + 7, LISTED + 7, 0, 0.57)
    assert len(found["left_out_records"]) == LISTED
    assert found["left_out_records"][1] == {"reason": "too_long", "file": "a.jsonl", "row": 1, "tokens": 101, "excerpt": ""}


def test_the_whole_list_is_paged_by_reason(tmp_path: Path) -> None:
    many = [LeftOut("empty_turn" if row % 10 == 0 else "too_long", "a.jsonl", row, row, "火\u2028 \n") for row in range(LISTED * 3)]
    write(many, tmp_path)
    paged: list[LeftOut] = []
    start: int | None = 0
    while start is not None:
        page, start = read(tmp_path / FOLDER, start, 40, None)
        paged += page
    assert paged == many
    empty, after = read(tmp_path / FOLDER, 0, 10, "empty_turn")
    assert ([each.row for each in empty], after) == (list(range(0, 100, 10)), 100)
    assert read(tmp_path / FOLDER, 100, 10, "empty_turn") == ([each for each in many[100:] if each.reason == "empty_turn"], None)
    write([], tmp_path / "nothing")
    assert not (tmp_path / "nothing").exists()


def test_other_keys_are_left_alone(tmp_path: Path) -> None:
    row: dict[str, Any] = {"instruction": "a", "input": "", "output": "b", "id": 7, "meta": {"x": [1]}}
    (tmp_path / "a.jsonl").write_text(json.dumps(row))
    assert read_records(tmp_path) == [Record("a", "b")]
