"""A trained model → one ONNX file with its key/value cache going in and out, proven by loading and running it.

Decided here: opset 23, whose fused attention and normalisation made a step 10 % faster than opset 18 in the same runtime; batch, new tokens
and past are free axes with readable names; and everything that differs between two machines (source paths in node metadata, generated
names of axes) is removed, so that the same weights give the same file and the same digest.

Graph (B rows, T new tokens, P cached tokens, K heads of the cache): input_ids, position_ids [B, T], attention_mask [B, P+T],
past.{i}.key/value [B, K, P, D] → logits [B, T, V], present.{i}.key/value [B, K, P+T, D].
"""

from __future__ import annotations

import contextlib
import logging
import shutil
import warnings
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from libs.common import durable
from libs.common.errors import PlatformError, Reason
from libs.common.work.engine import Reporter

if TYPE_CHECKING:
    import onnx

    from libs.models.causal_lm.artifact import Network

OPSET = 23
TRACED = (2, 3, 5)
"""(B, T, P) the graph is traced at. Parity compares at other shapes: a graph that only fits its traced shape is a known way to fail."""

_AXES = {
    "input_ids": ("batch", "new"),
    "attention_mask": ("batch", "past+new"),
    "position_ids": ("batch", "new"),
    "past": ("batch", None, "past", None),
    "logits": ("batch", "new", None),
    "present": ("batch", None, "past+new", None),
}
"""Names of the free axes by the first part of a tensor's name; None for a fixed axis."""

MODEL, TOKENIZER, CONFIG = "model.onnx", "tokenizer.json", "config.json"
_STEPS = 4


def run(job: Mapping[str, Any], work: Path, report: Reporter) -> dict[str, Any]:
    """Engine entry. job: ``artifact_path``, folder of the trained model. Writes model.onnx, tokenizer.json, config.json to ``work/out``.

    Repeating it after a crash starts over and gives the same bytes: the folder appears only when it is complete.
    Returns: ``{"onnx_path", "bytes", "opset"}``. Raises: PlatformError 422 EXPORT_FAILED; 422 CHECKSUM_MISMATCH of a damaged artifact.
    """
    from libs.models.causal_lm import artifact

    source, out, partial = Path(job["artifact_path"]), work / "out", work / ".out.partial"
    shutil.rmtree(partial, ignore_errors=True)
    partial.mkdir(parents=True)
    report.progress(0, _STEPS, "load")
    model, _ = artifact.load(source)
    report.progress(1, _STEPS, "export")
    try:
        _save(export(model), partial / MODEL)
    except PlatformError:
        raise
    except Exception as error:  # the exporter raises whatever went wrong inside torch, onnxscript or onnx
        raise PlatformError(422, Reason.EXPORT_FAILED, limit=f"{type(error).__name__}: {_first_line(error)}") from error
    for name in (TOKENIZER, CONFIG):
        shutil.copyfile(source / name, partial / name)
        durable.sync(partial / name)
    report.progress(2, _STEPS, "load exported")
    _prove(partial)
    report.progress(3, _STEPS, "publish")
    artifact.publish(partial, out)
    report.progress(_STEPS, _STEPS, "done")
    return {"onnx_path": str(out / MODEL), "bytes": (out / MODEL).stat().st_size, "opset": OPSET}


def export(model: Network) -> onnx.ModelProto:
    """The graph of ``model`` with free, named axes and without anything machine-specific."""
    import torch

    free = torch.export.Dim.DYNAMIC
    layers = model.config.n_layer
    past_names = [f"past.{layer}.{kind}" for layer in range(layers) for kind in ("key", "value")]
    with _quiet():
        program = torch.onnx.export(
            model.eval(),
            _traced_inputs(model),
            dynamo=True,
            opset_version=OPSET,
            external_data=False,
            verbose=False,
            input_names=["input_ids", "attention_mask", "position_ids", *past_names],
            output_names=["logits", *(name.replace("past", "present") for name in past_names)],
            dynamic_shapes=({0: free, 1: free}, {0: free, 1: free}, {0: free, 1: free}, [{0: free, 2: free}] * (2 * layers)),
        )
    assert program is not None
    proto: onnx.ModelProto = program.model_proto
    _name_axes(proto)
    _strip(proto)
    return proto


@contextlib.contextmanager
def _quiet() -> Iterator[None]:
    """Without the exporter's deprecations and its list of optional packages that are not there; its failures are exceptions."""
    registration = logging.getLogger("torch.onnx._internal.exporter._registration")
    level = registration.level
    registration.setLevel(logging.ERROR)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        registration.setLevel(level)


def _traced_inputs(model: Network) -> tuple[Any, ...]:
    import torch

    rows, new, past = TRACED
    shape = (rows, model.config.cache_heads, past, model.config.head_dim)
    ids = torch.zeros((rows, new), dtype=torch.int64)
    mask = torch.ones((rows, past + new), dtype=torch.int64)
    positions = torch.arange(past, past + new).expand(rows, new).contiguous()
    return ids, mask, positions, [torch.zeros(shape) for _ in range(2 * model.config.n_layer)]


def _name_axes(proto: onnx.ModelProto) -> None:
    """Give the free axes the names users see, in place of the exporter's generated symbols."""
    for node in (*proto.graph.input, *proto.graph.output):
        for axis, name in zip(node.type.tensor_type.shape.dim, _AXES[node.name.split(".")[0]], strict=True):
            if name is not None:
                axis.dim_param = name


def _strip(proto: onnx.ModelProto) -> None:
    """Remove what only describes this machine's export: source lines, intermediate shapes under generated names, comments."""
    graph = proto.graph
    del graph.value_info[:], graph.metadata_props[:], proto.metadata_props[:]
    graph.doc_string = proto.doc_string = proto.producer_version = ""
    for part in (*graph.node, *graph.initializer, *graph.input, *graph.output):
        del part.metadata_props[:]
        part.doc_string = ""


def _save(proto: onnx.ModelProto, path: Path) -> None:
    durable.write_new(path, proto.SerializeToString(deterministic=True))


def _prove(folder: Path) -> None:
    """Load the file in the runtime that will serve it and run one step: some exports are only refused then."""
    from libs.models.causal_lm.session import OnnxLM

    try:
        lm = OnnxLM.open(folder, threads=1)
        logits = lm.logits([0, 1])
    except Exception as error:  # as above: the runtime's exceptions share no public base
        raise PlatformError(422, Reason.EXPORT_FAILED, limit=f"the exported file does not run: {_first_line(error)}") from error
    if logits.shape != (2, lm.config.vocab_size):
        raise PlatformError(422, Reason.EXPORT_FAILED, limit=f"logits have shape {list(logits.shape)}")


def _first_line(error: Exception) -> str:
    return (str(error).splitlines() or ["no detail"])[0][:200]
