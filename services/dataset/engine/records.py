"""What a record is: a JSON object whose ``id`` is the hash of everything else in it.

Two kinds are known. Document: ``{"id", "source", "text", ...}``. Question and answer: ``{"id", "instruction", "input", "output", "lang",
"subject", "template", "source"}``. Decides the canonical form: keys sorted, no spaces, UTF-8, finite numbers. Equal content therefore has
an equal id on any machine.
"""

from __future__ import annotations

import hashlib
import json
import unicodedata
from collections.abc import Iterable, Mapping
from typing import Any

from libs.common.folding import fold

Record = dict[str, Any]
ID_LENGTH = 32  # hex digits, 128 bits


def canonical(fields: Mapping[str, Any]) -> str:
    """The one spelling of ``fields`` (which must not contain ``id``). Raises ValueError for NaN and infinity."""
    return json.dumps(fields, ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False)


def without_id(record: Mapping[str, Any]) -> Record:
    """The content of a record."""
    return {key: value for key, value in record.items() if key != "id"}


def record_id(record: Mapping[str, Any]) -> str:
    """First 32 hex digits of SHA-256 over the canonical content. Raises UnicodeEncodeError for lone surrogates."""
    return text_id(canonical(without_id(record)))


def text_id(text: str) -> str:
    """The id of content in canonical form."""
    return bytes_id(text.encode())


def bytes_id(data: bytes) -> str:
    """The same over bytes: names a row that could not be read as a record."""
    return hashlib.sha256(data).hexdigest()[:ID_LENGTH]


def identified(record: Mapping[str, Any]) -> tuple[Record, bytes]:
    """(the record under its own id, its line in a part file). One serialisation serves both."""
    content = without_id(record)
    text = canonical(content)
    id = text_id(text)
    separator = "," if content else ""
    return {"id": id, **content}, f'{{"id":"{id}"{separator}{text[1:]}\n'.encode()


def line_as_is(record: Mapping[str, Any]) -> bytes:
    """The line of a record that keeps the id it has: between two stages of one task the id still names the input record."""
    return (canonical(record) + "\n").encode()


def content_hash(sorted_ids: Iterable[str]) -> str:
    """``sha256:…`` over the sorted ids, one per line: independent of order and of sharding, sensitive to every repetition."""
    digest = hashlib.sha256()
    for id in sorted_ids:
        digest.update(id.encode() + b"\n")
    return "sha256:" + digest.hexdigest()


def text_of(record: Mapping[str, Any]) -> str:
    """What rules look at: the text of a document, the question and answer of a pair, all turns of a conversation."""
    if isinstance(record.get("text"), str):
        return str(record["text"])
    parts = [record.get(key) for key in ("instruction", "input", "output")]
    turns = record.get("messages") or record.get("conversations") or []
    parts += [turn.get("content", turn.get("value")) for turn in turns if isinstance(turn, dict)]
    return "\n".join(part for part in parts if isinstance(part, str) and part)


def question_key(text: str) -> str:
    """The form in which questions are compared: folded (10² stays 10²), without case, every run of white space and punctuation one space.

    Symbols (+, <, $ …) stay: "C" and "C++" are two questions.
    """
    folded = fold(text).casefold()
    return " ".join("".join(" " if unicodedata.category(sign)[0] in "PZC" else sign for sign in folded).split())


def question_of(record: Mapping[str, Any]) -> str:
    """What a record asks: instruction and input of a pair, the first user turn of a conversation, else its whole text."""
    if isinstance(record.get("instruction"), str):
        return "\n".join(part for part in (record["instruction"], record.get("input")) if isinstance(part, str) and part)
    for turn in record.get("messages") or record.get("conversations") or []:
        if isinstance(turn, dict) and turn.get("role", turn.get("from")) in ("user", "human"):
            return str(turn.get("content", turn.get("value")))
    return text_of(record)
