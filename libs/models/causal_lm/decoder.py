"""The network of the layouts that companies use (Llama and its relatives), under the tensor names their folders have.

Like ``libs.lm.model`` one ``forward`` serves training, batched decoding with a cache, and export to ONNX: plain tensor operations, no
Python branch on data; a slot of the cache is not a position, mask and ``position_ids`` say what is real.

Letters in shapes: B rows, T new tokens, P past slots, H heads, K heads of keys and values, D head width, C = d_model, V vocabulary.
"""

from __future__ import annotations

import math

import torch
from torch import Tensor, nn
from torch.nn import functional

from libs.lm.model import INIT_STD, MASKED, attention_bias, rotate
from libs.models.causal_lm.config import DecoderConfig, Rope


class Norm(nn.Module):
    """Root mean square norm (Zhang and Sennrich 2019) with a learned gain."""

    def __init__(self, width: int, eps: float) -> None:
        super().__init__()
        self.weight, self.eps = nn.Parameter(torch.ones(width)), eps

    def forward(self, x: Tensor) -> Tensor:
        return functional.rms_norm(x, self.weight.shape, self.weight, self.eps)


class Attention(nn.Module):
    """Causal self-attention; several heads of queries may share one of keys and values (Ainslie et al. 2023)."""

    def __init__(self, config: DecoderConfig) -> None:
        super().__init__()
        self.heads, self.cache_heads, self.head_dim = config.n_head, config.cache_heads, config.head_dim
        wide, narrow = self.heads * self.head_dim, self.cache_heads * self.head_dim
        self.q_proj = nn.Linear(config.d_model, wide, bias="q" in config.biased)
        self.k_proj = nn.Linear(config.d_model, narrow, bias="k" in config.biased)
        self.v_proj = nn.Linear(config.d_model, narrow, bias="v" in config.biased)
        self.o_proj = nn.Linear(wide, config.d_model, bias="o" in config.biased)
        self.q_norm = Norm(self.head_dim, config.eps) if config.head_norm else nn.Identity()
        self.k_norm = Norm(self.head_dim, config.eps) if config.head_norm else nn.Identity()

    def forward(
        self, x: Tensor, bias: Tensor, cos: Tensor, sin: Tensor, past: tuple[Tensor, Tensor] | None
    ) -> tuple[Tensor, Tensor, Tensor]:
        """x [B,T,C], bias [B,1,T,P+T], cos and sin [B,1,T,D], past (key, value) [B,K,P,D] -> (y [B,T,C], key and value [B,K,P+T,D])."""
        rows, new, _ = x.shape
        q, k, v = (
            projection(x).view(rows, new, heads, self.head_dim)
            for projection, heads in ((self.q_proj, self.heads), (self.k_proj, self.cache_heads), (self.v_proj, self.cache_heads))
        )
        q, k, v = self.q_norm(q).transpose(1, 2), self.k_norm(k).transpose(1, 2), v.transpose(1, 2)
        q, k = rotate(q, cos, sin), rotate(k, cos, sin)
        if past is not None:
            k, v = torch.cat((past[0], k), dim=2), torch.cat((past[1], v), dim=2)
        y = functional.scaled_dot_product_attention(q, self._shared(k), self._shared(v), attn_mask=bias)
        return self.o_proj(y.transpose(1, 2).reshape(rows, new, self.heads * self.head_dim)), k, v

    def _shared(self, x: Tensor) -> Tensor:
        """[B,K,S,D] -> [B,H,S,D]: each head of keys or values for all that share it."""
        if self.heads == self.cache_heads:
            return x
        rows, _, slots, width = x.shape
        share = self.heads // self.cache_heads
        return x[:, :, None].expand(rows, self.cache_heads, share, slots, width).reshape(rows, self.heads, slots, width)


class Feed(nn.Module):
    """Gated feed-forward, SwiGLU (Shazeer 2020)."""

    def __init__(self, config: DecoderConfig) -> None:
        super().__init__()
        self.gate_proj = nn.Linear(config.d_model, config.d_feed, bias=False)
        self.up_proj = nn.Linear(config.d_model, config.d_feed, bias=False)
        self.down_proj = nn.Linear(config.d_feed, config.d_model, bias=False)

    def forward(self, x: Tensor) -> Tensor:
        y: Tensor = self.down_proj(functional.silu(self.gate_proj(x)) * self.up_proj(x))
        return y


class Layer(nn.Module):
    """One decoder layer: norm, attention, add; norm, feed-forward, add."""

    def __init__(self, config: DecoderConfig) -> None:
        super().__init__()
        self.input_layernorm = Norm(config.d_model, config.eps)
        self.self_attn = Attention(config)
        self.post_attention_layernorm = Norm(config.d_model, config.eps)
        self.mlp = Feed(config)

    def forward(
        self, x: Tensor, bias: Tensor, cos: Tensor, sin: Tensor, past: tuple[Tensor, Tensor] | None
    ) -> tuple[Tensor, Tensor, Tensor]:
        y, k, v = self.self_attn(self.input_layernorm(x), bias, cos, sin, past)
        x = x + y
        return x + self.mlp(self.post_attention_layernorm(x)), k, v


class Body(nn.Module):
    """All but the output layer, under the name ``model`` that the folders give it."""

    def __init__(self, config: DecoderConfig) -> None:
        super().__init__()
        self.embed_tokens = nn.Embedding(config.vocab_size, config.d_model)
        self.layers = nn.ModuleList(Layer(config) for _ in range(config.n_layer))
        self.norm = Norm(config.d_model, config.eps)


class Decoder(nn.Module):
    """The language model. ``forward`` takes and gives what that of ``libs.lm.model.CausalLM`` does."""

    def __init__(self, config: DecoderConfig, generator: torch.Generator | None = None) -> None:
        """``generator`` fixes the initial weights; None leaves them to torch's global one (enough when they are loaded next)."""
        super().__init__()
        self.config = config
        self.model = Body(config)
        self.lm_head = None if config.tied else nn.Linear(config.d_model, config.vocab_size, bias=False)
        self.register_buffer("inverse_wavelength", inverse_wavelength(config.rope, config.head_dim), persistent=False)
        self.inverse_wavelength: Tensor
        self._initialise(generator)

    @torch.no_grad()
    def _initialise(self, generator: torch.Generator | None) -> None:
        for name, weight in self.named_parameters():
            if weight.dim() == 2:
                weight.normal_(0.0, INIT_STD, generator=generator)
            elif name.endswith("bias"):
                weight.zero_()

    def hidden(
        self, input_ids: Tensor, attention_mask: Tensor, position_ids: Tensor, past: list[Tensor] | None = None
    ) -> tuple[Tensor, list[Tensor]]:
        """``forward`` without the output layer: ([B,T,C], present). Training scores only the answer tokens of it."""
        bias = self._bias(attention_mask, position_ids)
        angle = position_ids[:, None, :, None].to(torch.float32) * self.inverse_wavelength
        angle = torch.cat((angle, angle), dim=-1)
        x = self.model.embed_tokens(input_ids)
        cos, sin, bias = angle.cos().to(x.dtype), angle.sin().to(x.dtype), bias.to(x.dtype)
        present: list[Tensor] = []
        for number, layer in enumerate(self.model.layers):
            x, k, v = layer(x, bias, cos, sin, None if past is None else (past[2 * number], past[2 * number + 1]))
            present += [k, v]
        return self.model.norm(x), present

    def logits(self, hidden: Tensor) -> Tensor:
        """[..., C] -> [..., V]."""
        return functional.linear(hidden, self.model.embed_tokens.weight if self.lm_head is None else self.lm_head.weight)

    def forward(
        self, input_ids: Tensor, attention_mask: Tensor, position_ids: Tensor, past: list[Tensor] | None = None
    ) -> tuple[Tensor, list[Tensor]]:
        """Scores of the next token after each new token; see ``libs.lm.model.CausalLM.forward``. The cache has K heads."""
        x, present = self.hidden(input_ids, attention_mask, position_ids, past)
        return self.logits(x), present

    def _bias(self, attention_mask: Tensor, position_ids: Tensor) -> Tensor:
        """What each query may look at; where the layout bounds how far back, by positions and not by slots."""
        bias = attention_bias(attention_mask, position_ids.shape[1])
        if not 0 < self.config.window < self.config.block_size:
            return bias
        slot_position = attention_mask.cumsum(dim=1) - 1
        near = position_ids[:, :, None] - slot_position[:, None, :] < self.config.window
        return torch.where(near[:, None], bias, MASKED)


def inverse_wavelength(rope: Rope, head_dim: int) -> Tensor:
    """[D/2]: by how much each pair of a head turns from one position to the next (Su et al. 2021)."""
    turn = rope.base ** (-torch.arange(0, head_dim, 2, dtype=torch.float32) / head_dim)
    if rope.kind == "linear":
        return turn / rope.factor
    if rope.kind == "llama3":
        return _stretched(turn, rope)
    return turn


def _stretched(turn: Tensor, rope: Rope) -> Tensor:
    """Llama 3.1: waves that fit into the original context several times stay, those that do not fit are stretched, between them a blend."""
    times = rope.original * turn / (2 * math.pi)  # how often the wave fits
    blend = ((times - rope.low) / (rope.high - rope.low)).clamp(0.0, 1.0)
    return blend * turn + (1 - blend) * turn / rope.factor
