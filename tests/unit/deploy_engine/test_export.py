"""The exported file: names people can read, one file, the same bytes every time, and clear failures."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import onnx
import pytest
import torch

from libs.common.errors import PlatformError, Reason
from libs.common.work.engine import SilentReporter
from libs.lm.model import CausalLM
from services.deploy.engine import bundle, export


def axes(value: onnx.ValueInfoProto) -> list[str | int]:
    return [axis.dim_param or axis.dim_value for axis in value.type.tensor_type.shape.dim]


def test_inputs_and_outputs_have_readable_names_and_axes(exported: Path) -> None:
    graph = onnx.load(exported / "model.onnx").graph
    inputs = {value.name: axes(value) for value in graph.input}
    outputs = {value.name: axes(value) for value in graph.output}
    cache = [f"{layer}.{kind}" for layer in range(2) for kind in ("key", "value")]
    assert list(inputs) == ["input_ids", "attention_mask", "position_ids", *(f"past.{name}" for name in cache)]
    assert list(outputs) == ["logits", *(f"present.{name}" for name in cache)]
    assert inputs["input_ids"] == inputs["position_ids"] == ["batch", "new"]
    assert inputs["attention_mask"] == ["batch", "past+new"]
    assert inputs["past.1.value"] == ["batch", 2, "past", 32]
    assert outputs["present.1.value"] == ["batch", 2, "past+new", 32]
    assert outputs["logits"][:2] == ["batch", "new"]


def test_one_file_of_plain_operators_without_outside_data(exported: Path) -> None:
    assert sorted(os.listdir(exported)) == ["config.json", "model.onnx", "tokenizer.json"]
    model = onnx.load(exported / "model.onnx")
    onnx.checker.check_model(model)
    assert [entry.domain for entry in model.opset_import] == [""]  # no custom operators: any ONNX runtime can run it
    bundle.refuse_outside_data(exported / "model.onnx")


def test_exporting_again_gives_the_same_bytes_and_tells_nothing_of_this_machine(trained: Path, exported: Path, tmp_path: Path) -> None:
    moved, work = tmp_path / "moved", tmp_path / "work"
    shutil.copytree(trained, moved)
    (work / ".out.partial").mkdir(parents=True)
    (work / ".out.partial" / "model.onnx").write_bytes(b"half")  # what a kill in the middle leaves
    report = SilentReporter()
    result = export.run({"artifact_path": str(moved)}, work, report)
    content = (work / "out" / "model.onnx").read_bytes()
    assert content == (exported / "model.onnx").read_bytes()
    assert result == {"onnx_path": str(work / "out" / "model.onnx"), "bytes": len(content), "opset": export.OPSET}
    assert report.progressed[-1][:2] == (4, 4)
    assert os.listdir(work) == ["out"]
    for trace in (b".py", os.fsencode(Path.home()), os.fsencode(Path(export.__file__).parent), os.fsencode(tmp_path)):
        assert trace not in content


def test_a_damaged_artifact_is_named(trained: Path, tmp_path: Path) -> None:
    folder = tmp_path / "copy"
    shutil.copytree(trained, folder)
    content = bytearray((folder / "model.safetensors").read_bytes())
    content[-5] ^= 1
    (folder / "model.safetensors").write_bytes(content)
    with pytest.raises(PlatformError) as caught:
        export.run({"artifact_path": str(folder)}, tmp_path / "work", SilentReporter())
    assert (caught.value.code, caught.value.reason) == (422, Reason.CHECKSUM_MISMATCH)
    assert not (tmp_path / "work" / "out").exists()


def test_a_model_the_exporter_cannot_follow_is_an_export_failure(trained: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    forward = CausalLM.forward

    def branching(
        self: CausalLM, input_ids: torch.Tensor, attention_mask: torch.Tensor, position_ids: torch.Tensor, past: list[torch.Tensor]
    ) -> tuple[torch.Tensor, list[torch.Tensor]]:
        if input_ids.sum() > 10:
            input_ids = input_ids + 1
        return forward(self, input_ids, attention_mask, position_ids, past)

    monkeypatch.setattr(CausalLM, "forward", branching)
    with pytest.raises(PlatformError) as caught:
        export.run({"artifact_path": str(trained)}, tmp_path, SilentReporter())
    assert (caught.value.code, caught.value.reason) == (422, Reason.EXPORT_FAILED)
    assert caught.value.limit
    assert not (tmp_path / "out").exists()


def test_a_file_the_runtime_refuses_is_an_export_failure(
    trained: Path, exported: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def too_new(model: CausalLM) -> onnx.ModelProto:
        proto = onnx.load(exported / "model.onnx")
        proto.ir_version = 1000
        return proto

    monkeypatch.setattr(export, "export", too_new)
    with pytest.raises(PlatformError) as caught:
        export.run({"artifact_path": str(trained)}, tmp_path, SilentReporter())
    assert caught.value.reason == Reason.EXPORT_FAILED
    assert not (tmp_path / "out").exists()
