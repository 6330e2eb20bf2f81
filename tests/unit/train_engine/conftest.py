"""A handful of facts, each asked in several ways: enough for a tiny model to learn in seconds."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

FACTS = {
    "json.dump": "Serialize to a stream.",
    "json.dumps": "Serialize to a str.",
    "os.path.getatime": "Return the last access time.",
    "os.path.getctime": "Return the metadata change time.",
    "math.gcd": "Greatest common divisor.",
    "math.lcm": "Least common multiple.",
    "re.sub": "Replace the matches.",
    "copy.copy": "Shallow copy of any object.",
}
TRAINED = ("What does {} do?", "Explain {}.", "Tell me about {}.", "{} 是做什么的？", "请介绍一下 {}")
UNSEEN = ("What is the purpose of {}?", "{}的作用是什么？")
TINY: Mapping[str, Any] = {
    "epochs": 4,
    "batch_size": 8,
    "n_layer": 2,
    "n_head": 2,
    "d_model": 32,
    "block_size": 64,
    "vocab_size": 400,
    "checkpoint_every_steps": 3,
    "log_every_steps": 2,
    "threads": 1,
}


def write_records(path: Path, templates: tuple[str, ...] = TRAINED) -> Path:
    """The facts as records in a JSONL file."""
    rows = [
        {"instruction": form.format(name), "input": "", "output": answer, "source": name}
        for name, answer in FACTS.items()
        for form in templates
    ]
    path.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows), encoding="utf-8")
    return path


@pytest.fixture
def train_path(tmp_path: Path) -> Path:
    return write_records(tmp_path / "train.jsonl")
