"""Test versions and model folders as other domains leave them, small and real."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

QUESTIONS = [f"What does module{number}.call do?" if number % 3 else f"module{number}.call 有什么用？" for number in range(12)]


def record(number: int, question: str, answer: str, **more: Any) -> dict[str, Any]:
    lang = "zh" if "有什么用" in question else "en"
    return {"id": f"{number:032x}", "instruction": question, "input": "", "output": answer, "lang": lang, "template": "t1", **more}


def write_version(folder: Path, records: Sequence[dict[str, Any]], parts: int = 1) -> Path:
    """A test version of ``parts`` shards."""
    folder.mkdir(parents=True, exist_ok=True)
    size = -(-len(records) // parts) or 1
    for part in range(parts):
        lines = [json.dumps(row, ensure_ascii=False) + "\n" for row in records[part * size : (part + 1) * size]]
        (folder / f"part-{part:05d}.jsonl").write_text("".join(lines), encoding="utf-8")
    (folder / "manifest.json").write_text("{}")
    return folder


def write_model(folder: Path, block_size: int = 48) -> Path:
    """A tiny model with random weights in the artifact format."""
    import torch

    from libs.lm.config import LMConfig
    from libs.lm.model import CausalLM
    from libs.lm.tokenizer import ChatTokenizer
    from libs.models.causal_lm import artifact

    torch.set_num_threads(1)
    tokenizer = ChatTokenizer.train(QUESTIONS * 3, 300)
    config = LMConfig(tokenizer.vocab_size, block_size=block_size, n_layer=1, n_head=2, d_model=16)
    model = CausalLM(config, torch.Generator().manual_seed(7))
    with torch.no_grad():  # fresh layers hardly change what stands in them: the model would repeat the last token for ever
        for name, weight in model.named_parameters():
            if name.startswith("blocks.") and weight.dim() == 2:
                weight.mul_(30)
    artifact.save(folder, model, tokenizer)
    return folder


def model_answers(folder: Path, questions: Sequence[str], max_new_tokens: int) -> list[str]:
    """What the model says, straight from the library."""
    from libs.models.causal_lm import artifact
    from libs.models.causal_lm.decode import greedy

    model, tokenizer = artifact.load(folder)
    return list(greedy(model, tokenizer, questions, max_new_tokens, batch_size=1))
