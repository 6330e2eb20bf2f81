"""The parts of ``docs/thrift.md`` that are code: its examples, and its tables of options, which are written from the classes themselves.

``python -m tests.support.thrift_doc`` writes the tables anew.
"""

from __future__ import annotations

import dataclasses
import inspect
import re
from pathlib import Path
from typing import Any

from services.dataset.engine import recipe
from services.dataset.engine.cleaning import CleaningOptions
from services.dataset.engine.conversion import PythonDocsOptions
from services.dataset.engine.importing import ImportOptions
from services.dataset.engine.instruction_formats import FormatOptions
from services.dataset.engine.pydoc_pages import PydocOptions
from services.dataset.engine.splitting import SplitOptions
from services.deploy.domain.options import DeployOptions
from services.eval.engine.options import EvalOptions
from services.train.engine.options import TrainOptions

PAGE = Path(__file__).parents[2] / "docs" / "thrift.md"
_TABLES = re.compile(r"(<!-- options: .* -->\n).*?(<!-- /options -->)", re.DOTALL)
_EXAMPLE = re.compile(r"<!-- example: (\S+) (\S+) -->\n```\w+\n(.*?)```", re.DOTALL)
_COMMENT = re.compile(r"^    (\w+): .*?#\s*(.+)$", re.MULTILINE)
OPTIONS: dict[str, type[Any]] = {
    "Training": TrainOptions,
    "Evaluation": EvalOptions,
    "Deployment": DeployOptions,
    "Dataset task File_Import": ImportOptions,
    **{f"Dataset task {name}": kind for name, kind in recipe.RULE_OPTIONS.items()},
    "Dataset task Custom_Cleaning": CleaningOptions,
    "Dataset task Pydoc_Import": PydocOptions,
    "Dataset task Format_Conversion, python_docs": PythonDocsOptions,
    "Dataset task Format_Conversion, instruction_format": FormatOptions,
    "Dataset task Train_Test_Split": SplitOptions,
}


def examples() -> dict[str, tuple[str, str]]:
    """language -> (file, program)."""
    return {language: (file, program) for language, file, program in _EXAMPLE.findall(PAGE.read_text(encoding="utf-8"))}


def tables() -> str:
    """One table per class: key, default, what it is."""
    return "\n".join(f"**{name}**\n\n| key | default | is |\n|---|---|---|\n{_rows(kind)}\n" for name, kind in OPTIONS.items())


def _rows(kind: type[Any]) -> str:
    comments = dict(_COMMENT.findall(inspect.getsource(kind)))
    return "\n".join(
        f"| `{field.name}` | {_default(field)} | {comments.get(field.name, '').replace('|', '/')} |" for field in dataclasses.fields(kind)
    )


def _default(field: Any) -> str:
    if field.default is dataclasses.MISSING and field.default_factory is dataclasses.MISSING:
        return "required"
    return "none" if field.default is None else "" if field.default is dataclasses.MISSING else f"`{field.default!r}`"


def written() -> str:
    """The page with its tables as they must be."""
    return _TABLES.sub(lambda found: found[1] + "\n" + tables() + "\n" + found[2], PAGE.read_text(encoding="utf-8"))


if __name__ == "__main__":
    PAGE.write_text(written(), encoding="utf-8")
