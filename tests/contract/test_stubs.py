"""What is generated is as new as the contract, and a type checker believes it."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

import idl
from libs.common.contract import __main__ as generated
from libs.common.contract import sdk

ROOT = Path(__file__).parents[2]
RIGHT = """
from libs.common.context import CallContext
from libs.common.rpc.peers import ModelPeer
from idl.typed import eval, model

request = model.CreateProjectReq(name="law", desc="法律")
project = model.GetProjectResp().project
number: int = project.version
state: int = eval.EvalTargetKind.WEIGHTS
def name(peer: ModelPeer, ctx: CallContext) -> str:
    return peer.call(ctx, "GetProject", id=7).project.name
"""
WRONG = """
from libs.common.context import CallContext
from libs.common.rpc.peers import ModelPeer
from idl.typed import model

model.CreateProjectReq(nam="law")
model.GetProjectReq(id="7")
def name(peer: ModelPeer, ctx: CallContext) -> int:
    peer.call(ctx, "GetProjekt", id=7)
    peer.call(ctx, "GetVersion", number=7)
    return peer.call(ctx, "GetProject", id=7).project.name
"""


@pytest.mark.parametrize("path", generated.files(), ids=lambda path: str(path.relative_to(ROOT)))
def test_what_is_generated_is_as_new_as_the_contract(path: Path) -> None:
    assert path.read_text(encoding="utf-8") == generated.files()[path], "run `make contract`"


def test_no_call_of_a_domain_that_is_gone_is_left() -> None:
    assert set(sdk.FOLDER.glob("*.py")) == set(sdk.files())


def test_mypy_checks_code_against_the_contract(tmp_path: Path) -> None:
    def complaints(code: str) -> list[str]:
        (tmp_path / "code.py").write_text(code)
        done = subprocess.run([sys.executable, "-m", "mypy", "--config-file", str(ROOT / "pyproject.toml"), str(tmp_path / "code.py")],
                              cwd=ROOT, capture_output=True, text=True, check=False)  # fmt: skip
        return [line for line in done.stdout.splitlines() if "error:" in line]

    assert complaints(RIGHT) == []
    assert len({line.split(":")[1] for line in complaints(WRONG)}) == 5, "each wrong line is found"


def test_the_typed_names_are_the_loaded_classes() -> None:
    from idl import typed

    assert typed.model is idl.load("model")
    with pytest.raises(AttributeError):
        _ = typed.nonsense  # type: ignore[attr-defined]
