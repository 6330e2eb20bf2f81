"""A tiny language model that really answers, trained once per session, and the questions it knows."""

from __future__ import annotations

from pathlib import Path

import torch
from torch.nn import functional

from libs.lm.config import LMConfig
from libs.lm.model import CausalLM
from libs.lm.tokenizer import ChatTokenizer
from libs.models.causal_lm import artifact
from libs.models.causal_lm.decode import pad

PAIRS = (
    ("What does json.dumps do?", "It serializes an object to a JSON string."),
    ("json.dumps 有什么用？", "把对象序列化为 JSON 字符串。"),
    ("What does os.getcwd do?", "It returns the current folder."),
    ("os.getcwd 有什么用？", "返回当前目录 📁。"),
    ("What does math.sqrt do?", "It returns the square root."),
    ("math.sqrt 有什么用？", "返回\u2028平方\x85根。"),  # no line ends of an event
    ("What does sys.exit do?", "It ends the program."),
    ("Say nothing", ""),
)
QUESTIONS = [question for question, _ in PAIRS]
BLOCK = 96


def train(folder: Path) -> None:
    """Write the artifact of a model that gives every answer of ``PAIRS`` exactly."""
    torch.set_num_threads(1)
    tokenizer = ChatTokenizer.train([text for pair in PAIRS[:3] for text in pair], 300)  # few merges: emoji and hanzi span tokens
    model = CausalLM(LMConfig(tokenizer.vocab_size, BLOCK, 2, 2, 64), torch.Generator().manual_seed(7))
    examples = [tokenizer.pair(*pair) for pair in PAIRS]
    ids, mask, positions = pad([tokens for tokens, _ in examples])
    targets = ids[:, 1:].clone()
    for row, (tokens, prompt) in enumerate(examples):
        targets[row, : prompt - 1] = -100
        targets[row, len(tokens) - 1 :] = -100
    optimizer = torch.optim.AdamW(model.parameters(), lr=4e-3)
    for _ in range(150):
        logits, _ = model(ids, mask, positions)
        loss = functional.cross_entropy(logits[:, :-1].transpose(1, 2), targets)
        optimizer.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        optimizer.step()
    artifact.save(folder, model.eval(), tokenizer)
