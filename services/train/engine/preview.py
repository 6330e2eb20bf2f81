"""What a training would leave out, looked at before it starts: the real tokenizer on the first records, so that the figure is exact for
small data and a good guess for large. Needs ``tokenizers``; where that is not installed nothing is foreseen.
"""

from __future__ import annotations

from itertools import islice
from pathlib import Path
from typing import Any

from libs.common.errors import PlatformError
from services.train.engine.data import encode, iter_records, texts_of
from services.train.engine.left_out import LeftOut
from services.train.engine.options import TrainOptions

MOST_RECORDS = 2000
MOST_CHARACTERS = 2_000_000


def preview(path: Path, options: TrainOptions) -> dict[str, Any] | None:
    """{"looked_at", "left_out", "longest", "block_size", "max_left_out"}: records and tokens. None where it cannot be told."""
    try:
        from libs.lm.tokenizer import ChatTokenizer

        left: list[LeftOut] = []
        records, characters = [], 0
        for record in islice(iter_records(path, left), MOST_RECORDS):
            records.append(record)
            characters += len(record.question) + len(record.answer)
            if characters > MOST_CHARACTERS:
                break
        looked_at = len(records) + len(left)
        tokenizer = ChatTokenizer.train(texts_of(records), options.vocab_size)
    except (ModuleNotFoundError, OSError, PlatformError):  # what is wrong with the data the task itself says, with file and row
        return None
    examples, too_long = encode(records, tokenizer, options.block_size)
    return {
        "looked_at": looked_at,
        "left_out": len(left) + len(too_long),
        "longest": max([*(len(example.ids) for example in examples), *(each.tokens for each in too_long)], default=0),
        "block_size": options.block_size,
        "max_left_out": options.max_left_out,
    }
