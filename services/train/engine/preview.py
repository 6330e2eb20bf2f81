"""What can be foreseen of a training before it starts: the real tokenizer on the first records, so that what would be left out is exact for
small data and a good guess for large, and from these records how long the training is and what it needs. Needs ``tokenizers``; where that
is not installed nothing is foreseen.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from pathlib import Path
from typing import Any

from libs.common.errors import PlatformError
from libs.models.causal_lm import artifact
from services.train.engine.data import Tokenizer, texts_of
from services.train.engine.estimate import Size, size_of
from services.train.engine.left_out import LeftOut
from services.train.engine.options import RunOptions, TrainOptions
from services.train.engine.reading import ANSWERS, PREFERENCES, Reading

MOST_RECORDS = 2000
MOST_CHARACTERS = 2_000_000
Asked = tuple[Tokenizer, int, Size]  # how records are put into ids, how many fit, and the model
Facts = dict[str, Any] | None


def scratch(path: Path, options: TrainOptions, _base: Path | None, records: int) -> Facts:
    """The facts of ``DataPreview`` about a version of ``records``; None where nothing can be told."""

    def asked(seen: list[Any]) -> Asked:
        from libs.lm.tokenizer import ChatTokenizer

        tokenizer = ChatTokenizer.train(texts_of(seen), options.vocab_size)
        return tokenizer, options.block_size, size_of(options.model_config(tokenizer.vocab_size))

    return _look(ANSWERS, path, options, asked, records)


def answers(path: Path, options: RunOptions, base: Path, records: int) -> Facts:
    return _look(ANSWERS, path, options, lambda _seen: _of_base(base), records)


def preferences(path: Path, options: RunOptions, base: Path, records: int) -> Facts:
    return _look(PREFERENCES, path, options, lambda _seen: _of_base(base), records)


def _of_base(folder: Path) -> Asked:
    config = artifact.read_config(folder)
    return artifact.read_tokenizer(folder), config.block_size, size_of(config)


def _look(reading: Reading, path: Path, options: RunOptions, asked: Callable[[list[Any]], Asked], records: int) -> Facts:
    left: list[LeftOut] = []
    try:
        seen = _first(reading, path, left)
        tokenizer, block_size, size = asked(seen)
        examples, too_long = reading.encode(seen, tokenizer, block_size)
    except (ModuleNotFoundError, OSError, PlatformError):  # what is wrong with the data the task itself says, with file and row
        return None
    looked_at = len(seen) + len(left)
    sizes = [sum(map(len, rows)) for rows in map(reading.rows, examples)]
    usable = round(records * len(examples) / looked_at) if looked_at else 0
    longest = max([*(len(row) for example in examples for row in reading.rows(example)), *(each.tokens for each in too_long)], default=0)
    trained = _trained(size, options)
    return {
        "looked_at": looked_at,
        "left_out": len(left) + len(too_long),
        "longest": longest,
        "block_size": block_size,
        "max_left_out": options.max_left_out,
        "steps": math.ceil(usable / options.batch_size) * options.epochs,
        "tokens": round(sum(sizes) / len(sizes) * usable) * options.epochs if sizes else 0,
        "parameters": size.parameters,
        "trained_parameters": trained,
        "memory_bytes": size.memory(trained, options.batch_size * reading.answers, min(longest, block_size)),
    }


def _first(reading: Reading, path: Path, left: list[LeftOut]) -> list[Any]:
    found, characters = [], 0
    for record in reading.iterate(path, left):
        found.append(record)
        characters += record.characters
        if characters > MOST_CHARACTERS or len(found) + len(left) >= MOST_RECORDS:
            break
    return found


def _trained(size: Size, options: RunOptions) -> int:
    """An adapter learns in place of the layer beside it."""
    rank = getattr(options, "rank", 0)
    return size.adapters(rank, getattr(options, "target_layers", ())) if rank else size.parameters
