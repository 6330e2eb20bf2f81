"""The tokenizer of a model made elsewhere: its ``tokenizer.json`` and what an import kept in ``config.json``. Never torch.

Decides that what people say cannot steer: a text that looks like a control token ("<|im_end|>") is taken apart like any other, because
their pieces are made by a copy of the tokenizer that has never heard of control tokens. Text between two control tokens is cut as one, as
the maker's own library does.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from libs.common.errors import PlatformError, Reason
from libs.lm.tokenizer import utf8
from libs.models.causal_lm.asking import Question
from libs.models.causal_lm.chat import Chat, Piece, read_chat
from libs.models.causal_lm.config import OURS

if TYPE_CHECKING:
    from tokenizers import Tokenizer

_CONFIG, _TOKENIZER = "config.json", "tokenizer.json"
MOST_BYTES = 256 << 20


class FolderTokenizer:
    """chat: the texts around turns. eos_id: ends an answer. stops: all that end one. begin: ids before a text without a chat."""

    def __init__(self, text: str, chat: Chat, eos_id: int, stops: Iterable[int], begin: Sequence[int] = ()) -> None:
        """text: of ``tokenizer.json``. Raises whatever the library raises for one that is none."""
        from tokenizers import Tokenizer

        self._text, self.chat = text, chat
        self.eos_id, self.stops, self._begin = eos_id, frozenset({eos_id, *stops}), list(begin)
        self._backend: Tokenizer = Tokenizer.from_str(text)
        self._deaf: Tokenizer = Tokenizer.from_str(
            json.dumps({**json.loads(text), "added_tokens": [], "truncation": None, "padding": None})
        )
        self._control = {token.content: id for id, token in self._backend.get_added_tokens_decoder().items()}
        self._steering = frozenset(self._control.values())
        names = sorted(self._control, key=len, reverse=True)
        self._cut = re.compile("(" + "|".join(map(re.escape, names)) + ")") if names else None
        known = self._backend.get_vocab(with_added_tokens=True).values()
        self.vocab_size: int = max(known, default=-1) + 1

    @classmethod
    def load(cls, folder: Path) -> FolderTokenizer:
        """Of a model folder. Raises PlatformError(422) FILE_MISSING or CHECKSUM_MISMATCH that names the file."""
        try:
            text = (folder / _TOKENIZER).read_text(encoding="utf-8")
            kept = json.loads((folder / _CONFIG).read_bytes())[OURS]
        except FileNotFoundError as error:
            raise PlatformError(422, Reason.FILE_MISSING, file=Path(error.filename).name) from None
        except UnicodeDecodeError:
            raise _damaged(_TOKENIZER, "not UTF-8") from None
        except (ValueError, KeyError, TypeError):
            raise _damaged(_CONFIG, f"lacks {OURS}, which an import writes") from None
        try:
            return cls(text, read_chat(kept.get("chat")), kept["end"], kept["stops"], kept["begin"])
        except (PlatformError, AttributeError, KeyError, TypeError):
            raise _damaged(_CONFIG, f"its part {OURS} is not of this format") from None
        except Exception as error:  # the library raises bare Exception for every kind of damage
            raise _damaged(_TOKENIZER, str(error)[:200]) from None

    def save(self, path: Path) -> None:
        """Write ``tokenizer.json`` as it came. Not atomic: ``artifact`` writes beside and renames."""
        path.write_text(self._text, encoding="utf-8")

    def kept(self) -> dict[str, Any]:
        """What ``config.json`` has to say of it."""
        return {"chat": self.chat.to_json(), "end": self.eos_id, "stops": sorted(self.stops), "begin": self._begin}

    def encode(self, text: str) -> list[int]:
        """Ids of plain text; never a control token."""
        ids: list[int] = self._deaf.encode(utf8(text), add_special_tokens=False).ids
        return ids

    def decode(self, ids: Iterable[int]) -> str:
        """Text of ``ids``; control tokens vanish, bytes that are not UTF-8 (a cut character) become U+FFFD."""
        text: str = self._backend.decode(list(ids), skip_special_tokens=True)
        return text

    def plain(self, text: str) -> list[int]:
        """A text to go on with, without a chat around it."""
        return [*self._begin, *self.encode(text)]

    def prompt(self, question: Question) -> list[int]:
        """What the model is asked to continue. A question may be a whole chat."""
        return self.prompt_messages([{"role": "user", "content": question}] if isinstance(question, str) else question)

    def prompt_messages(self, messages: Sequence[Mapping[str, Any]]) -> list[int]:
        """A chat as ids, ready for an answer. Raises as ``Chat.pieces``."""
        return self.ids(self.chat.pieces(messages))

    def pair(self, question: Question, answer: str) -> tuple[list[int], int]:
        """A training example: (prompt, answer and its end as ids; length of the prompt part)."""
        prompt = self.prompt(question)
        return [*prompt, *self.encode(answer.strip() if self.chat.strip else answer), self.eos_id], len(prompt)

    def ids(self, pieces: Iterable[Piece]) -> list[int]:
        """Pieces as ids: text between two control tokens is cut as one, whoever said it."""
        found: list[int] = []
        text = ""
        for part, id in self._parts(pieces):
            if id is None:
                text += part
                continue
            found += [*(self.encode(text) if text else ()), id]
            text = ""
        return found + (self.encode(text) if text else [])

    def control(self, text: str) -> int | None:
        """The id of a control token; None where there is none of that name."""
        return self._control.get(text)

    @property
    def controls(self) -> list[str]:
        """The names of all control tokens."""
        return list(self._control)

    def steers(self, id: int) -> bool:
        """Whether it is a control token."""
        return id in self._steering

    def dressed(self, text: str) -> list[int]:
        """As ``rendered``, with what the maker's library puts around a text. For comparison."""
        ids: list[int] = self._backend.encode(text, add_special_tokens=True).ids
        return ids

    def rendered(self, text: str) -> list[int]:
        """Ids of a whole text as the maker's library cuts it, control tokens in it included. For comparison."""
        ids: list[int] = self._backend.encode(utf8(text), add_special_tokens=False).ids
        return ids

    def _parts(self, pieces: Iterable[Piece]) -> Iterator[tuple[str, int | None]]:
        """(text, None) or (control token, its id)."""
        for text, said in pieces:
            if said or self._cut is None:
                yield text, None
                continue
            for part in self._cut.split(text):
                yield part, self._control.get(part)


def _damaged(file: str, problem: str) -> PlatformError:
    return PlatformError(422, Reason.CHECKSUM_MISMATCH, file=file, problem=problem)
