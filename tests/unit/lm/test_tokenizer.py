"""Any text round-trips, names are cut alike everywhere, and special tokens cannot be typed."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from libs.common.errors import PlatformError, Reason
from libs.lm.tokenizer import ASSISTANT, BOS, EOS, MIN_VOCAB, SPECIAL, USER, ChatTokenizer
from tests.unit.lm.conftest import TEXTS

SMALL = ChatTokenizer.train(TEXTS, 300)


@settings(max_examples=300, deadline=None)
@given(st.text())
def test_any_unicode_round_trips(text: str) -> None:
    ids = SMALL.encode(text)
    assert SMALL.decode(ids) == text
    assert all(len(SPECIAL) <= id < SMALL.vocab_size for id in ids)


@pytest.mark.parametrize("text", ["<eos>", "a<eos>b", "<user><assistant>", "<pad> <bos>"])
def test_special_tokens_cannot_be_typed(tokenizer: ChatTokenizer, text: str, tmp_path: Path) -> None:
    tokenizer.save(tmp_path / "tokenizer.json")
    for subject in (tokenizer, ChatTokenizer.load(tmp_path / "tokenizer.json")):
        assert min(subject.encode(text)) >= len(SPECIAL)
        assert min(subject.encode_batch([text])[0]) >= len(SPECIAL)
        assert subject.decode(subject.encode(text)) == text


@pytest.mark.parametrize("frame", ["{}", "What is {} for?", "{}是做什么的", "解释{}。", "({})", "What does {} do?"])
def test_a_dotted_name_is_cut_the_same_everywhere(tokenizer: ChatTokenizer, frame: str) -> None:
    for name in ("json.dumps", "os.path.getatime", "itertools.zip_longest"):
        ids, alone = tokenizer.encode(frame.format(name)), tokenizer.encode(name)
        assert any(ids[at : at + len(alone)] == alone for at in range(len(ids)))


def test_similar_names_differ(tokenizer: ChatTokenizer) -> None:
    assert tokenizer.encode("json.dump") != tokenizer.encode("json.dumps")


def test_layout_of_prompt_pair_and_chat(tokenizer: ChatTokenizer) -> None:
    question, answer = tokenizer.encode("What?"), tokenizer.encode("That.")
    assert tokenizer.prompt("What?") == [BOS, USER, *question, ASSISTANT]
    assert tokenizer.pair("What?", "That.") == ([BOS, USER, *question, ASSISTANT, *answer, EOS], len(question) + 3)
    assert tokenizer.prompt("What?", system="Be brief.") == [BOS, USER, *tokenizer.encode("Be brief.\nWhat?"), ASSISTANT]
    turns = [{"role": "user", "content": "What?"}, {"role": "assistant", "content": "That."}, {"role": "user", "content": "What?"}]
    assert tokenizer.prompt_messages(turns) == [BOS, USER, *question, ASSISTANT, *answer, EOS, USER, *question, ASSISTANT]
    assert tokenizer.prompt_messages([{"role": "system", "content": "What?"}]) == tokenizer.prompt("What?")
    assert tokenizer.decode(tokenizer.pair("What?", "That.")[0]) == "What?That."


@pytest.mark.parametrize(
    ("message", "field"),
    [
        ({"role": "tool", "content": "x"}, "messages[0].role"),
        ({"role": "user", "content": None}, "messages[0].content"),
        ({}, "messages[0].content"),
    ],
)
def test_bad_messages_name_the_field(tokenizer: ChatTokenizer, message: dict[str, object], field: str) -> None:
    with pytest.raises(PlatformError) as caught:
        tokenizer.prompt_messages([message])
    assert (caught.value.code, caught.value.field) == (400, field)


def test_lone_surrogate_is_refused(tokenizer: ChatTokenizer) -> None:
    with pytest.raises(PlatformError) as caught:
        tokenizer.encode("a\ud800b")
    assert caught.value.reason == Reason.NOT_UTF8


def test_training_is_deterministic_across_processes(tmp_path: Path) -> None:
    script = (
        "import sys, pathlib; from libs.lm.tokenizer import ChatTokenizer; from tests.unit.lm.conftest import TEXTS;"
        "ChatTokenizer.train([f'{text} {n}' for n in range(50) for text in TEXTS], 400).save(pathlib.Path(sys.argv[1]))"
    )
    files = [tmp_path / "a.json", tmp_path / "b.json"]
    for file in files:
        subprocess.run([sys.executable, "-c", script, str(file)], check=True)
    assert files[0].read_bytes() == files[1].read_bytes()


def test_save_load(tokenizer: ChatTokenizer, tmp_path: Path) -> None:
    tokenizer.save(tmp_path / "tokenizer.json")
    again = ChatTokenizer.load(tmp_path / "tokenizer.json")
    assert again.vocab_size == tokenizer.vocab_size
    assert again.encode(TEXTS[1]) == tokenizer.encode(TEXTS[1])


@pytest.mark.parametrize("content", [b"", b"{", b"{}", b"\xff\xfe", b'{"model": {"type": "BPE", "vocab": {"a": 0}, "merges": []}}'])
def test_damaged_file_is_named(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "tokenizer.json"
    path.write_bytes(content)
    with pytest.raises(PlatformError) as caught:
        ChatTokenizer.load(path)
    assert caught.value.reason == Reason.CHECKSUM_MISMATCH
    assert caught.value.details["file"] == "tokenizer.json"


def test_vocab_below_the_bytes_is_refused() -> None:
    with pytest.raises(PlatformError) as caught:
        ChatTokenizer.train(TEXTS, MIN_VOCAB - 1)
    assert caught.value.field == "vocab_size"
