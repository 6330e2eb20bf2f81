"""Batched greedy decoding and answer loss against the plainest possible loop."""

from __future__ import annotations

import math

import torch

from libs.lm.model import CausalLM
from libs.lm.tokenizer import ChatTokenizer
from libs.models.causal_lm.decode import answer_loss, greedy, greedy_ids

QUESTIONS = ["json", "What does json.dumps do?", "os", "是做什么的？", "zip_longest 123 zip_longest", "a", "json.dumps"]


@torch.inference_mode()
def _plain(model: CausalLM, tokenizer: ChatTokenizer, question: str, limit: int) -> list[int]:
    ids = tokenizer.prompt(question)
    start = len(ids)
    while len(ids) - start < limit:
        row = torch.tensor([ids])
        id = int(model(row, torch.ones_like(row), torch.arange(len(ids))[None])[0][0, -1].argmax())
        if id == tokenizer.eos_id:
            break
        ids.append(id)
    return ids[start:]


def test_batches_of_any_size_equal_the_plain_loop(model: CausalLM, tokenizer: ChatTokenizer) -> None:
    want = [_plain(model, tokenizer, question, 12) for question in QUESTIONS]
    assert len({tuple(ids) for ids in want}) > 3  # a model that answers everything alike would prove nothing
    assert greedy_ids(model, [tokenizer.prompt(question) for question in QUESTIONS], 12, tokenizer.stops) == want
    for size in (1, 3, 32):
        assert list(greedy(model, tokenizer, QUESTIONS, 12, batch_size=size)) == [tokenizer.decode(ids) for ids in want]


def test_rows_that_end_early_leave_the_others_alone(model: CausalLM, tokenizer: ChatTokenizer) -> None:
    free = [_plain(model, tokenizer, question, 12) for question in QUESTIONS]
    stop = free[1][4]  # pretend the fifth token of one answer ends answers: rows now end at different steps
    cut = [ids[: ids.index(stop)] if stop in ids else ids for ids in free]
    assert len({len(ids) for ids in cut}) > 1
    assert greedy_ids(model, [tokenizer.prompt(question) for question in QUESTIONS], 12, {stop}) == cut


def test_the_block_bounds_the_answer(model: CausalLM, tokenizer: ChatTokenizer) -> None:
    block = model.config.block_size
    prompts = [list(range(5, 5 + block - 2)), list(range(5, 5 + block)), list(range(5, 5 + 2 * block))]
    assert [len(ids) for ids in greedy_ids(model, prompts, 12, stops=())] == [2, 0, 0]
    assert list(greedy(model, tokenizer, ["长" * 500], 12)) == [""]
    assert list(greedy(model, tokenizer, [], 12)) == []


@torch.inference_mode()
def test_answer_loss_is_the_mean_of_each_row_alone(model: CausalLM, tokenizer: ChatTokenizer) -> None:
    pairs = [("json", "Serialize obj."), ("What does json.dumps do?", "x"), ("是做什么的？", "JSON formatted str")]
    want = []
    for question, answer in pairs:
        ids, prompt = tokenizer.pair(question, answer)
        row = torch.tensor([ids])
        scores = model(row, torch.ones_like(row), torch.arange(len(ids))[None])[0][0].log_softmax(-1)
        picked = [-float(scores[at - 1, ids[at]]) for at in range(prompt, len(ids))]
        want.append(sum(picked) / len(picked))
    for size in (1, 2, 32):
        got = answer_loss(model, tokenizer, pairs, batch_size=size)
        assert all(math.isclose(a, b, rel_tol=1e-4) for a, b in zip(got, want, strict=True))


def test_a_pair_without_room_for_its_answer_is_infinite(model: CausalLM, tokenizer: ChatTokenizer) -> None:
    losses = answer_loss(model, tokenizer, [("长" * 500, "x"), ("json", "x")])
    assert losses[0] == math.inf
    assert math.isfinite(losses[1])
