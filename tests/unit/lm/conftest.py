"""A tiny model and tokenizer, made anew from fixed seeds."""

from __future__ import annotations

import pytest
import torch

from libs.lm.config import LMConfig
from libs.lm.model import CausalLM
from libs.lm.tokenizer import ChatTokenizer

TEXTS = [
    "What does json.dumps do?",
    "json.dumps 是做什么的？",
    "Serialize obj to a JSON formatted str.",
    "os.path.getatime zip_longest 123",
] * 4


@pytest.fixture
def tokenizer() -> ChatTokenizer:
    return ChatTokenizer.train(TEXTS, 320)


@pytest.fixture
def model(tokenizer: ChatTokenizer) -> CausalLM:
    torch.set_num_threads(1)
    config = LMConfig(tokenizer.vocab_size, block_size=64, n_layer=2, n_head=2, d_model=32)
    network = CausalLM(config, torch.Generator().manual_seed(5)).eval()
    with torch.no_grad():  # far from the flat start, so that every token really looks at the others
        for weight in network.parameters():
            if weight.dim() == 2:
                weight.mul_(8)
    return network
