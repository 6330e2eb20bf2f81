"""A causal language model on ONNX Runtime: one forward step with its key/value cache, and nothing of torch.

Decided here: one session of one provider with a fixed number of threads, without spinning (a spinning thread takes the core of whoever
else runs on this machine). Caches travel as numpy arrays: the runtime hands its outputs over without a copy, and keeping them inside it
(OrtValue feeds) was measured slower (step 0.71 against 0.63 ms at one row, 1.23 against 1.13 ms at eight).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt
import onnxruntime as ort

from libs.common.errors import PlatformError, Reason, invalid
from libs.models.causal_lm.artifact import read_config
from libs.models.causal_lm.layouts import Shape

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float32]

MODEL_FILE = "model.onnx"
PROVIDER = "CPUExecutionProvider"


def cache_names(layers: int, side: str) -> list[str]:
    """Names of the graph's cache tensors in the order of ``past``. side: "past" (inputs) or "present" (outputs)."""
    return [f"{side}.{layer}.{kind}" for layer in range(layers) for kind in ("key", "value")]


class OnnxLM:
    """An exported model that is ready to run. One object may be used by one thread at a time.

    Shapes: B rows, T new tokens per row, P tokens in the cache (0 at first), V words.
    """

    def __init__(self, session: ort.InferenceSession, config: Shape) -> None:
        self._session = session
        self.config = config
        self.providers: list[str] = list(session.get_providers())
        self._past_names = cache_names(config.n_layer, "past")
        self._output_names = ["logits", *cache_names(config.n_layer, "present")]
        self._check_graph()

    @staticmethod
    def open(folder: Path, threads: int) -> OnnxLM:
        """Load ``model.onnx`` and ``config.json`` of ``folder``. threads: threads of one step, at least 1.

        Raises: PlatformError 422 FORMAT_UNKNOWN when the runtime refuses the file, 500 when it chose another provider than asked for.
        """
        if threads < 1:
            raise invalid("threads", Reason.TOO_SMALL, limit="at least 1")
        config = read_config(folder)
        options = ort.SessionOptions()
        options.intra_op_num_threads = threads
        options.inter_op_num_threads = 1
        options.enable_mem_pattern = False  # the cache grows by one at every step, so no two steps have the same shapes
        options.add_session_config_entry("session.intra_op.allow_spinning", "0")
        options.log_severity_level = 3
        try:
            session = ort.InferenceSession(str(folder / MODEL_FILE), options, providers=[PROVIDER])
        except Exception as error:  # the runtime's exception classes share no public base but Exception
            raise PlatformError(422, Reason.FORMAT_UNKNOWN, file=MODEL_FILE, limit="a model ONNX Runtime can load") from error
        if session.get_providers()[:1] != [PROVIDER]:
            raise PlatformError(500, Reason.INTERNAL, what="another provider than asked for", providers=session.get_providers())
        return OnnxLM(session, config)

    def empty_past(self, rows: int) -> list[Floats]:
        """The cache before the first token: 2 * n_layer arrays [rows, cache_heads, 0, head_dim]."""
        return [np.zeros((rows, self.config.cache_heads, 0, self.config.head_dim), np.float32) for _ in self._past_names]

    def step(self, input_ids: Ints, attention_mask: Ints, position_ids: Ints, past: Sequence[Floats]) -> tuple[Floats, list[Floats]]:
        """One forward step on numpy arrays.

        input_ids, position_ids: [B, T]. attention_mask: [B, P+T], 1 = may be attended to. past: 2 * n_layer arrays
        [B, cache_heads, P, head_dim]. Returns: logits [B, T, V] and the cache of length P+T.
        """
        feeds: dict[str, Ints | Floats] = dict(zip(self._past_names, past, strict=True))
        feeds |= {"input_ids": input_ids, "attention_mask": attention_mask, "position_ids": position_ids}
        logits, *present = self._session.run(self._output_names, feeds)
        return logits, present

    def logits(self, ids: Sequence[int]) -> Floats:
        """Logits after each token of one sequence: [len(ids), V]. Raises: PlatformError 400 when it is empty or longer than the block."""
        if not 1 <= len(ids) <= self.config.block_size:
            reason = Reason.TOO_LARGE if ids else Reason.TOO_SMALL
            raise invalid("ids", reason, limit=f"1..{self.config.block_size} tokens", tokens=len(ids))
        tokens = np.asarray([ids], np.int64)
        positions = np.arange(len(ids), dtype=np.int64)[None]
        logits, _ = self.step(tokens, np.ones_like(tokens), positions, self.empty_past(1))
        first: Floats = logits[0]
        return first

    def logprobs(self, ids: Sequence[int]) -> list[float]:
        """Natural log-probability of each token given those before it: len(ids) - 1 numbers, as nothing stands before the first."""
        logits = self.logits(ids)[:-1].astype(np.float64)
        logits -= logits.max(axis=-1, keepdims=True)
        chosen = logits[np.arange(len(ids) - 1), list(ids[1:])]
        result: list[float] = (chosen - np.log(np.exp(logits).sum(axis=-1))).tolist()
        return result

    def _check_graph(self) -> None:
        """The graph must have exactly our inputs and outputs, in the shape of the config: a foreign file fails here, not in a step."""
        cache = [None, self.config.cache_heads, None, self.config.head_dim]
        wanted = {name: [None, None] for name in ("input_ids", "attention_mask", "position_ids")} | dict.fromkeys(self._past_names, cache)
        _check_nodes("input", self._session.get_inputs(), wanted)
        outputs = {"logits": [None, None, self.config.vocab_size], **dict.fromkeys(self._output_names[1:], cache)}
        _check_nodes("output", self._session.get_outputs(), outputs)


def _check_nodes(kind: str, nodes: Sequence[ort.NodeArg], wanted: Mapping[str, Sequence[int | None]]) -> None:
    found = {node.name: [size if isinstance(size, int) else None for size in node.shape] for node in nodes}
    for name in sorted(set(found) ^ set(wanted)):
        problem = "missing" if name in wanted else "unknown"
        raise PlatformError(422, Reason.FORMAT_UNKNOWN, file=MODEL_FILE, limit=f"a graph of this config ({kind} {name} is {problem})")
    for name, shape in wanted.items():
        if found[name] != list(shape):
            wrong = f"{kind} {name} is {found[name]}, expected {list(shape)}"
            raise PlatformError(422, Reason.FORMAT_UNKNOWN, file=MODEL_FILE, limit=f"a graph of this config ({wrong})")
