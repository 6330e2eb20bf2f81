"""A text classifier on disk, exported and compared: equal bytes, damage named, and a graph that says something else is found."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import numpy as np
import onnx
import pytest
import torch
from onnx import numpy_helper

from libs.common.errors import PlatformError, Reason
from libs.common.work.engine import SilentReporter
from libs.models.classifier import probabilities
from libs.models.families import family_of
from libs.models.text_classifier import folder
from libs.models.text_classifier.config import TextConfig
from libs.models.text_classifier.network import TextNetwork
from libs.models.text_classifier.pieces import NOTHING, Pieces
from services.deploy.engine import export, parity

TEXTS = ["", "a", "Hello, world", "今天天气很好", "ｆｕｌｌ width", "weather 天气 " * 300, "สวัสดี", "\ud800"]
CONFIG = TextConfig(("economy", "sport", "天气"), buckets=512, width=16, max_pieces=64)


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("trained") / "model"
    folder.save(out, TextNetwork(CONFIG, torch.Generator().manual_seed(3)), CONFIG)
    return out


@pytest.fixture(scope="module")
def exported(trained: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    work = tmp_path_factory.mktemp("exported")
    export.run({"artifact_path": str(trained)}, work, SilentReporter())
    return work / "out"


def test_a_text_becomes_the_same_ids_everywhere() -> None:
    pieces = Pieces(1 << 14, 64)
    assert pieces.ids("Aa 好") == [14336, 8295, 11926, 15124, 10217]
    assert pieces.ids("ＡＡ") == pieces.ids("aa"), "full width and case are spellings"
    assert pieces.ids("好天气")[0] == pieces.ids("好")[0], "scripts without spaces are read by the character"
    assert pieces.ids("") == []
    assert len(pieces.ids("word " * 1000)) == 64
    assert all(0 < id < 1 << 14 for id in pieces.ids("every piece, 每一片"))
    assert pieces.read(["a", "abc"]).shape[0] == 2
    assert (pieces.read(["", "abc"])[0] == NOTHING).all()


def test_the_company_of_other_rows_changes_nothing(trained: Path) -> None:
    model = family_of(trained).trained(trained)
    together = model.logits(TEXTS)
    for at, text in enumerate(TEXTS):
        np.testing.assert_allclose(model.logits([text])[0], together[at], atol=1e-5)
    assert probabilities(together).sum(axis=1) == pytest.approx(np.ones(len(TEXTS)))


def test_the_same_weights_are_the_same_bytes(trained: Path, tmp_path: Path) -> None:
    network, config, _ = folder.load(trained)
    folder.save(tmp_path / "again", network, config)
    for path in trained.iterdir():
        assert (tmp_path / "again" / path.name).read_bytes() == path.read_bytes()


@pytest.mark.parametrize("name", ["config.json", "tokenizer.json", "model.safetensors"])
def test_damage_is_named(name: str, trained: Path, tmp_path: Path) -> None:
    shutil.copytree(trained, tmp_path / "copy")
    path = tmp_path / "copy" / name
    path.write_bytes(path.read_bytes().replace(b"16", b"17") if name != "model.safetensors" else path.read_bytes()[:-4])
    if name == "tokenizer.json":
        path.write_text('{"pieces": 2}')
    with pytest.raises(PlatformError) as caught:
        folder.load(tmp_path / "copy")
    assert (caught.value.code, caught.value.reason) == (422, Reason.CHECKSUM_MISMATCH)
    path.unlink()
    with pytest.raises(PlatformError) as caught:
        folder.load(tmp_path / "copy")
    assert (caught.value.reason, caught.value.details["file"]) == (Reason.FILE_MISSING, name)


@pytest.mark.parametrize(
    "values",
    [
        {"family": "nobody"},
        {"family": "text_classifier", "labels": ["one"]},
        {"family": "text_classifier", "labels": ["one", "one"]},
        {"family": "text_classifier", "labels": ["a", "b"], "buckets": 10**12},
        {"family": "text_classifier", "labels": ["a", "b"], "layers": 3},
    ],
)
def test_a_config_that_makes_no_sense_is_refused(values: dict[str, object], trained: Path, tmp_path: Path) -> None:
    shutil.copytree(trained, tmp_path / "copy")
    (tmp_path / "copy" / "config.json").write_text(json.dumps(values))
    with pytest.raises(PlatformError) as caught:
        family_of(tmp_path / "copy").trained(tmp_path / "copy")
    assert (caught.value.code, caught.value.reason) == (422, Reason.CHECKSUM_MISMATCH)


def compare(trained: Path, exported: Path) -> dict[str, object]:
    questions = [text for text in TEXTS if text and text != "\ud800"]
    return parity.run(
        {"artifact_path": str(trained), "onnx_path": str(exported), "questions": questions, "keep_answers": 3}, Path(), SilentReporter()
    )


def test_the_export_says_the_same_in_batches_it_was_not_traced_at(trained: Path, exported: Path) -> None:
    facts = compare(trained, exported)
    assert facts["max_abs_diff"] <= 1e-5  # type: ignore[operator]
    assert facts["greedy_equal_share"] == 1.0
    assert len({tuple(shape) for shape in facts["shapes"]}) >= 3  # type: ignore[attr-defined]
    assert len(facts["answers"]) == 3  # type: ignore[arg-type]
    assert json.loads(json.dumps(facts)) == facts


@pytest.mark.parametrize("tensor", ["out.weight", "embedding.weight", "norm.bias"])
def test_a_planted_wrong_weight_is_found(tensor: str, trained: Path, exported: Path, tmp_path: Path) -> None:
    shutil.copytree(exported, tmp_path / "wrong")
    proto = onnx.load(tmp_path / "wrong" / "model.onnx")
    [found] = [each for each in proto.graph.initializer if each.name == tensor]
    values = numpy_helper.to_array(found).copy() + 0.02 * np.arange(found.dims[-1], dtype=np.float32)
    found.CopyFrom(numpy_helper.from_array(values, tensor))
    onnx.save(proto, tmp_path / "wrong" / "model.onnx")
    with pytest.raises(PlatformError) as caught:
        compare(trained, tmp_path / "wrong")
    assert (caught.value.code, caught.value.reason) == (422, Reason.PARITY_FAILED)
    assert caught.value.details["max_abs_diff"] > 1e-4
