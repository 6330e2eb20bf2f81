"""What stands above tables and beside figures has its Chinese: every field an answer can have, every column that is shown, every metric."""

from __future__ import annotations

import ast
import re
from pathlib import Path
from typing import Any

import pytest

import idl
from libs.common.words import metrics
from libs.common.words.fields import heading
from libs.metrics import FIGURES, METRICS

ROOT = Path(__file__).parents[3]
CHINESE = re.compile(r"[\u4e00-\u9fff]")
TRAINED = ("loss", "valid_loss", "lr", "tokens_per_s")


def fields_of_answers() -> set[str]:
    """Of every struct below an answer, as HTTP spells it: what is JSON in the contract is a value there."""
    found = set()
    for domain in idl.DOMAINS:
        for name, struct in vars(idl.load(domain)).items():
            if hasattr(struct, "thrift_spec") and not name.endswith(("Req", "_args", "_result")):
                found |= {field[1].removesuffix("_json") for field in struct.thrift_spec.values()}
    return found - {"base_resp", "page"}


def columns() -> set[str]:
    """What the commands name: columns of lists, and keys of what they make up themselves."""
    found: set[str] = set()
    for path in (ROOT / "libs" / "client" / "cli").glob("*.py"):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        for node in ast.walk(tree):
            name = node.func.id if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) else ""
            if name == "show_list":
                found |= _texts(node.args[1])  # type: ignore[attr-defined]
            if name == "show" and isinstance(node.args[0], ast.Dict):  # type: ignore[attr-defined]
                found |= {key.value for key in node.args[0].keys if isinstance(key, ast.Constant)}  # type: ignore[attr-defined]
            if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name) and node.targets[0].id.lower().endswith("columns"):
                found |= _texts(node.value)
    return found


def _texts(node: Any) -> set[str]:
    texts = {each.value for each in ast.walk(node) if isinstance(each, ast.Constant) and isinstance(each.value, str)}
    return {text for text in texts if text.isidentifier()}  # columns of a progress bar are none


def test_every_field_that_may_be_shown_has_its_chinese() -> None:
    assert len(fields_of_answers()) > 150
    assert len(columns()) > 60
    assert [name for name in sorted(fields_of_answers() | columns()) if not CHINESE.search(heading(name, "zh"))] == []


def test_in_english_a_field_is_called_as_in_json() -> None:
    assert heading("create_time", "en") == "create_time"
    assert heading("a_new_field", "zh") == "a_new_field"


@pytest.mark.parametrize(
    "name",
    [
        *(name.replace("<language>", "fr") for name in FIGURES),
        *METRICS,
        *TRAINED,
        *metrics.schema("en")["properties"],
    ],
)
def test_every_metric_has_words_and_a_meaning(name: str) -> None:
    assert metrics.metric(name, "en") != name or name in ("accuracy", "latency", "leak", "loss", "perplexity")
    assert CHINESE.search(metrics.metric(name, "zh"))
    assert "_" not in metrics.metric(name, "en") + metrics.metric(name, "zh")
    assert CHINESE.search(metrics.meaning(name, "zh"))
    assert metrics.meaning(name, "en")


def test_a_slice_and_a_bound_are_named_after_their_metric() -> None:
    assert [metrics.metric(name, "zh") for name in ("exact_match.zh", "exact_match.low", "latency_ms.p95")] == [
        "完全匹配率（中文）",
        "完全匹配率，下界",
        "延迟（毫秒），P95",
    ]
    assert metrics.metric("exact_match.en", "en") == "exact match (English)"
    assert metrics.metric("my_own", "zh") == "my_own"
