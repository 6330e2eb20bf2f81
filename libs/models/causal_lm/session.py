"""A causal language model on ONNX Runtime: one forward step with its key/value cache, and nothing of torch.

Decided here: caches travel as numpy arrays: the runtime hands its outputs over without a copy, and keeping them inside it (OrtValue feeds)
was measured slower (step 0.71 against 0.63 ms at one row, 1.23 against 1.13 ms at eight).
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt
import onnxruntime as ort

from libs.common.errors import Reason, invalid
from libs.models.causal_lm.artifact import read_config
from libs.models.causal_lm.layouts import Shape
from libs.models.onnx_file import PROVIDER as PROVIDER
from libs.models.onnx_file import check_nodes, open_session

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float32]


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
        config = read_config(folder)
        return OnnxLM(open_session(folder, threads, same_shapes=False), config)  # the cache grows by one at every step

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
        cache = [None, self.config.cache_heads, None, self.config.head_dim]
        wanted = {name: [None, None] for name in ("input_ids", "attention_mask", "position_ids")} | dict.fromkeys(self._past_names, cache)
        check_nodes("input", self._session.get_inputs(), wanted)
        outputs = {"logits": [None, None, self.config.vocab_size], **dict.fromkeys(self._output_names[1:], cache)}
        check_nodes("output", self._session.get_outputs(), outputs)
