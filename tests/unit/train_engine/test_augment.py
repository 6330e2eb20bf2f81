"""Varied questions keep their answer, their name and their frame; only filling words change."""

from __future__ import annotations

import random
import re

from libs.lm.tokenizer import ASSISTANT, BOS, USER, ChatTokenizer
from services.train.engine.augment import Variation
from services.train.engine.data import Example, Record, encode
from tests.unit.train_engine.conftest import FACTS, TRAINED


def _examples() -> tuple[ChatTokenizer, list[Example]]:
    records = [Record(form.format(name), answer) for name, answer in FACTS.items() for form in TRAINED]
    tokenizer = ChatTokenizer.train([text for record in records for text in (record.question, record.answer)], 400)
    return tokenizer, encode(records, tokenizer, 64)[0]


def test_only_phrasing_changes() -> None:
    tokenizer, examples = _examples()
    variation = Variation(examples, tokenizer, 1.0)
    assert {tokenizer.decode([id]) for id in variation.common} >= {" does", "？"}
    changed = 0
    for number, example in enumerate(examples):
        dice = random.Random(number)
        for _ in range(50):
            varied = variation.apply(example, dice)
            question = varied.ids[: varied.prompt]
            changed += varied != example
            assert varied.ids[varied.prompt :] == example.ids[example.prompt :]
            assert question[:2] == (BOS, USER)
            assert question[-1] == ASSISTANT
            allowed = variation.common | set(variation.first) | set(variation.later)
            assert [id for id in question if id not in allowed] == [id for id in example.ids[: example.prompt] if id not in allowed]
    assert changed > 25 * len(examples)


def test_nothing_new_continues_a_name() -> None:
    """After a piece of a name comes what came there before, or something that cannot be the rest of a word."""
    tokenizer, examples = _examples()
    variation = Variation(examples, tokenizer, 1.0)
    names = {id for name in FACTS for id in tokenizer.encode(name)} - variation.common
    letters = re.compile("[A-Za-z0-9]")
    dice = random.Random(1)
    seen = 0
    for example in examples:
        original = set(zip(example.ids, example.ids[1:], strict=False))
        for _ in range(50):
            varied = variation.apply(example, dice)
            for left, right in zip(varied.ids, varied.ids[1 : varied.prompt], strict=False):
                if left in names and left not in variation.plain and (left, right) not in original:
                    seen += 1
                    assert right in variation.later or not letters.match(tokenizer.decode([right]))
    assert seen > 100


def test_the_same_dice_give_the_same_question() -> None:
    tokenizer, examples = _examples()
    variation = Variation(examples, tokenizer, 0.7)
    assert [variation.apply(example, random.Random(3)) for example in examples] == [
        variation.apply(example, random.Random(3)) for example in examples
    ]


def test_off_and_nothing_common_change_nothing() -> None:
    tokenizer, examples = _examples()
    off = Variation(examples, tokenizer, 0.0)
    assert all(off.apply(example, random.Random(1)) is example for example in examples)
    alone = Variation(examples[:1], tokenizer, 1.0)  # one answer only: nothing can be told to be phrasing
    assert alone.apply(examples[0], random.Random(1)) is examples[0]
