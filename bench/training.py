"""Tokens a second of our training loop: a CUDA card against the cores beside it, the same job, in one run."""

from __future__ import annotations

import json
import os
import random
import tempfile
from pathlib import Path

SHAPE = {"n_layer": 4, "n_head": 4, "d_model": 256}
STEPS = 40


def main(_environments: Path) -> None:
    import torch

    if not torch.cuda.is_available():
        print("training: not measured, it needs a CUDA card")
        return
    print(f"training: {torch.cuda.get_device_name()} against {os.cpu_count()} cores, PyTorch {torch.__version__}")
    with tempfile.TemporaryDirectory() as folder:
        records = write(Path(folder) / "train.jsonl")
        found = {device: tokens_per_s(records, Path(folder) / device, device) for device in ("cuda", "cpu")}
        print(f"  {SHAPE}: {found['cuda']:,.0f} tokens/s, cores {found['cpu']:,.0f}; ratio {found['cuda'] / found['cpu']:.1f}")


def write(path: Path) -> Path:
    """Records of some 100 words each, drawn from a vocabulary of 2 000."""
    dice = random.Random(1)
    words = ["".join(dice.choice("abcdefghijklmnop") for _ in range(dice.randint(3, 8))) for _ in range(2000)]
    with path.open("w") as file:
        for number in range(64 * STEPS):
            question, answer = " ".join(dice.choices(words, k=20)), " ".join(dice.choices(words, k=70))
            file.write(json.dumps({"instruction": f"{question} {number}?", "input": "", "output": answer}) + "\n")
    return path


def tokens_per_s(records: Path, work: Path, device: str) -> float:
    """Real tokens of the second half of the steps, per second."""
    from libs.common.work.engine import SilentReporter
    from services.train.engine.loop import run

    options = {
        **SHAPE,
        "device": device,
        "threads": os.cpu_count() or 1,
        "epochs": 1,
        "batch_size": 64,
        "block_size": 512,
        "vocab_size": 4000,
        "log_every_steps": 10,
        "max_left_out": 1.0,
        "vary_questions": 0.0,
    }
    report = SilentReporter()
    run({"options": options, "train_path": str(records)}, work, report)
    rates = [facts["tokens_per_s"] for _, facts in sorted(report.metrics.items()) if "tokens_per_s" in facts]
    later = rates[len(rates) // 2 :]
    return float(sum(later) / len(later))
