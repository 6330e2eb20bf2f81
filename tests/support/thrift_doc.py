"""The parts of ``docs/thrift.md`` that are code: its examples, and its tables of options, which are written from the classes themselves.

``python -m tests.support.thrift_doc`` writes the tables anew.
"""

from __future__ import annotations

import re
from pathlib import Path

from libs.data.options import Option
from libs.ops.options import KINDS, options_of

PAGE = Path(__file__).parents[2] / "docs" / "thrift.md"
_TABLES = re.compile(r"(<!-- options: .* -->\n).*?(<!-- /options -->)", re.DOTALL)
_EXAMPLE = re.compile(r"<!-- example: (\S+) (\S+) -->\n```\w+\n(.*?)```", re.DOTALL)
_NAMES = {"train": "Training", "eval": "Evaluation", "deploy": "Deployment", "dataset": "Dataset task"}


def examples() -> dict[str, tuple[str, str]]:
    """language -> (file, program)."""
    return {language: (file, program) for language, file, program in _EXAMPLE.findall(PAGE.read_text(encoding="utf-8"))}


def tables() -> str:
    """One table per kind of work: key, default, what it is."""
    return "\n".join(
        f"**{_NAMES[domain]} `{kind}`**\n\n| key | default | is |\n|---|---|---|\n{_rows(domain, kind)}\n"
        for domain in _NAMES
        for kind in KINDS[domain]
    )


def _rows(domain: str, kind: str) -> str:
    return "\n".join(f"| `{option.name}` | {_default(option)} | {_is(option)} |" for option in options_of(domain, kind))


def _is(option: Option) -> str:
    return (f"{option.unit}; " if option.unit else "") + option.meaning["en"].replace("|", "/")


def _default(option: Option) -> str:
    return "required" if option.required else "none" if option.default is None else f"`{option.default!r}`"


def written() -> str:
    """The page with its tables as they must be."""
    return _TABLES.sub(lambda found: found[1] + "\n" + tables() + "\n" + found[2], PAGE.read_text(encoding="utf-8"))


if __name__ == "__main__":
    PAGE.write_text(written(), encoding="utf-8")
