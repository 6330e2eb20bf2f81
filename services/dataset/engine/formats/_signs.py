"""What the first bytes of a file give away."""

from __future__ import annotations

import re

from services.dataset.engine.rows import BOM, SPACE

_MAGIC = (
    (b"\x89PNG", "png"),
    (b"\xff\xd8\xff", "jpeg"),
    (b"GIF8", "gif"),
    (b"%PDF", "pdf"),
    (b"PK\x03\x04", "zip"),
    (b"\x1f\x8b", "gzip"),
    (b"\x7fELF", "program"),
    (b"PAR1", "parquet"),
    (b"SQLite format", "sqlite"),
    (b"RIFF", "riff"),
)
_KEYS = re.compile(r'"((?:[^"\\]|\\.)*)"(?:\s*:\s*(?=(.)))?|[{}\[\]]', re.DOTALL)
_SHOWN_KEYS = 5
ONE_OBJECT = "one JSON object"


def magic_of(head: bytes) -> str | None:
    """The format whose files begin with bytes of their own, None where there is none."""
    return next((name for magic, name in _MAGIC if head.startswith(magic)), None)


def start_of(head: bytes) -> bytes:
    """The first bytes that say something."""
    return head.removeprefix(BOM).lstrip(SPACE)


def is_page(head: bytes) -> bool:
    return start_of(head)[:14].lower().startswith((b"<!doctype html", b"<html"))


def has_json_lines(head: bytes) -> bool:
    """Whether a file that begins so has one object per line: its first line is whole and the next one begins another."""
    first, *rest = head.removeprefix(BOM).strip(SPACE).splitlines() or [b""]
    following = next((line for line in rest if line.strip()), b"")
    return first.startswith(b"{") and first.rstrip().endswith(b"}") and following.lstrip().startswith(b"{")


def way_out(found: str, head: bytes) -> str:
    """What a file should be instead, for one object where an array or lines were meant; "" for everything else."""
    if found != ONE_OBJECT:
        return ""
    keys = _top_keys(head.decode("utf-8", "replace"))
    named = ", ".join(repr(key) for key, _ in keys[:_SHOWN_KEYS]) + (", …" if len(keys) > _SHOWN_KEYS else "")
    inside = next((f"; save the array under {key!r} as a file of its own" for key, sign in keys if sign == "["), "")
    return f"a JSON array of objects, or one object per line (jsonl): this is one object with the keys {named or 'none'}{inside}"


def _top_keys(text: str) -> list[tuple[str, str]]:
    """(key, first sign of its value) of the outermost object of a text that may be cut anywhere."""
    found: list[tuple[str, str]] = []
    depth = 0
    for hit in _KEYS.finditer(text):
        if hit[0] in "{[":
            depth += 1
        elif hit[0] in "}]":
            depth -= 1
        elif depth == 1 and hit[2] is not None:
            found.append((hit[1][:40], hit[2]))
    return found
