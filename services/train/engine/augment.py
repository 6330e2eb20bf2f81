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

SPECIAL_IDS = frozenset(range(len(SPECIAL)))
COMMON_SHARE = 0.3  # of all distinct answers: from here on a token is phrasing
MOST_WORDS = 3  # of noise put in one place
MOST_PIECES = 2  # a noise word has after its first
NAME_SHARE = 0.1  # of noise words may go on with pieces of names; measured: 0 misreads strange words, 0.25 learns too slowly


class Variation:
    """Which tokens are phrasing and what noise is made of; found once per run from the training examples."""

    def __init__(self, examples: Sequence[Example], tokenizer: ChatTokenizer, strength: float) -> None:
        """strength: 0 (off) to 1; the highest share of phrasing tokens that is changed in one question."""
        answers: defaultdict[tuple[int, ...], set[int]] = defaultdict(set)
        for example in examples:
            answers[example.ids[example.prompt :]].update(example.ids[: example.prompt])
        spread = Counter(token for tokens in answers.values() for token in tokens)
        needed = max(2.0, COMMON_SHARE * len(answers))
        self.common = frozenset(token for token, count in spread.items() if count >= needed) - SPECIAL_IDS
        # A noise word begins with a piece that names nothing and cannot be the end of a name: "dump" and "dumps" are two facts. What
        # follows inside the word is now and then a piece of a name: a strange word like "pur|pos|e" must not be read as one.
        pieces = {token: tokenizer.decode([token]) for token in range(len(SPECIAL), tokenizer.vocab_size)}
        self.later = [token for token, piece in pieces.items() if _joins(piece[:1])]
        self.first = [token for token, piece in pieces.items() if not _joins(piece[:1]) and (token in self.common or token not in spread)]
        self.plain = [token for token in self.later if token in self.common or token not in spread]
        self.edges = [token for token in self.first if not _joins(pieces[token][-1:])]
        self.open = frozenset(token for token, piece in pieces.items() if _joins(piece[-1:]))
        self.names = frozenset(spread) - self.common - SPECIAL_IDS
        self.joining = frozenset(self.later)
        self.strength = strength if self.common and self.edges else 0.0

    def apply(self, example: Example, dice: random.Random) -> Example:
        """A varied copy of ``example``: the same answer to a question with other filling words."""
        if not self.strength:
            return example
        change = dice.random() * self.strength
        words = self._words_of(example)
        named = [any(token in self.names for token in word) for word in words]
        asked = max(at for at, word in enumerate(words) if word[0] == USER)  # what was said before stays as it was said
        question: list[int] = [token for word in words[:asked] for token in word]
        for at, word in enumerate(words[asked:], start=asked):
            if word[0] in (USER, ASSISTANT):
                noise = self._noise(dice) if dice.random() < change else []
                question += [*word, *noise] if word[0] == USER else [*noise, *word]
            elif named[at]:
                if word[0] in self.joining and question[-1] in self.open:
                    question.append(dice.choice(self.edges))  # a name begins after something that cannot run into it
                question += word
            elif word[0] in SPECIAL_IDS or (named[at - 1] and named[at + 1]):
                question += word  # the dot of "json.dumps" is as common as "the", yet it holds a name together
            else:
                question += self._vary(word, change, dice)
        return Example((*question, *example.ids[example.prompt :]), len(question))

    def _words_of(self, example: Example) -> list[list[int]]:
        """The prompt cut into words: pieces that run into each other stay together, everything else stands alone."""
        words = [[example.ids[0]]]
        for token in example.ids[1 : example.prompt]:
            if token in self.joining and words[-1][-1] in self.open:
                words[-1].append(token)
            else:
                words.append([token])
        return words

    def _vary(self, word: list[int], change: float, dice: random.Random) -> list[int]:
        chance = dice.random()
        if chance < change / 2:
            return []
        if chance < change:
            return self._noise(dice, most=1)
        return [*word, *self._noise(dice)] if dice.random() < change / 4 else word

    def _noise(self, dice: random.Random, most: int = MOST_WORDS) -> list[int]:
        words: list[int] = []
        for _ in range(dice.randint(1, most)):
            words.append(dice.choice(self.first))
            pool = self.later if dice.random() < NAME_SHARE or not self.plain else self.plain
            words += dice.choices(pool, k=dice.randint(0, MOST_PIECES)) if pool else []
        return words


def _joins(letter: str) -> bool:
    """Would this character run into a letter or digit beside it?"""
    return letter.isascii() and letter.isalnum()
