"""Rows of JSON lines and of JSON arrays. Stricter than JSON: no NaN or infinity, each key once, no null characters.

An array is cut at its top-level commas while it is read, so a file of any size needs the memory of one element.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any, BinaryIO

from libs.common.errors import Reason
from services.dataset.engine.rows import BOM, KEEP, READ, SPACE, Fault, Row, bounded_lines, not_utf8, row_fault, row_too_long


class BadValue(ValueError):
    """A value inside a row that JSON allows and we do not."""

    def __init__(self, why: str, column: str | None = None) -> None:
        super().__init__(why)
        self.why, self.column = why, column


def strict_json(text: str) -> Any:
    """JSON without NaN, infinity, duplicate keys and null characters. Raises BadValue or ValueError (JSONDecodeError), RecursionError."""
    value = _DECODER.decode(text)
    _no_null(text, value)
    return value


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        seen: set[str] = set()
        raise BadValue("duplicate key", next(key for key, _ in pairs if key in seen or seen.add(key)))  # type: ignore[func-returns-value]
    return found


def _refuse_constant(name: str) -> Any:
    raise BadValue(f"the number {name}")


_DECODER = json.JSONDecoder(object_pairs_hook=_unique, parse_constant=_refuse_constant)


def _no_null(text: str, value: Any) -> None:
    if "\\u0000" in text and "\0" in texts_in(value):
        raise BadValue("a null character", _null_column(value))


def texts_in(value: Any) -> str:
    """All texts inside a JSON value, one after the other."""
    if isinstance(value, str):
        return value
    items = [*value.keys(), *value.values()] if isinstance(value, dict) else value if isinstance(value, list) else ()
    return "".join(map(texts_in, items))


def _null_column(value: Any) -> str | None:
    return next((key for key, item in value.items() if "\0" in texts_in(item)), None) if isinstance(value, dict) else None


def _parsed(number: int, text: str, complete: bool) -> Row:
    """A row from the text of one JSON object. complete: whether the line or element has its end."""
    raw = text[:KEEP].encode("utf-8", "replace")
    if "\0" in text:
        return Row(number, fault=row_fault("text without null characters", "a null character"), raw=raw)
    try:
        value = strict_json(text)
    except BadValue as bad:
        return Row(number, fault=row_fault("finite numbers, each key once, no null characters", bad.why, bad.column), raw=raw)
    except json.JSONDecodeError as error:
        if not complete and _cut_off(text.strip(), error.pos):
            return Row(number, fault=Fault(Reason.FILE_TRUNCATED, "a complete last row", error.msg, ends_file=True), raw=raw)
        return Row(number, fault=row_fault("one JSON object", f"{error.msg} at column {error.colno}"), raw=raw)
    except (ValueError, RecursionError) as error:  # an integer of thousands of digits, nesting without end
        return Row(number, fault=row_fault("one JSON object", type(error).__name__), raw=raw)
    if not isinstance(value, dict):
        return Row(number, fault=row_fault("one JSON object", f"a {type(value).__name__}"), raw=raw)
    return Row(number, value, raw=raw)


def _cut_off(text: str, position: int) -> bool:
    return text.startswith("{") and (not text.endswith("}") or position >= len(text))


def read_jsonl(handle: BinaryIO, limit: int) -> Iterator[Row]:
    """One object per line; blank lines are passed over. ``limit``: bytes of one line."""
    for number, line, whole in bounded_lines(handle, limit):
        if not whole:
            yield Row(number, fault=row_too_long(limit), raw=line)
        elif line.strip():
            yield _decoded(number, line)


def _decoded(number: int, line: bytes) -> Row:
    ended = line.endswith(b"\n")
    try:
        text = line.decode()
    except UnicodeDecodeError as error:
        if not ended and error.reason == "unexpected end of data":
            fault = Fault(Reason.FILE_TRUNCATED, "a complete last row", "cut inside a character", ends_file=True)
            return Row(number, fault=fault, raw=line[:KEEP])
        return Row(number, fault=not_utf8(line, error), raw=line[:KEEP])
    return _parsed(number, text, complete=ended)


def read_json(handle: BinaryIO, limit: int) -> Iterator[Row]:
    """Objects of one top-level array, one at a time. Rows are counted by element. ``limit``: bytes of one element."""
    scanner = _Elements(handle, limit)
    for number, element in enumerate(scanner, start=1):
        if isinstance(element, Fault):
            yield Row(number, fault=element, raw=scanner.head)
            return
        try:
            row = _parsed(number, element.decode(), complete=True)
        except UnicodeDecodeError as error:
            row = Row(number, fault=not_utf8(element, error), raw=element[:KEEP])
        yield row


_STRUCTURE = re.compile(rb'["\\{}\[\],]')


class _Elements:
    """Cuts the text of a JSON array at its top-level commas without building it: only brackets and strings are followed."""

    def __init__(self, handle: BinaryIO, limit: int) -> None:
        self._handle, self._limit = handle, limit
        self._buffer, self._start, self._ended = b"", 0, False

    @property
    def head(self) -> bytes:
        """The first bytes of what is not cut yet."""
        return self._buffer[self._start : self._start + KEEP]

    def __iter__(self) -> Iterator[bytes | Fault]:
        self._more()
        self._buffer = self._buffer.removeprefix(BOM).lstrip(SPACE)
        if not self._buffer.startswith(b"["):
            yield row_fault("one JSON array", "it does not start with [", ends_file=True)
            return
        self._start, closing = 1, b","
        while closing == b",":
            end = self._end_of_element()
            if isinstance(end, Fault):
                yield end
                return
            element, closing = self._buffer[self._start : end].strip(SPACE), self._buffer[end : end + 1]
            self._start = end + 1
            if element or closing == b",":
                yield element if len(element) <= self._limit else row_too_long(self._limit, ends_file=True)
        if self._buffer[self._start :].strip(SPACE) or self._handle.read(READ).strip(SPACE):
            yield row_fault("nothing after the array", "more text", ends_file=True)

    def _end_of_element(self) -> int | Fault:
        depth, in_text, at = 0, False, self._start
        while True:
            for hit in _STRUCTURE.finditer(self._buffer, at):
                position, sign = hit.start(), hit[0]
                if position < at:
                    continue  # the character after a backslash
                at = position + 1
                if sign == b"\\":
                    at = position + 2
                elif sign == b'"':
                    in_text = not in_text
                elif in_text:
                    continue
                elif sign in b"{[":
                    depth += 1
                elif depth and sign in b"}]":
                    depth -= 1
                elif not depth and sign in b",]":
                    return position
                elif not depth:
                    return row_fault("one JSON array", "a } without its {", ends_file=True)
            at = max(at, len(self._buffer))
            if len(self._buffer) - self._start > self._limit:
                return row_too_long(self._limit, ends_file=True)
            if self._ended:
                return Fault(Reason.FILE_TRUNCATED, "an array with its ]", "the file ends inside the array", ends_file=True)
            at -= self._more()

    def _more(self) -> int:
        """Reads on. Returns by how much positions in the buffer moved to the left."""
        chunk, moved = self._handle.read(READ), self._start
        self._ended = not chunk
        self._buffer, self._start = self._buffer[moved:] + chunk, 0
        return moved
