"""Augmentation: the account is exact, the same seed makes the same bytes however many shards and processes, and families stay whole."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from libs.common.errors import PlatformError, Reason
from libs.common.work.engine import SilentReporter
from libs.data.records import record_id
from libs.data.versions import verify
from services.dataset.engine import augmenting, plan_sample, splitting
from services.dataset.engine.augmentations import AUGMENTATIONS
from services.dataset.engine.draw import Draw
from services.dataset.engine.plan import read_plan
from tests.unit.dataset_engine.make import clean, lines, outputs, records, version_of

TEXTS = ["Replace_Synonyms", "Insert_Words", "Misspell"]
ROWS = [
    {"instruction": f"How do I quickly choose method number {n}?", "input": "", "output": f"Choose {n}.", "id": n, "lang": "en"}
    for n in range(30)
] + [{"instruction": f"请问如何快速选择第{n}种方法？", "input": "", "output": f"选{n}。", "id": n, "lang": "zh"} for n in range(30)]


def augment(version: Path, work: Path, name: str, **options: Any) -> dict[str, Any]:
    return augmenting.run({"input": str(version), "augmentation": name, "options": options}, work, SilentReporter())


def varied(name: str, record: dict[str, Any], seed: int = 1, **options: Any) -> Any:
    kind = AUGMENTATIONS[name]
    return kind.variation(kind.read(options)).vary(record, Draw(seed))


@pytest.fixture
def version(tmp_path: Path) -> Path:
    return version_of(ROWS, tmp_path / "in", shard_bytes=1500)


def test_the_account_is_exact_and_children_name_their_parents(version: Path, tmp_path: Path) -> None:
    for name in TEXTS:
        result = augment(version, tmp_path / name, name, copies=3, rate=0.5)
        out, before = records(tmp_path / name / "out"), {record["id"]: record for record in records(version)}
        verify(tmp_path / name / "out")
        made = [record for record in out if "_parent" in record]
        assert result["ledger"] == {"in": 60, "out": len(out), "dropped": {}, "added": len(made)}
        assert len(out) == 60 + len(made)
        assert result["augmented"] == len({record["_parent"] for record in made})
        assert len(made) > 60
        for child in made:
            parent = before[child["_parent"]]
            assert child["_family"] == parent["id"]
            assert child["id"] == record_id(child) != parent["id"]
            assert "own_id" not in child, "a row's name is that of the row"
            assert (child["output"], child["lang"], child["source"]) == (parent["output"], parent["lang"], parent["source"])
            assert child["instruction"] != parent["instruction"]
        originals = [record for record in out if "_parent" not in record]
        assert [{key: value for key, value in record.items() if key != "_family"} for record in originals] == list(before.values())


@pytest.mark.parametrize("name", TEXTS)
def test_the_same_seed_makes_the_same_records_in_any_shards_order_and_processes(tmp_path: Path, name: str) -> None:
    one, many = version_of(ROWS, tmp_path / "one", shard_bytes=1 << 20), version_of(ROWS, tmp_path / "many", shard_bytes=500)
    back = version_of(ROWS[::-1], tmp_path / "back", shard_bytes=3000)
    assert len(list(one.glob("part-*"))) == 1 < len(list(many.glob("part-*")))
    found = [augment(version, tmp_path / f"w{at}", name, copies=2, seed=7)["content_hash"] for at, version in enumerate((one, many, back))]
    assert len(set(found)) == 1
    text = (tmp_path / "w0/out/part-00000.jsonl").read_bytes()
    assert text == b"".join(path.read_bytes() for path in sorted((tmp_path / "w1/out").glob("part-*"))), "byte for byte"
    assert augment(one, tmp_path / "other", name, copies=2, seed=8)["content_hash"] != found[0]


def test_two_processes_leave_what_one_leaves(version: Path, tmp_path: Path) -> None:
    augment(version, tmp_path / "one", "Misspell")
    augment(version, tmp_path / "two", "Misspell", processes=2)
    assert outputs(tmp_path / "one") == outputs(tmp_path / "two")


def test_what_is_drawn_is_the_same_tomorrow() -> None:
    assert [Draw(1, "Misspell", 1, "ab", 0).bits() for _ in range(2)] == [2413919463986318134] * 2
    draw = Draw("x")
    assert draw.some_of(range(5), 9) == [1, 4, 3, 2, 0]
    shares = [draw.share() for _ in range(10_000)]
    assert 0 <= min(shares) < 0.001
    assert 0.999 < max(shares) < 1
    assert abs(sum(shares) / 10_000 - 0.5) < 0.01


def test_the_share_and_those_that_were_made_before(version: Path, tmp_path: Path) -> None:
    half = augment(version, tmp_path / "half", "Misspell", share=0.5)
    assert 18 <= half["augmented"] <= 42
    assert augment(version, tmp_path / "none", "Misspell", share=0.0)["ledger"] == {"in": 60, "out": 60, "dropped": {}}
    first = tmp_path / "first"
    assert augment(version, first, "Misspell")["augmented"] == 60
    assert augment(first / "out", tmp_path / "originals", "Insert_Words")["ledger"]["added"] == 60
    assert augment(first / "out", tmp_path / "all", "Insert_Words", of_made=True)["ledger"]["added"] == 120
    families = {record["_family"] for record in records(tmp_path / "all/out")}
    assert families == {record["id"] for record in records(version)}, "children of children belong to the first"


def test_lineage_comes_back_by_a_file_and_nobody_elses_is_taken_for_it(version: Path, tmp_path: Path) -> None:
    augment(version, tmp_path / "more", "Misspell")
    made = records(tmp_path / "more/out")
    back = records(version_of(made, tmp_path / "back"))
    assert [{**record, "source": "rows.jsonl"} for record in made] == back
    (foreign,) = records(version_of([{"text": "a reply", "_parent": "t1_x", "_family": "t3_y"}], tmp_path / "foreign"))
    assert (foreign["own__parent"], foreign["own__family"]) == ("t1_x", "t3_y")
    assert "_family" not in foreign


def test_a_look_shows_what_is_made(version: Path, tmp_path: Path) -> None:
    steps = [step.to_json() for step in read_plan({"steps": [{"kind": "Misspell", "options": {"copies": 2, "share": 0.5}}]})]
    looks = [
        plan_sample.run({"input": str(version), "steps": steps, "records": 20}, tmp_path / name, SilentReporter())
        for name in ("once", "twice")
    ]
    assert looks[0] == looks[1]
    (step,), made = looks[0]["steps"], looks[0]["made"]
    assert step["ledger"]["added"] == step["ledger"]["out"] - 20 > 0
    assert (step["changed"], looks[0]["dropped"], looks[0]["changed"]) == (0, [], [])
    known = {record["id"]: record for record in records(version)}
    assert len(made) == 10
    assert all(child["instruction"] != known[child["_parent"]]["instruction"] for child in made)


def test_who_names_nothing_known_is_told_what_is_known(version: Path, tmp_path: Path) -> None:
    with pytest.raises(PlatformError) as refused:
        augment(version, tmp_path / "work", "Backtranslate")
    assert (refused.value.code, refused.value.field) == (400, "augmentation")
    assert "Misspell" in (refused.value.limit or "")


# --- texts


def test_answers_stay_and_so_does_what_stands_word_for_word_in_the_question() -> None:
    asked = {
        "instruction": "Is the Important Problem often a big problem?",
        "input": "An important problem.",
        "output": "Important Problem",
    }
    for seed in range(20):
        found = varied("Replace_Synonyms", asked, seed, rate=1.0)
        assert "output" not in found
        assert "Important Problem" in found["instruction"]
    assert varied("Replace_Synonyms", asked, fields=["output"], rate=1.0)["output"] != asked["output"], "who names it means it"
    turns = [
        {"role": "system", "content": "big"},
        {"role": "user", "content": "A big one?"},
        {"role": "assistant", "content": "Small, big."},
    ]
    talk = varied("Replace_Synonyms", {"messages": turns})["messages"]
    assert [turn["content"] for turn in talk] == ["big", "A large one?", "Small, big."]
    pair = {"prompt": "Choose quickly.", "chosen": "quickly so", "rejected": "choose"}
    assert set(varied("Replace_Synonyms", pair)) == {"prompt"}


@pytest.mark.parametrize("name", TEXTS)
def test_code_addresses_and_kept_words_stay(name: str) -> None:
    text = "Please choose `choose big` from https://choose.example/big with os.path.join and mail big@choose.example for {choose} to 42nd"
    for seed in range(30):
        found = varied(name, {"text": text + " quickly"}, seed, rate=1.0, keep=["choose"])["text"]
        for fixed in ("`choose big`", "https://choose.example/big", "os.path.join", "big@choose.example", "{choose}", "42nd", " choose `"):
            assert fixed in found.replace("  ", " ") or name == "Insert_Words", found
        for fixed in ("`choose big`", "https://choose.example/big", "os.path.join", "{choose}"):
            assert fixed in found


def test_synonyms_agree_with_article_and_capitals_and_keep_longer_words() -> None:
    found = {varied("Replace_Synonyms", {"text": "A main ERROR: Often."}, seed, rate=1.0)["text"] for seed in range(40)}
    assert found == {f"A {word} MISTAKE: Frequently." for word in ("primary", "chief")}
    assert varied("Replace_Synonyms", {"text": "an idea"}) is None, "a concept would want another article"
    assert varied("Replace_Synonyms", {"text": "bigger, mistaken, don't"}) is None
    assert varied("Replace_Synonyms", {"text": "不过分，十分钟。"}) is None
    assert varied("Replace_Synonyms", {"text": "因为"})["text"] == "由于"


def test_the_words_of_the_caller() -> None:
    given = {"words": ["heart attack, myocardial infarction", "感冒，上呼吸道感染"], "only_given": True}
    assert (
        varied("Replace_Synonyms", {"text": "Heart  attack? heart attack, big"}, **given)["text"]
        == "Heart  attack? myocardial infarction, big"
    )
    assert varied("Replace_Synonyms", {"text": "我感冒了，因为冷。"}, **given)["text"] == "我上呼吸道感染了，因为冷。"
    for wrong, field in (({"only_given": True}, "options.words"), ({"words": ["a, b", " ， "]}, "options.words[1]")):
        with pytest.raises(PlatformError) as refused:
            AUGMENTATIONS["Replace_Synonyms"].read(wrong)
        assert (refused.value.code, refused.value.field) == (400, field)


def test_insertions_stand_between_words() -> None:
    found = varied("Insert_Words", {"text": "one two"}, words=["um"])["text"]
    assert found == "one um two"
    assert varied("Insert_Words", {"text": "今天，我去。"}, words=["嗯"], rate=1.0)["text"] == "嗯今天，嗯我去。"
    assert varied("Insert_Words", {"text": "今天，我去。"}, words=["um"]) is None, "nothing of this language was given"


def test_errors_are_those_that_were_asked_for() -> None:
    word = "keyboard"
    made = {
        error: {varied("Misspell", {"text": word}, seed, errors=[error])["text"] for seed in range(200)}
        for error in ("swap", "drop", "double")
    }
    assert made["drop"] == {word[:at] + word[at + 1 :] for at in range(1, 8)}
    assert made["double"] == {word[:at] + word[at] + word[at:] for at in range(1, 8)}
    assert made["swap"] == {word[:at] + word[at + 1] + word[at] + word[at + 2 :] for at in range(1, 7)}
    neighbours = {varied("Misspell", {"text": "aaga"}, seed, errors=["alike"])["text"][2] for seed in range(200)} - {"g"}
    assert neighbours == set("fhtyvb"), "the keys that touch g"
    assert {varied("Misspell", {"text": "在"}, seed, errors=["alike"])["text"] for seed in range(9)} == {"再"}
    assert {varied("Misspell", {"text": "未来"}, seed, errors=["swap", "drop"])["text"] for seed in range(40)} == {"来未", "来"}
    assert varied("Misspell", {"text": "the cat"}) is None, "short words would be other words"
    with pytest.raises(PlatformError) as refused:
        AUGMENTATIONS["Misspell"].read({"errors": ["typo"]})
    assert (refused.value.reason, refused.value.field) == (Reason.UNKNOWN_ENUM, "options.errors")


# --- families and the split


def split(version: Path, work: Path, **options: Any) -> tuple[dict[str, Any], list[dict[str, Any]], list[dict[str, Any]]]:
    result = splitting.run(
        {"input": str(version), "options": {"on_leak": "drop", "allow_drop_share": 1.0, **options}}, work, SilentReporter()
    )
    return result, records(work / "out/train"), records(work / "out/test")


@pytest.mark.parametrize("group_by", ["question", "record"])
def test_children_never_cross_a_split(version: Path, tmp_path: Path, group_by: str) -> None:
    more = augment(version, tmp_path / "more", "Misspell", copies=4, rate=0.3)["records"]
    assert more > 60 * 4
    for seed in range(4):
        result, train, test = split(tmp_path / "more/out", tmp_path / str(seed), group_by=group_by, seed=seed, test_fraction=0.3)
        dropped = lines(tmp_path / str(seed) / "dropped")
        assert len(train) + len(test) + len(dropped) == result["ledger"]["in"] == more
        inside, outside = {record["_family"] for record in train}, {record["_family"] for record in test}
        assert inside.isdisjoint(outside)
        assert len(outside) == 18, "families are drawn, not what was made of them"
        _, _, plain = split(version, tmp_path / f"plain{seed}", group_by=group_by, seed=seed, test_fraction=0.3)
        assert {record["id"] for record in test if "_parent" not in record} == {record["id"] for record in plain}, "as without augmentation"


def test_neither_where_a_step_changed_or_took_the_parent(version: Path, tmp_path: Path) -> None:
    rows = [{"instruction": f"Which quickly chosen way has <b>number</b> {n}?", "input": "", "output": f"N {n}."} for n in range(20)]
    rows += [{"instruction": f"Why is badword {n} important?", "input": "", "output": f"N {n}."} for n in range(20)]
    before = version_of(rows, tmp_path / "tags", shard_bytes=900)
    augment(before, tmp_path / "more", "Misspell", copies=4, keep=["number"], rate=0.5)
    clean(tmp_path / "more/out", tmp_path / "clean", ("Strip_Html", {"apply_to": "all"}), ("Remove_Noncompliant", {"words": ["badword"]}))
    after = records(tmp_path / "clean/out")
    originals = {record["id"] for record in after if "_parent" not in record}
    orphans = {
        record["_family"] for record in after if record.get("_parent", "") not in originals and "badword" not in record["instruction"]
    }
    assert len(originals) == 20
    assert originals.isdisjoint(record["_parent"] for record in after if "_parent" in record), "their ids are others now"
    assert len(orphans) > 30
    for seed in range(4):
        _, train, test = split(tmp_path / "clean/out", tmp_path / str(seed), group_by="question", seed=seed, test_fraction=0.5)
        assert {record["_family"] for record in train}.isdisjoint(record["_family"] for record in test)
        assert train
        assert test


def test_families_go_where_the_named_groups_go(version: Path, tmp_path: Path) -> None:
    augment(version, tmp_path / "more", "Insert_Words", copies=2)
    asked = ROWS[3]["instruction"]
    _, _, test = split(tmp_path / "more/out", tmp_path / "held", group_by="question", held_out=[asked])
    assert len(test) == 3
    assert [record["instruction"] == asked for record in test] == [True, False, False]


def test_one_family_is_one_group(tmp_path: Path) -> None:
    version = version_of(ROWS[:1], tmp_path / "in")
    augment(version, tmp_path / "more", "Misspell", copies=5)
    with pytest.raises(PlatformError) as refused:
        split(tmp_path / "more/out", tmp_path / "work", group_by="question")
    assert refused.value.field == "options.test_fraction"
