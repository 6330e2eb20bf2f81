"""A classifier of pictures from nothing: digits drawn here are learned, resumed exactly, exported with parity, asked like texts."""

from __future__ import annotations

import hashlib
import json
import random
from pathlib import Path
from typing import Any

import pytest

from libs.common.errors import PlatformError, Reason
from libs.common.work.engine import SilentReporter
from libs.data import pictures
from libs.data.blobs import BlobWriter
from libs.data.kinds import asked_of
from libs.models.families import family_of
from services.deploy.engine import export, parity
from services.train.engine import classify
from tests.support.classes import write_jsonl
from tests.support.digits import STROKES, drawn, png
from tests.unit.train_engine.test_loop import Stop, StopAt

SMALL = {"width": 16, "side": 32, "batch_size": 32, "learning_rate": 3e-3}


def version(folder: Path, each: int, seed: int) -> Path:
    """A version of labelled pictures, as an import makes one."""
    dice, writer, rows = random.Random(seed), None, []
    folder.mkdir(parents=True)
    writer = BlobWriter(folder)
    for number in range(each):
        for digit in STROKES:
            path = folder / "one.png"
            path.write_bytes(png(drawn(digit, dice)))
            with path.open("rb") as handle:
                blob = writer.add(handle, "image/png", {"width": 28, "height": 28})
            rows.append({"id": f"{digit}-{number}", "image": {"blob": blob.digest}, "label": digit})
    path.unlink()
    write_jsonl(folder / "part-00000.jsonl", rows)
    return folder


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    folder = tmp_path_factory.mktemp("digits")
    return {"train_path": str(version(folder / "train", 80, 1)), "valid_path": str(version(folder / "valid", 12, 2))}


@pytest.fixture(scope="module")
def learned(data: dict[str, Any], tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, Any]]:
    work = tmp_path_factory.mktemp("learned")
    return work / "out", classify.run({**data, "options": {**SMALL, "epochs": 14}}, work, SilentReporter())


def test_it_reads_digits(learned: tuple[Path, dict[str, Any]], data: dict[str, Any]) -> None:
    folder, result = learned
    assert result["valid_accuracy"] >= 0.95
    assert result["family"] == "image_classifier"
    assert json.loads(json.dumps(result)) == result
    model = family_of(folder).trained(folder)
    dice = random.Random(9)
    asked = {digit: pictures.asked(png(drawn(digit, dice, 28).resize((200, 200)))) for digit in "047"}
    assert [model.labels[row.argmax()] for row in model.logits(list(asked.values()))] == list(asked)


def test_the_export_says_the_same(learned: tuple[Path, dict[str, Any]], data: dict[str, Any], tmp_path: Path) -> None:
    export.run({"artifact_path": str(learned[0])}, tmp_path, SilentReporter())
    rows = [json.loads(line) for line in (Path(data["valid_path"]) / "part-00000.jsonl").read_text().splitlines()[:12]]
    questions = [asked_of(row, Path(data["valid_path"]))[0] for row in rows]
    job = {"artifact_path": str(learned[0]), "onnx_path": str(tmp_path / "out"), "questions": questions}
    facts = parity.run(job, tmp_path, SilentReporter())
    assert facts["max_abs_diff"] <= 1e-4
    assert facts["greedy_equal_share"] == 1.0


def test_stopped_after_a_step_it_ends_with_equal_bits(data: dict[str, Any], tmp_path: Path) -> None:
    job = {**data, "options": {**SMALL, "epochs": 1, "checkpoint_every_steps": 3}}
    want = classify.run(job, tmp_path / "straight", SilentReporter())
    with pytest.raises(Stop):
        classify.run(job, tmp_path / "work", StopAt(5))
    got = classify.run(job, tmp_path / "work", SilentReporter())
    assert {**got, "resumed_from": 0} == want
    first, second = ((tmp_path / name / "out" / "model.safetensors").read_bytes() for name in ("straight", "work"))
    assert hashlib.sha256(first).digest() == hashlib.sha256(second).digest()


@pytest.mark.parametrize(
    ("question", "reason"),
    [
        ("a text", Reason.INVALID_ARGUMENT),
        ("data:image/png;base64,%%%", Reason.INVALID_ARGUMENT),
        ("data:image/png;base64,aGVsbG8=", Reason.INVALID_ARGUMENT),
        ("data:text/plain;base64,aGVsbG8=", Reason.INVALID_ARGUMENT),
    ],
)
def test_what_is_no_picture_is_refused(question: str, reason: Reason, learned: tuple[Path, dict[str, Any]]) -> None:
    with pytest.raises(PlatformError) as caught:
        family_of(learned[0]).trained(learned[0]).logits([question])
    assert (caught.value.code, caught.value.reason, caught.value.field) == (400, reason, "picture")


def test_a_picture_that_would_fill_the_memory_is_not_decoded(monkeypatch: pytest.MonkeyPatch) -> None:
    from PIL import Image

    bomb = png(Image.new("1", (8000, 8000)))
    assert len(bomb) < 100_000
    with pytest.raises(PlatformError) as caught:
        pictures.opened(bomb)
    assert caught.value.reason == Reason.TOO_LARGE
