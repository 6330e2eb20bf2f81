"""The model on ONNX Runtime alone: its numbers against torch, and files that are not ours."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import onnx
import pytest

from libs.common.errors import PlatformError, Reason
from libs.lm.tokenizer import ChatTokenizer
from libs.models.causal_lm.session import PROVIDER, OnnxLM
from tests.unit.deploy_engine.model import BLOCK, PAIRS
from tests.unit.deploy_engine.process import environment


def test_logprobs_are_torchs(lm: OnnxLM, tokenizer: ChatTokenizer, trained: Path) -> None:
    from libs.models.causal_lm import artifact
    from libs.models.causal_lm.decode import answer_loss

    model, _ = artifact.load(trained)
    for pair, loss in zip(PAIRS, answer_loss(model, tokenizer, PAIRS), strict=True):
        ids, prompt = tokenizer.pair(*pair)
        logprobs = lm.logprobs(ids)
        assert len(logprobs) == len(ids) - 1
        assert -np.mean(logprobs[prompt - 1 :]) == pytest.approx(loss, abs=1e-4)


def test_a_step_with_a_cache_is_the_same_as_the_whole(lm: OnnxLM, tokenizer: ChatTokenizer) -> None:
    ids = np.asarray([tokenizer.prompt(PAIRS[0][0])], np.int64)
    whole = lm.logits(ids[0].tolist())
    past = lm.empty_past(1)
    for index in range(ids.shape[1]):
        mask = np.ones((1, index + 1), np.int64)
        logits, past = lm.step(ids[:, index : index + 1], mask, np.asarray([[index]]), past)
        np.testing.assert_allclose(logits[0, 0], whole[index], atol=1e-4)


def test_the_provider_is_recorded(lm: OnnxLM) -> None:
    assert lm.providers == [PROVIDER]


@pytest.mark.parametrize("ids", [[], [1] * (BLOCK + 1)])
def test_a_sequence_that_does_not_fit_is_refused(lm: OnnxLM, ids: list[int]) -> None:
    with pytest.raises(PlatformError) as caught:
        lm.logprobs(ids)
    assert (caught.value.code, caught.value.field) == (400, "ids")


def truncated(folder: Path) -> None:
    content = (folder / "model.onnx").read_bytes()
    (folder / "model.onnx").write_bytes(content[: len(content) // 2])


def other_config(folder: Path) -> None:
    config = json.loads((folder / "config.json").read_bytes())
    (folder / "config.json").write_text(json.dumps(config | {"n_layer": config["n_layer"] + 1}))


def other_width(folder: Path) -> None:
    config = json.loads((folder / "config.json").read_bytes())
    (folder / "config.json").write_text(json.dumps(config | {"d_model": 2 * config["d_model"]}))


def foreign(folder: Path) -> None:
    value = onnx.helper.make_tensor_value_info("x", onnx.TensorProto.FLOAT, [1])
    result = onnx.helper.make_tensor_value_info("y", onnx.TensorProto.FLOAT, [1])
    graph = onnx.helper.make_graph([onnx.helper.make_node("Neg", ["x"], ["y"])], "g", [value], [result])
    onnx.save(onnx.helper.make_model(graph, opset_imports=[onnx.helper.make_opsetid("", 20)], ir_version=9), folder / "model.onnx")


@pytest.mark.parametrize("damage", [truncated, other_config, other_width, foreign])
def test_a_file_that_does_not_fit_is_refused_at_open(exported: Path, tmp_path: Path, damage: Callable[[Path], None]) -> None:
    folder = tmp_path / "copy"
    shutil.copytree(exported, folder)
    damage(folder)
    with pytest.raises(PlatformError) as caught:
        OnnxLM.open(folder, threads=1)
    assert (caught.value.code, caught.value.reason) == (422, Reason.FORMAT_UNKNOWN)


def test_no_threads_is_refused(exported: Path) -> None:
    with pytest.raises(PlatformError):
        OnnxLM.open(exported, threads=0)


def test_serving_imports_neither_torch_nor_onnx() -> None:
    modules = "services.deploy.engine.serving.__main__, services.deploy.engine.smoke"
    code = f"import {modules}, sys; print(sorted({{'torch', 'onnx'}} & set(sys.modules)))"
    found = subprocess.run([sys.executable, "-c", code], env=environment(), capture_output=True, text=True, check=True)
    assert found.stdout.strip() == "[]"
