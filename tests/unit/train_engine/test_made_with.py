"""What a model was made with is named as it is: the commit of a checkout, the libraries, the machine."""

from __future__ import annotations

import subprocess
from importlib.metadata import version
from pathlib import Path

import torch

from services.train.engine import made_with


def test_code_libraries_and_machine() -> None:
    found = made_with.made_with(torch.device("cpu"))
    assert found["torch"] == version("torch")
    assert found["code"].startswith("modelyard")
    assert found["machine"].endswith(", 1 thread" if torch.get_num_threads() == 1 else f", {torch.get_num_threads()} threads")
    assert all(0 < len(value) <= 100 for value in found.values())


def git(folder: Path, *words: str) -> str:
    named = ["-c", "user.name=t", "-c", "user.email=t@example.org"]
    return subprocess.run(["git", "-C", str(folder), *named, *words], check=True, capture_output=True, text=True).stdout.strip()


def test_the_commit_of_a_checkout_and_that_files_differ_from_it(tmp_path: Path) -> None:
    assert made_with._commit(tmp_path) == "", "no checkout"
    git(tmp_path, "init", "-q")
    assert made_with._commit(tmp_path) == "", "nothing was committed yet"
    (tmp_path / "a").write_text("1")
    git(tmp_path, "add", "a")
    git(tmp_path, "commit", "-qm", "one")
    head = git(tmp_path, "rev-parse", "HEAD")
    assert made_with._commit(tmp_path) == head[:12]
    (tmp_path / "a").write_text("2")
    assert made_with._commit(tmp_path).endswith("-changed")
