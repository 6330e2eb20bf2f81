"""A tiny trained model with random weights and a test version, as other domains leave them in the artifact store."""

from __future__ import annotations

import json
from pathlib import Path

from libs.common.store.storage import ArtifactStore
from tests.unit.deploy.world import VERSIONS, World

QUESTIONS = [f"What does module{number}.call do?" if number % 3 else f"module{number}.call 有什么用？" for number in range(12)]


def write_model(folder: Path) -> Path:
    import torch

    from libs.lm.config import LMConfig
    from libs.lm.model import CausalLM
    from libs.lm.tokenizer import ChatTokenizer
    from libs.models.causal_lm import artifact

    torch.set_num_threads(1)
    tokenizer = ChatTokenizer.train(QUESTIONS * 3, 300)
    model = CausalLM(LMConfig(tokenizer.vocab_size, block_size=48, n_layer=1, n_head=2, d_model=16), torch.Generator().manual_seed(7))
    with torch.no_grad():  # fresh layers hardly change what stands in them: the model would repeat the last token for ever
        for name, weight in model.named_parameters():
            if name.startswith("blocks.") and weight.dim() == 2:
                weight.mul_(30)
    artifact.save(folder, model, tokenizer)
    return folder


def furnish(world: World, artifacts: ArtifactStore, folder: Path) -> None:
    """Puts the model (as two versions) and the test version into the store and tells the neighbours."""
    uri, digest = artifacts.publish(write_model(folder / "model"))
    rows = [{"id": f"{n:032x}", "instruction": question, "input": "", "output": "?"} for n, question in enumerate(QUESTIONS)]
    part = folder / "test" / "part-00000.jsonl"
    part.parent.mkdir(parents=True)
    part.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows), encoding="utf-8")
    test_uri, test_digest = artifacts.publish(part.parent)
    world.set(
        versions={str(id): {"status": 20, "uri": uri, "digest": digest} for id in VERSIONS},
        test_version={"uri": test_uri, "content_hash": test_digest, "records": len(rows)},
        questions=QUESTIONS,
    )
