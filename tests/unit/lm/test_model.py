"""One forward for training, cached decoding and ragged batches: all must agree."""

from __future__ import annotations

import torch

from libs.lm.config import LMConfig
from libs.lm.model import CausalLM


def _full(model: CausalLM, ids: list[int]) -> torch.Tensor:
    row = torch.tensor([ids])
    return model(row, torch.ones_like(row), torch.arange(len(ids))[None])[0][0]


def test_shapes_and_types(model: CausalLM) -> None:
    ids = torch.randint(5, 100, (3, 7))
    logits, present = model(ids, torch.ones_like(ids), torch.arange(7).expand(3, 7))
    assert logits.shape == (3, 7, model.config.vocab_size)
    assert logits.dtype == torch.float32
    assert [tuple(tensor.shape) for tensor in present] == [(3, 2, 7, 16)] * 4


def test_a_token_sees_itself_and_the_past_only(model: CausalLM) -> None:
    ids = [7, 8, 9, 10, 11, 12]
    base, changed = _full(model, ids), _full(model, [7, 8, 9, 99, 11, 12])
    assert torch.equal(base[:3], changed[:3])
    assert all(not torch.allclose(base[at], changed[at], atol=1e-3) for at in range(3, 6))


@torch.inference_mode()
def test_cached_steps_equal_one_pass(model: CausalLM) -> None:
    ids = list(range(20, 32))
    want = _full(model, ids)
    past = [torch.empty(1, 2, 0, 16) for _ in range(4)]  # P = 0, as an exported graph is first called
    done = 0
    for new in (5, 1, 1, 3, 2):
        row = torch.tensor([ids[done : done + new]])
        logits, past = model(row, torch.ones(1, done + new, dtype=torch.int64), torch.arange(done, done + new)[None], past)
        torch.testing.assert_close(logits[0], want[done : done + new], atol=1e-5, rtol=1e-5)
        done += new


@torch.inference_mode()
def test_ragged_rows_equal_separate_runs_even_with_garbage_in_the_padding(model: CausalLM) -> None:
    """Rows of 3, 9 and 1 past tokens take one step together: right-padded cache, a mask per row, the new slot after the padding."""
    dice = torch.Generator().manual_seed(3)
    rows = [torch.randint(5, 100, (length,), generator=dice).tolist() for length in (4, 10, 2)]
    longest = max(len(row) - 1 for row in rows)
    past = [torch.randn(len(rows), 2, longest, 16, generator=dice) * 50 for _ in range(4)]
    mask = torch.zeros(len(rows), longest + 1, dtype=torch.int64)
    for number, row in enumerate(rows):
        head = torch.tensor([row[:-1]])
        _, present = model(head, torch.ones_like(head), torch.arange(len(row) - 1)[None])
        for slot, tensor in enumerate(present):
            past[slot][number, :, : len(row) - 1] = tensor[0]
        mask[number, : len(row) - 1] = 1
    mask[:, -1] = 1
    last = torch.tensor([[row[-1]] for row in rows])
    positions = torch.tensor([[len(row) - 1] for row in rows])
    logits, _ = model(last, mask, positions, past)
    for number, row in enumerate(rows):
        torch.testing.assert_close(logits[number, 0], _full(model, row)[-1], atol=1e-5, rtol=1e-5)


@torch.inference_mode()
def test_padding_changes_nothing_and_a_padded_row_stays_finite(model: CausalLM) -> None:
    ids = torch.tensor([[20, 21, 22, 77, 78], [0, 0, 0, 0, 0]])
    mask = torch.tensor([[1, 1, 1, 0, 0], [0, 0, 0, 0, 0]])
    logits, _ = model(ids, mask, torch.arange(5).expand(2, 5))
    torch.testing.assert_close(logits[0, :3], _full(model, [20, 21, 22]), atol=1e-5, rtol=1e-5)
    assert bool(torch.isfinite(logits).all())


def test_the_same_generator_gives_the_same_weights() -> None:
    config = LMConfig(300, n_layer=1, n_head=2, d_model=16)
    first, again, other = (CausalLM(config, torch.Generator().manual_seed(seed)).state_dict() for seed in (1, 1, 2))
    assert all(torch.equal(first[name], again[name]) for name in first)
    assert not torch.equal(first["embedding.weight"], other["embedding.weight"])


def test_embedding_is_tied_to_the_output(model: CausalLM) -> None:
    assert not [name for name in model.state_dict() if "head" in name]
    model.logits(torch.ones(1, 32)).sum().backward()
    assert model.embedding.weight.grad is not None
