"""Text to ids and back, and the layout of a conversation in ids. Needs ``tokenizers`` only, never torch.

Byte-level BPE: any Unicode text round-trips. Decides two things beyond the library:

- How text is cut before merging (``CUT``). A dotted or underscored name is cut the same way wherever it stands ("json.dumps" after
  a space, after Chinese, at the start), because a small model cannot learn that " json" and "json" are the same module.
- Special tokens exist as ids only. The library is never told about them, so "<eos>" typed by a user is five ordinary characters.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from libs.common.errors import PlatformError, Reason, invalid

if TYPE_CHECKING:
    from tokenizers import Tokenizer

SPECIAL = ("<pad>", "<bos>", "<user>", "<assistant>", "<eos>")
PAD, BOS, USER, ASSISTANT, EOS = range(len(SPECIAL))
MIN_VOCAB = len(SPECIAL) + 256  # the specials and every byte

_LETTER = r"(?:(?!\p{Han})\p{L})"
CUT = "|".join(
    (
        rf" ?{_LETTER}+(?!{_LETTER}|[._]{_LETTER})",  # a word with the space before it, unless a name goes on after it
        rf"{_LETTER}+",  # a segment of a dotted or underscored name, without the space
        r"\p{Han}",  # Chinese by the character: phrasings share pieces
        r"\p{N}",  # digits one by one
        r"\s+(?=\S)|\s+",
        r"[^\s\p{L}\p{N}]",  # punctuation one by one: ".", "_" and "(" always look the same
    )
)


Question = str | Sequence[Mapping[str, Any]]
"""What a model is asked: the text of one user turn, or the messages of a chat."""


class ChatTokenizer:
    """A trained tokenizer. ``vocab_size`` is what it really has: at most what was asked for, fewer when the text is small."""

    eos_id = EOS
    pad_id = PAD
    stops = frozenset({EOS})

    def __init__(self, backend: Tokenizer) -> None:
        self._backend = backend
        self.vocab_size: int = backend.get_vocab_size()

    @classmethod
    def train(cls, texts: Iterable[str], vocab_size: int) -> ChatTokenizer:
        """Learn merges from ``texts``; equal texts in equal order give an equal tokenizer. Raises when vocab_size < MIN_VOCAB."""
        from tokenizers import Regex, Tokenizer, decoders, models, pre_tokenizers, trainers

        if vocab_size < MIN_VOCAB:
            raise invalid("vocab_size", Reason.TOO_SMALL, limit=f">= {MIN_VOCAB}")
        raw = Tokenizer(models.BPE())
        raw.pre_tokenizer = pre_tokenizers.Sequence(
            [
                pre_tokenizers.Split(Regex(CUT), "isolated"),
                pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False),
            ]
        )
        raw.decoder = decoders.ByteLevel()
        trainer = trainers.BpeTrainer(
            vocab_size=vocab_size,
            min_frequency=2,
            special_tokens=list(SPECIAL),
            initial_alphabet=sorted(pre_tokenizers.ByteLevel.alphabet()),
            show_progress=False,
        )
        raw.train_from_iterator((utf8(text) for text in texts), trainer)
        described = json.loads(raw.to_str())
        described["added_tokens"] = []  # otherwise "<eos>" inside a question would become the real one
        return cls(Tokenizer.from_str(json.dumps(described)))

    def save(self, path: Path) -> None:
        """Write ``tokenizer.json``. Not atomic: ``libs.models.causal_lm.artifact`` writes beside and renames."""
        path.write_text(self._backend.to_str(), encoding="utf-8")

    @classmethod
    def load(cls, path: Path) -> ChatTokenizer:
        """Read ``tokenizer.json``. Raises PlatformError(422) FILE_MISSING or CHECKSUM_MISMATCH that names the file."""
        from tokenizers import Tokenizer

        try:
            text = path.read_text(encoding="utf-8")
        except FileNotFoundError:
            raise PlatformError(422, Reason.FILE_MISSING, file=path.name) from None
        except UnicodeDecodeError:
            raise PlatformError(422, Reason.CHECKSUM_MISMATCH, file=path.name, problem="not UTF-8") from None
        try:
            backend = Tokenizer.from_str(text)
        except Exception as error:  # the library raises bare Exception for every kind of damage
            raise PlatformError(422, Reason.CHECKSUM_MISMATCH, file=path.name, problem=str(error)[:200]) from None
        if any(backend.token_to_id(token) != id for id, token in enumerate(SPECIAL)):
            raise PlatformError(422, Reason.CHECKSUM_MISMATCH, file=path.name, problem="special tokens are not ids 0..4")
        return cls(backend)

    def encode(self, text: str) -> list[int]:
        """Ids of plain text; never a special id."""
        ids: list[int] = self._backend.encode(utf8(text), add_special_tokens=False).ids
        return ids

    def encode_batch(self, texts: Sequence[str]) -> list[list[int]]:
        """``encode`` for many texts at once."""
        return [item.ids for item in self._backend.encode_batch([utf8(text) for text in texts], add_special_tokens=False)]

    def decode(self, ids: Iterable[int]) -> str:
        """Text of ``ids``; special ids vanish, bytes that are not UTF-8 (a cut character) become U+FFFD."""
        text: str = self._backend.decode([id for id in ids if id >= len(SPECIAL)], skip_special_tokens=False)
        return text

    def plain(self, text: str) -> list[int]:
        """A text to go on with, without a chat around it: behind the token every trained text starts with."""
        return [BOS, *self.encode(text)]

    def prompt(self, question: Question, system: str | None = None) -> list[int]:
        """<bos> <user> question <assistant>: what the model is asked to continue. A question may be a whole chat."""
        messages: list[Mapping[str, Any]] = [{"role": "user", "content": question}] if isinstance(question, str) else [*question]
        if system:
            messages.insert(0, {"role": "system", "content": system})
        return self.prompt_messages(messages)

    def pair(self, question: Question, answer: str) -> tuple[list[int], int]:
        """A training example: (prompt, answer and <eos> as ids; length of the prompt part)."""
        prompt = self.prompt(question)
        return [*prompt, *self.encode(answer), EOS], len(prompt)

    def prompt_messages(self, messages: Sequence[Mapping[str, Any]]) -> list[int]:
        """A chat as ids, ending with <assistant>.

        messages: ``{"role": "system" | "user" | "assistant", "content": str}`` in order. System text has no token of its own: it
        stands before the next user text, a line apart. Raises PlatformError(400) naming ``messages[i].role`` or ``.content``.
        """
        ids = [BOS]
        system = ""
        for index, message in enumerate(messages):
            role, content = message.get("role"), message.get("content")
            if not isinstance(content, str):
                raise invalid(f"messages[{index}].content", Reason.WRONG_TYPE, limit="string")
            if role == "system":
                system += content + "\n"
            elif role == "user":
                ids += [USER, *self.encode(system + content)]
                system = ""
            elif role == "assistant":
                ids += [ASSISTANT, *self.encode(content), EOS]
            else:
                raise invalid(f"messages[{index}].role", Reason.UNKNOWN_ENUM, limit="system, user, assistant")
        if system:  # instructions after the last user turn are still a turn to answer
            ids += [USER, *self.encode(system[:-1])]
        return [*ids, ASSISTANT]


def utf8(text: str) -> str:
    """``text``, once it is known that UTF-8 can hold it (JSON admits lone surrogates, the library panics on them)."""
    try:
        text.encode("utf-8")
    except UnicodeEncodeError:
        raise invalid("text", Reason.NOT_UTF8, limit="no lone surrogates") from None
    return text
