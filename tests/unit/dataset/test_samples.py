"""Looks before the work: they say what the real step then does, and are bounded whatever the data is."""

from __future__ import annotations

from typing import Any

import pytest

from libs.common.errors import PlatformError, Reason
from libs.common.store.repository import PageRequest
from services.dataset.engine import reading
from services.dataset.service import samples
from tests.support.outcome import outcome
from tests.support.stores import caller
from tests.unit.dataset.world import Bench, Sub, World, pair

CSV = "\ufeffquestion;answer;note\nWhat?;This.;x\n;nothing asked;y\nWhy?;Because.;\n"
MAPPED = {"columns": {"instruction": "question", "output": "answer"}}


def preview(bench: Bench, content: bytes | str, name: str = "rows.csv", rows: int = 20, **options: Any) -> Any:
    (bench.root / name).write_bytes(content.encode() if isinstance(content, str) else content)
    return bench.world.service.preview_import(caller(), config={"paths": [name], "options": options}, rows=rows)


def test_an_import_is_shown_as_it_will_be_read(bench: Bench) -> None:
    found = preview(bench, CSV, **MAPPED)
    (file,) = found.files
    assert (file.format, file.delimiter, file.encoding, file.columns) == ("csv", ";", "UTF-8 with BOM", ["question", "answer", "note"])
    assert file.first_values == {"question": "What?", "answer": "This.", "note": "x"}
    assert [row.row for row in found.rows] == [2, 3, 4]
    assert found.rows[0].record == {"instruction": "What?", "output": "This.", "note": "x"}
    bad = found.rows[1]
    assert (bad.record, bad.column) == (None, "question")
    assert "missing, empty or not a text" in bad.reason
    task = bench.done(Sub.File_Import, {"paths": ["rows.csv"], "options": {**MAPPED, "keep_good_rows": True}})
    assert task.result["ledger"]["dropped"] == {"ROW_INVALID": 1}
    real = bench.world.service.read_records(caller(), dataset_version_id=task.output_version_ids[0], page=PageRequest()).items
    assert [{**row.record, "id": each["id"], "source": "rows.csv"} for row, each in zip(found.rows[::2], real, strict=True)] == real


def test_a_mapping_to_start_from_is_offered_where_one_is_needed(bench: Bench) -> None:
    assert preview(bench, CSV).suggested == {"instruction": "question", "output": "answer"}
    assert preview(bench, CSV.replace("question", "instruction").replace("answer", "output")).suggested == {}


CHAT = '{"messages": [{"role": "user", "content": "q"}, {"role": "assistant", "content": "a"}], "tools": []}'


@pytest.mark.parametrize(
    ("row", "shape", "signs"),
    [
        (CHAT, "openai_messages", ["messages[].role", "messages[].content", "tools"]),
        ('{"conversations": [{"from": "human", "value": "q"}]}', "sharegpt", ["conversations[].from", "conversations[].value"]),
        ('{"instruction": "q", "input": "", "output": "a"}', "alpaca", ["instruction", "output", "input"]),
        ('{"instruction": "q", "chosen": "a", "rejected": "b"}', "preference_pair", ["instruction", "chosen", "rejected"]),
        ('{"text": "a"}', "document", ["text"]),
        ('{"body": "a"}', "", []),
    ],
)
def test_the_shape_of_the_rows_is_told_with_what_speaks_for_it(bench: Bench, row: str, shape: str, signs: list[str]) -> None:
    (file,) = preview(bench, f"{row}\n{row}\n", "rows.jsonl").files
    assert (file.shape, file.shape_signs) == (shape, signs)


def test_a_shape_that_is_named_refuses_the_others(bench: Bench) -> None:
    found = preview(bench, CHAT + '\n{"text": "a"}\n', "rows.jsonl", shape="openai_messages")
    assert [bool(row.record) for row in found.rows] == [True, False]
    assert (found.rows[1].column, found.files[0].shape) == ("messages", "openai_messages")


def test_columns_of_other_names_may_be_a_pair(bench: Bench) -> None:
    rows = "question,winner,loser\nq,a,b\n"
    assert preview(bench, rows).suggested == {"prompt": "question", "chosen": "winner", "rejected": "loser"}
    found = preview(bench, rows, columns={"prompt": "question", "chosen": "winner", "rejected": "loser"})
    assert (found.files[0].shape, found.rows[0].record) == ("preference_pair", {"prompt": "q", "chosen": "a", "rejected": "b"})


def test_only_the_first_rows_are_read(bench: Bench) -> None:
    found = preview(bench, "text\n" + "one\n" * 50 + '"never closed', rows=10)
    assert (len(found.rows), found.whole) == (10, False)
    assert preview(bench, "text\none\n", rows=10).whole is True


@pytest.mark.parametrize(
    ("content", "name", "encoding", "reason"),
    [
        ("text\n中文内容很长\n".encode("gb18030"), "rows.csv", "GB 18030", "UTF-8"),
        (b"\x89PNG\r\n\x1a\n\xff\xff", "rows.csv", "an unknown encoding", "png, not csv"),
        (b"anything", "rows.bin", "UTF-8", "extension 'bin'"),
        (b"", "rows.csv", "UTF-8", "empty"),
    ],
)
def test_a_file_that_cannot_be_read_says_why(bench: Bench, content: bytes, name: str, encoding: str, reason: str) -> None:
    found = preview(bench, content, name)
    assert found.files[0].encoding == encoding
    assert reason in found.rows[-1].reason
    assert all(row.record is None for row in found.rows)


def test_long_texts_are_cut(bench: Bench) -> None:
    found = preview(bench, "text\n" + "x" * 100_000 + "\n")
    assert len(found.rows[0].record["text"]) == 2001


def test_it_is_refused_as_the_import_would_be(bench: Bench) -> None:
    for config, reason in (
        ({"paths": ["none.csv"]}, Reason.FILE_MISSING),
        ({"paths": ["../2/rows.csv"]}, Reason.INVALID_PATH),
        ({"paths": ["rows.csv"], "options": {"columns": {"no": "x"}}}, Reason.INVALID_ARGUMENT),
    ):
        found = outcome(lambda config=config: bench.world.service.preview_import(caller(), config=config))
        assert isinstance(found, PlatformError)
        assert found.reason == reason


def test_one_that_takes_too_long_is_ended(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(samples, "SECONDS", 0.0)
    found = outcome(lambda: preview(bench, CSV))
    assert isinstance(found, PlatformError)
    assert (found.code, found.reason) == (504, Reason.DEADLINE_EXCEEDED)


def test_few_run_at_once(bench: Bench) -> None:
    for _ in range(samples.AT_ONCE):
        samples._places.acquire()
    try:
        found = outcome(lambda: preview(bench, CSV))
    finally:
        for _ in range(samples.AT_ONCE):
            samples._places.release()
    assert isinstance(found, PlatformError)
    assert (found.code, found.reason) == (429, Reason.BUSY)
    preview(bench, CSV)


# --- cleaning

PROSE = """The tenant pays the rent on the first working day of every month, and the landlord confirms it in writing within a week. Where
the heating fails in winter, a part of the rent may be kept back until it works again; how large that part is depends on the weather and on
how many rooms stay cold. Both sides may end the contract at the end of a quarter. A deposit is returned once the keys are given back and
nothing is found broken that was whole at the beginning."""
LETTER = f"Dear reader, please write to some.body@example.com before Friday if any of this is unclear to you. {PROSE[60:340]}"
PAGES = [{"text": f"<html><body><p>{PROSE}</p></body></html>", "format": "html"}, {"text": LETTER}, {"text": LETTER}, {"text": "spam"}]
RULES = [{"rule": "Strip_Html"}, {"rule": "Remove_Low_Quality"}, {"rule": "Deduplicate"}, {"rule": "Remove_Noncompliant"}]


def test_a_sample_of_all_records_is_what_the_run_then_does(world: World, bench: Bench) -> None:
    version = world.filled(PAGES)
    found = world.service.preview_cleaning(caller(), dataset_version_id=version.id, config={"rules": RULES})
    task = bench.done(Sub.Custom_Cleaning, {"rules": RULES}, version.id)
    assert found.whole is True
    assert found.ledger == task.result["ledger"]
    assert {each.rule: each.dropped for each in found.rules if each.dropped} == found.ledger["dropped"]
    dropped = world.service.list_dropped(caller(), task_id=task.id, page=PageRequest()).items
    assert sorted(dropped, key=lambda each: each.rule) == sorted(found.dropped, key=lambda each: each.rule)
    page, masked = sorted(found.changed, key=lambda each: each.rules)[::-1]
    assert page.rules[0].startswith("Strip_Html@")
    assert masked.rules[0].startswith("Remove_Noncompliant@")
    assert "some.body@example.com" in masked.changes[0].before
    assert "some.body@example.com" not in masked.changes[0].after
    assert {each.rule: each.changed for each in found.rules} == {
        "Strip_Html": 1,
        "Remove_Low_Quality": 0,
        "Deduplicate": 0,
        "Remove_Noncompliant": 1,
    }


def test_rules_that_drop_all_are_shown_doing_so(world: World) -> None:
    version = world.filled([{"text": "spam"}] * 3)
    found = world.service.preview_cleaning(caller(), dataset_version_id=version.id, config={"rules": [{"rule": "Remove_Low_Quality"}]})
    assert (found.ledger["out"], found.rules[0].dropped) == (0, 3)


def test_a_sample_is_spread_over_the_version(world: World) -> None:
    version = world.filled([pair(number) for number in range(60)])
    found = world.service.preview_cleaning(caller(), dataset_version_id=version.id, config={"rules": RULES[2:3]}, records=10)
    assert (found.ledger["in"], found.whole) == (10, False)


def test_a_bad_rule_names_its_field(world: World) -> None:
    version = world.filled([pair(1)])
    config = {"rules": [{"rule": "Deduplicate", "options": {"threshold": 9}}]}
    found = outcome(lambda: world.service.preview_cleaning(caller(), dataset_version_id=version.id, config=config))
    assert isinstance(found, PlatformError)
    assert found.field == "config.rules[0].options.threshold"


# --- what a version looks like


def test_fields_lengths_and_values_are_counted(world: World) -> None:
    version = world.filled([{"text": "x" * (5 if n < 3 else 150), "lang": "en" if n % 2 else "zh"} for n in range(8)])
    found = world.service.summarize_version(caller(), dataset_version_id=version.id)
    fields = {each.field: each for each in found.fields}
    assert (found.records, found.whole, set(fields)) == (8, True, {"text", "lang"})
    assert {bar.label: bar.records for bar in fields["lang"].values} == {"en": 4, "zh": 4}
    assert [(bar.label, bar.records) for bar in fields["text"].lengths if bar.records] == [("0–9", 3), ("100–199", 5)]
    assert (fields["text"].longest, fields["text"].present) == (150, 8)


def test_a_search_walks_the_whole_version_page_by_page(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    version = world.filled([pair(number) for number in range(40)])
    monkeypatch.setattr(reading, "LOOKED_BYTES", 1500)  # some ten records

    def hits(**asked: Any) -> tuple[list[Any], int]:
        found, pages, cursor = [], 0, None
        while True:
            page = world.service.read_records(caller(), dataset_version_id=version.id, page=PageRequest(cursor, 5), **asked)
            found, pages, cursor = found + page.items, pages + 1, page.next_cursor
            if cursor is None:
                return found, pages

    found, pages = hits(contains="MODULE39.call")
    assert [each["instruction"] for each in found] == ["What does module39.call do?"]
    assert pages > 1
    assert len(hits(contains="t1", field="template")[0]) == 20
    assert hits(contains="module", field="output")[0] == []
