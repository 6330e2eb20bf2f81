"""The rows that decode together: their caches, masks and positions, and how a row joins and leaves between two steps.

A row's cache is padded on the right and a mask per row says which columns are its own. A step appends one column to every row, so after a
few steps a row has a hole between its prompt and its answer; positions are explicit, so a hole changes nothing but memory. When the set
of rows changes, every row is packed to the left again.

Decided here: prompts are run apart from the rows that decode and merged afterwards (no row ever waits for the padding of a long prompt
inside its own step), and several prompts that wait are run as one.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from libs.models.causal_lm.session import Floats, Ints, OnnxLM


class RowBatch:
    """Rows in the middle of their answers. Row numbers are positions in the order of joining; ``change`` renumbers them."""

    def __init__(self, lm: OnnxLM) -> None:
        self._lm = lm
        self._past: list[Floats] = []
        self._mask: Ints = np.zeros((0, 0), np.int64)
        self._positions: Ints = np.zeros((0, 1), np.int64)

    @property
    def size(self) -> int:
        return len(self._mask)

    @property
    def columns(self) -> int:
        """Length of the caches with their holes and padding."""
        return int(self._mask.shape[1])

    def step(self, tokens: Sequence[int]) -> Floats:
        """Append one token to every row. tokens: [B]. Returns: the logits after it, [B, V]."""
        rows = self.size
        self._mask = np.concatenate([self._mask, np.ones((rows, 1), np.int64)], axis=1)
        ids = np.asarray(tokens, np.int64).reshape(rows, 1)
        logits, self._past = self._lm.step(ids, self._mask, self._positions, self._past)
        self._positions = self._positions + 1
        return logits[:, 0]

    def change(self, keep: Sequence[int], prompts: Sequence[Sequence[int]] = ()) -> Floats:
        """Keep the rows numbered ``keep`` in that order, then append one row per prompt.

        Returns: the logits after each prompt, [len(prompts), V]. When a prompt fails the rows are untouched.
        """
        logits, joined = self._run_prompts(prompts)
        if list(keep) != list(range(self.size)) or prompts:
            self._pack([(self, row) for row in keep] + [(joined, row) for row in range(len(prompts))])
        return logits

    def _run_prompts(self, prompts: Sequence[Sequence[int]]) -> tuple[Floats, RowBatch]:
        """Run prompts as one step of right-padded rows."""
        joined = RowBatch(self._lm)
        if not prompts:
            return np.zeros((0, self._lm.config.vocab_size), np.float32), joined
        rows, lengths = len(prompts), np.asarray([len(prompt) for prompt in prompts])
        width = int(lengths.max())
        own = np.arange(width)[None] < lengths[:, None]
        ids = np.zeros((rows, width), np.int64)
        ids[own] = np.concatenate([np.asarray(prompt, np.int64) for prompt in prompts])
        positions = np.where(own, np.arange(width), 0)
        joined._mask = own.astype(np.int64)
        logits, joined._past = self._lm.step(ids, joined._mask, positions, self._lm.empty_past(rows))
        joined._positions = lengths.astype(np.int64)[:, None]
        return logits[np.arange(rows), lengths - 1], joined

    def _pack(self, rows: list[tuple[RowBatch, int]]) -> None:
        """Become exactly ``rows``, each packed to the left and padded on the right to the longest."""
        columns = [np.flatnonzero(batch._mask[row]) for batch, row in rows]
        # A row without holes is copied as one block, which is several times faster than picking its columns.
        picks = [slice(len(own)) if own[-1] == len(own) - 1 else own for own in columns]
        width = max((len(own) for own in columns), default=0)
        mask = np.zeros((len(rows), width), np.int64)
        for new, own in enumerate(columns):
            mask[new, : len(own)] = 1
        past: list[Floats] = []
        for layer in range(2 * self._lm.config.n_layer if rows else 0):
            packed = np.zeros((len(rows), self._lm.config.cache_heads, width, self._lm.config.head_dim), np.float32)
            for new, (batch, row) in enumerate(rows):
                packed[new, :, : len(columns[new])] = batch._past[layer][row][:, picks[new]]
            past.append(packed)
        positions = [batch._positions[row] for batch, row in rows]
        self._past, self._mask = past, mask
        self._positions = np.stack(positions) if rows else np.zeros((0, 1), np.int64)
