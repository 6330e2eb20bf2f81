"""How a model is asked in ids: what training, evaluation and serving need of a tokenizer, whatever the layout is."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, Protocol

from libs.lm.tokenizer import Question as Question


class Asking(Protocol):
    """eos_id: ends an answer that is learned or scored. stops: ids that end one that is made, ``eos_id`` among them. vocab_size: ids that
    mean something; the network may have rows for more."""

    @property
    def eos_id(self) -> int: ...
    @property
    def stops(self) -> frozenset[int]: ...
    @property
    def vocab_size(self) -> int: ...

    def encode(self, text: str) -> list[int]:
        """Ids of plain text; never one that steers, whatever is typed."""

    def decode(self, ids: Iterable[int]) -> str:
        """Text of ``ids``; ids that steer vanish."""

    def plain(self, text: str) -> list[int]:
        """A text to go on with, without a chat around it: as ``encode``, behind what every text begins with."""

    def prompt(self, question: Question) -> list[int]:
        """What the model is asked to continue. A question may be a whole chat."""

    def prompt_messages(self, messages: Sequence[Mapping[str, Any]]) -> list[int]:
        """A chat as ids, ready for an answer. Raises PlatformError(400) naming ``messages[i].role`` or ``.content``."""

    def pair(self, question: Question, answer: str) -> tuple[list[int], int]:
        """(prompt, answer and ``eos_id`` as ids; length of the prompt part): what is learned and scored is behind that length."""

    def save(self, path: Path) -> None:
        """Writes ``tokenizer.json``."""
