"""The network: a pre-norm decoder with rotary positions and tied embeddings, written for one forward that serves three uses.

Training (no past), batched decoding with a key-value cache, and ONNX export all run the same ``forward``: plain tensor
operations, no Python branch on data. Decides that a slot of the cache is not a position: rows of different lengths share a batch, padding
sits anywhere, and the mask and ``position_ids`` alone say what is real. That is what lets a server add and drop rows at any step.

Letters in shapes: B rows, T new tokens, P past slots (0 allowed), H heads, D head width, C = d_model, V vocabulary.
"""

from __future__ import annotations

import math

import torch
from torch import Tensor, nn
from torch.nn import functional

from libs.lm.config import LMConfig

ROPE_BASE = 10_000.0  # Su et al. 2021, "RoFormer", section 3.2.2
NORM_EPS = 1e-5
INIT_STD = 0.02  # GPT-2; output projections are scaled down by sqrt(2 * n_layer) as there
MASKED = -1e9  # finite: a row that sees nothing (a fully padded row) stays finite instead of turning NaN


class Norm(nn.Module):
    """Root mean square norm (Zhang and Sennrich 2019) with a learned gain."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.gain = nn.Parameter(torch.ones(width))

    def forward(self, x: Tensor) -> Tensor:
        return functional.rms_norm(x, self.gain.shape, self.gain, NORM_EPS)


class Attention(nn.Module):
    """Causal self-attention over past and new tokens."""

    def __init__(self, config: LMConfig) -> None:
        super().__init__()
        self.heads, self.head_dim = config.n_head, config.head_dim
        self.qkv = nn.Linear(config.d_model, 3 * config.d_model, bias=False)
        self.out = nn.Linear(config.d_model, config.d_model, bias=False)

    def forward(
        self, x: Tensor, bias: Tensor, cos: Tensor, sin: Tensor, past: tuple[Tensor, Tensor] | None
    ) -> tuple[Tensor, Tensor, Tensor]:
        """x [B,T,C], bias [B,1,T,P+T], cos and sin [B,1,T,D], past (key, value) [B,H,P,D] -> (y [B,T,C], key and value [B,H,P+T,D])."""
        rows, new, width = x.shape
        q, k, v = self.qkv(x).view(rows, new, 3, self.heads, self.head_dim).permute(2, 0, 3, 1, 4).unbind(0)
        q, k = rotate(q, cos, sin), rotate(k, cos, sin)
        if past is not None:
            k, v = torch.cat((past[0], k), dim=2), torch.cat((past[1], v), dim=2)
        y = functional.scaled_dot_product_attention(q, k, v, attn_mask=bias)
        return self.out(y.transpose(1, 2).reshape(rows, new, width)), k, v


class Block(nn.Module):
    """One decoder layer: norm, attention, add; norm, feed-forward, add."""

    def __init__(self, config: LMConfig) -> None:
        super().__init__()
        self.norm_attention = Norm(config.d_model)
        self.attention = Attention(config)
        self.norm_feed = Norm(config.d_model)
        self.up = nn.Linear(config.d_model, 4 * config.d_model, bias=False)
        self.down = nn.Linear(4 * config.d_model, config.d_model, bias=False)

    def forward(
        self, x: Tensor, bias: Tensor, cos: Tensor, sin: Tensor, past: tuple[Tensor, Tensor] | None
    ) -> tuple[Tensor, Tensor, Tensor]:
        y, k, v = self.attention(self.norm_attention(x), bias, cos, sin, past)
        x = x + y
        return x + self.down(functional.gelu(self.up(self.norm_feed(x)))), k, v


class CausalLM(nn.Module):
    """The language model. Weights are float32; the output layer is the transposed embedding."""

    def __init__(self, config: LMConfig, generator: torch.Generator | None = None) -> None:
        """``generator`` fixes the initial weights; None leaves them to torch's global one (enough when they are loaded next)."""
        super().__init__()
        self.config = config
        self.embedding = nn.Embedding(config.vocab_size, config.d_model)
        self.blocks = nn.ModuleList(Block(config) for _ in range(config.n_layer))
        self.norm = Norm(config.d_model)
        inverse = ROPE_BASE ** (-torch.arange(0, config.head_dim, 2, dtype=torch.float32) / config.head_dim)
        self.register_buffer("inverse_wavelength", inverse, persistent=False)
        self.inverse_wavelength: Tensor
        self._initialise(generator)

    @torch.no_grad()
    def _initialise(self, generator: torch.Generator | None) -> None:
        depth = math.sqrt(2 * self.config.n_layer)
        for name, weight in self.named_parameters():
            if weight.dim() == 2:
                residual = name.endswith(("attention.out.weight", "down.weight"))
                weight.normal_(0.0, INIT_STD / depth if residual else INIT_STD, generator=generator)

    def hidden(
        self, input_ids: Tensor, attention_mask: Tensor, position_ids: Tensor, past: list[Tensor] | None = None
    ) -> tuple[Tensor, list[Tensor]]:
        """``forward`` without the output layer: ([B,T,C], present). Training scores only the answer tokens of it."""
        bias = attention_bias(attention_mask, input_ids.shape[1])
        angle = position_ids[:, None, :, None].to(torch.float32) * self.inverse_wavelength
        angle = torch.cat((angle, angle), dim=-1)
        cos, sin = angle.cos(), angle.sin()
        x = self.embedding(input_ids)
        present: list[Tensor] = []
        for layer, block in enumerate(self.blocks):
            x, k, v = block(x, bias, cos, sin, None if past is None else (past[2 * layer], past[2 * layer + 1]))
            present += [k, v]
        return self.norm(x), present

    def logits(self, hidden: Tensor) -> Tensor:
        """[..., C] -> [..., V]."""
        return functional.linear(hidden, self.embedding.weight)

    def forward(
        self, input_ids: Tensor, attention_mask: Tensor, position_ids: Tensor, past: list[Tensor] | None = None
    ) -> tuple[Tensor, list[Tensor]]:
        """Scores of the next token after each new token.

        input_ids [B,T] int64; attention_mask [B,P+T] int64, 1 where the slot holds a real token; position_ids [B,T] int64, the number
        of real tokens before each; past: key and value of layer 0, of layer 1, ... each [B,H,P,D], or None (P = 0).
        Returns (logits [B,T,V] float32, present: as past with P+T slots). Query i sees the real slots among P + i + 1 first ones.
        """
        x, present = self.hidden(input_ids, attention_mask, position_ids, past)
        return self.logits(x), present


def attention_bias(attention_mask: Tensor, new: int) -> Tensor:
    """[B,P+T] mask and T -> additive bias [B,1,T,P+T]: 0 where a query may look, MASKED elsewhere."""
    slots = attention_mask.shape[1]
    slot = torch.arange(slots, device=attention_mask.device)
    query = torch.arange(new, device=attention_mask.device) + (slots - new)
    seen = (slot[None, :] <= query[:, None])[None, :, :] & (attention_mask[:, None, :] != 0)
    return torch.where(seen, 0.0, MASKED)[:, None, :, :]


def rotate(x: Tensor, cos: Tensor, sin: Tensor) -> Tensor:
    """Rotary embedding of x [B,H,T,D] with the two halves of D as the pairs."""
    half = x.shape[-1] // 2
    return x * cos + torch.cat((-x[..., half:], x[..., :half]), dim=-1) * sin
