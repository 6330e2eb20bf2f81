"""The type stubs say what the contract says, and a type checker believes them."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

import idl
from libs.common.contract import stubs

ROOT = Path(__file__).parents[2]
RIGHT = """
from idl.typed import eval, model

request = model.CreateProjectReq(name="law", desc="法律")
project = model.GetProjectResp().project
number: int | None = project.version if project else None
state: int = eval.EvalTargetKind.WEIGHTS
"""
WRONG = """
from idl.typed import model

model.CreateProjectReq(nam="law")
model.GetProjectReq(id="7")
"""


@pytest.mark.parametrize("name", idl.FILES)
def test_a_stub_is_as_new_as_its_contract(name: str) -> None:
    assert (stubs.FOLDER / f"{name}.pyi").read_text() == stubs.stub(name), "run `make stubs`"


def test_mypy_checks_code_against_the_contract(tmp_path: Path) -> None:
    def complaints(code: str) -> list[str]:
        (tmp_path / "code.py").write_text(code)
        done = subprocess.run([sys.executable, "-m", "mypy", "--config-file", str(ROOT / "pyproject.toml"), str(tmp_path / "code.py")],
                              cwd=ROOT, capture_output=True, text=True, check=False)  # fmt: skip
        return [line for line in done.stdout.splitlines() if "error:" in line]

    assert complaints(RIGHT) == []
    assert len(complaints(WRONG)) == 2


def test_the_typed_names_are_the_loaded_classes() -> None:
    from idl import typed

    assert typed.model is idl.load("model")
    with pytest.raises(AttributeError):
        _ = typed.nonsense  # type: ignore[attr-defined]
