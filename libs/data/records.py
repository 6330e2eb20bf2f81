"""What a record is: a JSON object whose ``id`` is the hash of what it says.

Its kinds are in ``kinds``. Decides the canonical form: keys sorted, no spaces, UTF-8, finite numbers. Decides identity too:
``source``, the file a record came from, is where it was found and not what it is. Equal content has an equal id on any machine, from
whatever folder; two equal rows are the same record twice. What a row itself calls ``id`` and ``source`` is kept as ``own_id`` and
``own_source``. Of whom a record was made by augmentation (``_parent``) and to which family it belongs (``_family``) is where it came from,
too: a rule that changes a record leaves it in its family, though its id becomes another.
"""

from __future__ import annotations

import hashlib
import json
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from libs.common.folding import fold
from libs.data.blobs import named_in

Record = dict[str, Any]
ID_LENGTH = 32  # hex digits, 128 bits
PROVENANCE = ("id", "source")  # of a record, and no part of what it says
PARENT, FAMILY = "_parent", "_family"  # the id of the record it was made of; the id of the first one of all that were made of one another
LINEAGE = (PARENT, FAMILY)  # of those that augmentation made, and of those it made them of
_NAMES = frozenset((*PROVENANCE, *LINEAGE))
PAIR = ("prompt", "chosen", "rejected")  # of a preference; elsewhere they are columns like any other
SAID = ("system", "history", "instruction", "input", "output", "messages", "conversations", *PAIR)
_SAYING = ("content", "value", "text")  # keys of a turn, and of a part of one
ASKING, COMMANDING = ("user", "human"), ("system", "developer")


def canonical(fields: Mapping[str, Any]) -> str:
    """The one spelling of ``fields`` (which must not contain ``id``). Raises ValueError for NaN and infinity."""
    return json.dumps(fields, ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False)


def content_of(record: Mapping[str, Any]) -> Record:
    """What makes a record this one: all of it but its id and where it came from."""
    return {key: value for key, value in record.items() if key not in _NAMES}


def record_id(record: Mapping[str, Any]) -> str:
    """First 32 hex digits of SHA-256 over the canonical content. Raises UnicodeEncodeError for lone surrogates."""
    return text_id(canonical(content_of(record)))


def text_id(text: str) -> str:
    """The id of content in canonical form."""
    return bytes_id(text.encode())


def bytes_id(data: bytes) -> str:
    """The same over bytes: names a row that could not be read as a record."""
    return hashlib.sha256(data).hexdigest()[:ID_LENGTH]


def identified(record: Mapping[str, Any]) -> tuple[Record, bytes]:
    """(the record under its own id, its line in a part file). One serialisation of the content serves both."""
    content = content_of(record)
    text = canonical(content)
    where = {"id": text_id(text), **{name: record[name] for name in ("source", *LINEAGE) if name in record}}
    separator = "," if content else ""
    return {**where, **content}, f"{canonical(where)[:-1]}{separator}{text[1:]}\n".encode()


def line_as_is(record: Mapping[str, Any]) -> bytes:
    """The line of a record that keeps the id it has: between two stages of one task the id still names the input record."""
    return (canonical(record) + "\n").encode()


def content_hash(sorted_ids: Iterable[str]) -> str:
    """``sha256:…`` over the sorted ids, one per line: independent of order and of sharding, sensitive to every repetition."""
    digest = hashlib.sha256()
    for id in sorted_ids:
        digest.update(id.encode() + b"\n")
    return "sha256:" + digest.hexdigest()


def family_of(record: Mapping[str, Any]) -> str:
    """To which family a record belongs, "" for one that nothing was made of."""
    family = record.get(FAMILY)
    return family if isinstance(family, str) else ""


def spoken(value: Any) -> Iterator[str]:
    """Every text that is said in a field: a text, turns, pairs of a history, the text parts of a turn."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, list):
        for item in value:
            yield from spoken(item)
    elif isinstance(value, dict):
        for key in _SAYING:
            yield from spoken(value.get(key))


def said(value: Any, change: Callable[[str], str]) -> Any:
    """A field with every text that is said in it (``spoken``) changed, all else as it was."""
    if isinstance(value, str):
        return change(value)
    if isinstance(value, list):
        return [said(item, change) for item in value]
    if isinstance(value, dict):
        return {key: said(item, change) if key in _SAYING else item for key, item in value.items()}
    return value


def text_of(record: Mapping[str, Any]) -> str:
    """What rules look at: the text of a document, the term of a lexicon, else all that is said to and by the model: system, history,
    question, answer, turns."""
    if isinstance(record.get("text"), str):
        return str(record["text"])
    keys = SAID if is_pair(record) else (key for key in SAID if key not in PAIR)
    return "\n".join(text for key in keys for text in spoken(record.get(key)) if text) or "".join(spoken(record.get("term")))


def is_pair(record: Mapping[str, Any]) -> bool:
    """Whether a record holds a preferred and another answer, and none that is simply the one."""
    return "chosen" in record and "rejected" in record and "output" not in record


def question_key(text: str) -> str:
    """The form in which questions are compared: folded (10² stays 10²), without case, every run of white space and punctuation one space.

    Symbols (+, <, $ …) stay: "C" and "C++" are two questions.
    """
    folded = fold(text).casefold()
    return " ".join("".join(" " if unicodedata.category(sign)[0] in "PZC" else sign for sign in folded).split())


def question_of(record: Mapping[str, Any]) -> str:
    """What a record asks: all turns up to the last answer, the system's aside; of a document its whole text, of a picture or a recording
    without any the bytes it is."""
    if isinstance(record.get("instruction"), str):
        asked = [text for key in ("history", "instruction", "input") for text in spoken(record.get(key))]
        return "\n".join(text for text in asked if text)
    talk = record.get("prompt") if is_pair(record) else record.get("messages") or record.get("conversations")
    if is_pair(record) and isinstance(talk, str):
        return talk
    turns = [turn for turn in talk or [] if isinstance(turn, dict)]
    roles = [str(turn.get("role", turn.get("from"))).lower() for turn in turns]
    last = max((place for place, role in enumerate(roles) if role in ASKING), default=-1)
    asked = [text for turn, role in zip(turns[: last + 1], roles, strict=False) if role not in COMMANDING for text in spoken(turn)]
    return "\n".join(text for text in asked if text) or text_of(record) or " ".join(sorted(named_in(record)))
