"""An exported model opened on ONNX Runtime.

Decided here: one session of one provider with a fixed number of threads, without spinning (a spinning thread takes the core of whoever
else runs on this machine).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import onnxruntime as ort

from libs.common.errors import PlatformError, Reason, invalid

MODEL_FILE = "model.onnx"
PROVIDER = "CPUExecutionProvider"


def open_session(folder: Path, threads: int, same_shapes: bool) -> ort.InferenceSession:
    """Load ``model.onnx`` of ``folder``. threads: of one step, at least 1. same_shapes: whether two steps may have the same shapes.

    Raises: PlatformError 422 FORMAT_UNKNOWN when the runtime refuses the file, 500 when it chose another provider than asked for.
    """
    if threads < 1:
        raise invalid("threads", Reason.TOO_SMALL, limit="at least 1")
    options = ort.SessionOptions()
    options.intra_op_num_threads = threads
    options.inter_op_num_threads = 1
    options.enable_mem_pattern = same_shapes
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    options.log_severity_level = 3
    try:
        session = ort.InferenceSession(str(folder / MODEL_FILE), options, providers=[PROVIDER])
    except Exception as error:  # the runtime's exception classes share no public base but Exception
        raise PlatformError(422, Reason.FORMAT_UNKNOWN, file=MODEL_FILE, limit="a model ONNX Runtime can load") from error
    if session.get_providers()[:1] != [PROVIDER]:
        raise PlatformError(500, Reason.INTERNAL, what="another provider than asked for", providers=session.get_providers())
    return session


def check_nodes(kind: str, nodes: Sequence[ort.NodeArg], wanted: Mapping[str, Sequence[int | None]]) -> None:
    """The graph must have exactly these inputs or outputs, in these shapes (None: free): a foreign file fails here, not in a step."""
    found = {node.name: [size if isinstance(size, int) else None for size in node.shape] for node in nodes}
    for name in sorted(set(found) ^ set(wanted)):
        problem = "missing" if name in wanted else "unknown"
        raise PlatformError(422, Reason.FORMAT_UNKNOWN, file=MODEL_FILE, limit=f"a graph of this config ({kind} {name} is {problem})")
    for name, shape in wanted.items():
        if found[name] != list(shape):
            wrong = f"{kind} {name} is {found[name]}, expected {list(shape)}"
            raise PlatformError(422, Reason.FORMAT_UNKNOWN, file=MODEL_FILE, limit=f"a graph of this config ({wrong})")
