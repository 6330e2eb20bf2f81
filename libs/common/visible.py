"""Text of others where people read it: what a terminal would act on is shown as its escape instead."""

from __future__ import annotations

import json
import re
from typing import Any

# C0 but tab and end of line, DEL, C1 (9b begins a sequence like ESC and [), separators of lines, and what turns the direction of writing.
_ACTED_ON = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]")


def visible(text: str) -> str:
    """``text`` with every such character as its escape, like ``\\x1b``."""
    return text if text.isprintable() else _ACTED_ON.sub(lambda found: found[0].encode("unicode_escape").decode(), text)


def one_line(text: str) -> str:
    """The same, with ends of lines and tabs escaped too: a value in a list cannot pretend to be two."""
    return text if text.isprintable() else visible(text).replace("\n", "\\n").replace("\t", "\\t")


def json_text(value: Any, indent: int | None = None, **options: Any) -> str:
    """JSON that a terminal may show; Chinese stays as it is."""
    text = json.dumps(value, ensure_ascii=False, indent=indent, **options)
    return _ACTED_ON.sub(lambda found: f"\\u{ord(found[0]):04x}", text)
