"""Questions varied while training, so that a small model learns which words carry the fact and which only carry the phrasing.

Decides what "only phrasing" means from the data alone: a token that occurs in the questions of many different answers cannot tell
them apart. Such tokens are dropped, replaced by noise or followed by noise; tokens that single an answer out are never touched. On
data whose questions share no phrasing nothing is common and nothing changes.
"""

from __future__ import annotations

import random
from collections import Counter, defaultdict
from collections.abc import Sequence

from libs.lm.tokenizer import ASSISTANT, SPECIAL, USER, ChatTokenizer
from services.train.engine.data import Example

COMMON_SHARE = 0.25  # of all distinct answers: from here on a token is phrasing
MOST_WORDS = 3  # of noise put in one place
MOST_PIECES = 2  # a noise word has after its first
import os
NAME_SHARE=float(os.environ.get('NS','0.25'))


class Variation:
    """Which tokens are phrasing and what noise is made of; found once per run from the training examples."""

    def __init__(self, examples: Sequence[Example], tokenizer: ChatTokenizer, strength: float) -> None:
        """strength: 0 (off) to 1; the highest share of phrasing tokens that is changed in one question."""
        answers: defaultdict[tuple[int, ...], set[int]] = defaultdict(set)
        for example in examples:
            answers[example.ids[example.prompt :]].update(example.ids[: example.prompt])
        spread = Counter(token for tokens in answers.values() for token in tokens)
        needed = max(2.0, COMMON_SHARE * len(answers))
        self.common = frozenset(token for token, count in spread.items() if count >= needed and token >= len(SPECIAL))
        # A noise word begins with a piece that names nothing and cannot be the end of a name: "dump" and "dumps" are two facts. What
        # follows inside the word may be anything, names included: a strange word like "pur|pos|e" must not be read as one.
        pieces = {token: tokenizer.decode([token]) for token in range(len(SPECIAL), tokenizer.vocab_size)}
        self.later = [token for token, piece in pieces.items() if _joins(piece[:1])]
        self.first = [token for token, piece in pieces.items() if not _joins(piece[:1]) and (token in self.common or token not in spread)]
        self.plain = [token for token in self.later if token in self.common or token not in spread]
        self.edges = [token for token in self.first if not _joins(pieces[token][-1:])]
        self.open = frozenset(token for token, piece in pieces.items() if _joins(piece[-1:]))
        self.names = frozenset(spread) - self.common - frozenset(range(len(SPECIAL)))
        self.rest = self.common & frozenset(self.later)
        self.strength = strength if self.common and self.edges else 0.0

    def apply(self, example: Example, dice: random.Random) -> Example:
        """A varied copy of ``example``: the same answer to a question with other filling words."""
        if not self.strength:
            return example
        change = dice.random() * self.strength
        question: list[int] = []
        gone = False  # is the beginning of this word gone? Then its rest goes too, or it would hang on to a name
        for at, token in enumerate(example.ids[: example.prompt]):
            gone = gone and token in self.rest
            if token in self.common and not gone and not self._inside_a_name(example, at):
                varied = self._vary(token, change, dice)
                gone = varied[:1] != [token]
                question += varied
            elif gone:
                continue
            elif token in (USER, ASSISTANT) and dice.random() < change:
                noise = self._words(dice)
                question += [token, *noise] if token == USER else [*noise, token]
            else:
                if token in self.names and question[-1] in self.open and question[-1] != example.ids[at - 1]:
                    question.append(dice.choice(self.edges))  # a name begins after something that cannot run into it
                question.append(token)
        return Example((*question, *example.ids[example.prompt :]), len(question))

    def _inside_a_name(self, example: Example, at: int) -> bool:
        """The dot of "json.dumps" is as common as "the", yet it holds a name together."""
        return example.ids[at - 1] not in self.common and example.ids[at + 1] not in self.common

    def _vary(self, token: int, change: float, dice: random.Random) -> list[int]:
        chance = dice.random()
        if chance < change / 2:
            return []
        if chance < change:
            return self._words(dice, most=1)
        return [token, *self._words(dice)] if dice.random() < change / 4 else [token]

    def _words(self, dice: random.Random, most: int = MOST_WORDS) -> list[int]:
        words: list[int] = []
        for _ in range(dice.randint(1, most)):
            words.append(dice.choice(self.first))
            pool = self.later if dice.random() < NAME_SHARE or not self.plain else self.plain
            words += dice.choices(pool, k=dice.randint(0, MOST_PIECES)) if pool else []
        return words


def _joins(letter: str) -> bool:
    """Would this character run into a letter or digit beside it?"""
    return letter.isascii() and letter.isalnum()
