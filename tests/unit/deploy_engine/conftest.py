"""One trained model, one export and two bundles for the whole folder: a usual one, and an endless one that never stops by itself."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import onnx
import pytest
from onnx import numpy_helper

from libs.common.work.engine import SilentReporter
from libs.lm.tokenizer import EOS, ChatTokenizer
from libs.models.causal_lm.session import OnnxLM
from services.deploy.engine import bundle, export
from tests.unit.deploy_engine import model
from tests.unit.deploy_engine.process import ServerProcess

SERVING = {"engine": "onnxruntime-cb", "max_new_tokens": 64, "max_rows": 4, "max_queue": 8, "threads": 1}
ENDLESS_TOKENS = 4000


@dataclass(frozen=True)
class Bundle:
    folder: Path
    digest: str


@pytest.fixture(scope="session")
def trained(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("trained") / "artifact"
    model.train(folder)
    return folder


@pytest.fixture(scope="session")
def exported(trained: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    work = tmp_path_factory.mktemp("exported")
    export.run({"artifact_path": str(trained)}, work, SilentReporter())
    return work / "out"


@pytest.fixture(scope="session")
def packed(exported: Path, tmp_path_factory: pytest.TempPathFactory) -> Bundle:
    folder = tmp_path_factory.mktemp("packed") / "bundle"
    return Bundle(folder, bundle.pack(exported, folder, SERVING))


@pytest.fixture(scope="session")
def endless(exported: Path, tmp_path_factory: pytest.TempPathFactory) -> Bundle:
    """The same graph with a long block and an end token that is never the most likely one."""
    source = tmp_path_factory.mktemp("endless") / "source"
    shutil.copytree(exported, source)
    proto = onnx.load(source / "model.onnx")
    weights = next(tensor for tensor in proto.graph.initializer if tensor.name == "embedding.weight")
    values = numpy_helper.to_array(weights).copy()
    values[EOS] = 0
    weights.CopyFrom(numpy_helper.from_array(values, weights.name))
    onnx.save(proto, source / "model.onnx")
    config = json.loads((source / "config.json").read_bytes())
    (source / "config.json").write_text(json.dumps(config | {"block_size": 2 * ENDLESS_TOKENS}))
    folder = source.with_name("bundle")
    return Bundle(folder, bundle.pack(source, folder, SERVING | {"max_new_tokens": ENDLESS_TOKENS, "max_rows": 2, "max_queue": 1}))


@pytest.fixture(scope="session")
def lm(packed: Bundle) -> OnnxLM:
    return OnnxLM.open(packed.folder, threads=1)


@pytest.fixture(scope="session")
def tokenizer(packed: Bundle) -> ChatTokenizer:
    return ChatTokenizer.load(packed.folder / "tokenizer.json")


@pytest.fixture(scope="session")
def server(packed: Bundle) -> Iterator[ServerProcess]:
    with ServerProcess(packed.folder, packed.digest) as running:
        yield running


@pytest.fixture
def endless_server(endless: Bundle) -> Iterator[ServerProcess]:
    with ServerProcess(endless.folder, endless.digest, "--linger-s", "0.05") as running:
        yield running
