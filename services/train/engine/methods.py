"""The training methods there are: what runs, with which options, and which version of its arithmetic a snapshot names. A method is one row
here and one module beside; service, worker and checks read it from this table.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from libs.common.errors import Reason, invalid
from services.train.engine.options import ENGINE, TrainOptions


@dataclass(frozen=True)
class Method:
    """entry: the engine, as a child process runs it. engine: rises when the same snapshot would give another model."""

    entry: str
    options: type[TrainOptions]
    engine: int


METHODS: Mapping[str, Method] = {
    "scratch": Method("services.train.engine.loop:run", TrainOptions, ENGINE),  # a small causal language model and its tokenizer
}


def method(name: str) -> Method:
    """Raises PlatformError 400 for a method that is not known."""
    if name not in METHODS:
        raise invalid("method", Reason.UNKNOWN_ENUM, "one of " + ", ".join(METHODS), value=name)
    return METHODS[name]
