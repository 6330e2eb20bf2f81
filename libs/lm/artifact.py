"""The folder a trained model lives in: ``config.json``, ``tokenizer.json``, ``model.safetensors``, nothing else.

Decides that a folder is whole or absent (written beside, fsynced, renamed) and that it proves itself: the weights file carries the
SHA-256 of the three parts in its metadata, because safetensors alone loads a flipped byte without a word.
"""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from libs.common.durable import sync
from libs.common.errors import PlatformError, Reason
from libs.lm.config import LMConfig
from libs.lm.tokenizer import ChatTokenizer

if TYPE_CHECKING:
    from torch import Tensor

    from libs.lm.model import CausalLM

CONFIG, TOKENIZER, WEIGHTS = "config.json", "tokenizer.json", "model.safetensors"
_PROOF = "modelyard"  # the one metadata key; several would be written in random order and break bit-equality


def save(folder: Path, model: CausalLM, tokenizer: ChatTokenizer) -> None:
    """Write ``folder`` in one step, replacing what is there. Equal weights and tokenizer give equal bytes."""
    from safetensors.torch import save_file

    beside = folder.with_name(f".{folder.name}.part")
    shutil.rmtree(beside, ignore_errors=True)
    beside.mkdir(parents=True)
    config = json.dumps(model.config.to_dict(), indent=1, sort_keys=True)
    (beside / CONFIG).write_text(config + "\n", encoding="utf-8")
    tokenizer.save(beside / TOKENIZER)
    weights = {name: tensor.detach().cpu().contiguous() for name, tensor in model.state_dict().items()}
    proof = {CONFIG: _sha256(beside / CONFIG), TOKENIZER: _sha256(beside / TOKENIZER), WEIGHTS: digest(weights)}
    text = json.dumps(proof, sort_keys=True)
    save_file(weights, beside / WEIGHTS, metadata={_PROOF: f"{hashlib.sha256(text.encode()).hexdigest()} {text}"})
    for name in (CONFIG, TOKENIZER, WEIGHTS):
        sync(beside / name)
    publish(beside, folder)


def load(folder: Path) -> tuple[CausalLM, ChatTokenizer]:
    """Read a folder that ``save`` wrote; the model comes back on the CPU in eval mode.

    Raises PlatformError(422) with the file's name: FILE_MISSING, or CHECKSUM_MISMATCH for damage of any kind. Names, types and
    element counts of the weights are compared with the config before anything is allocated.
    """
    from libs.lm.model import CausalLM

    for name in (CONFIG, TOKENIZER, WEIGHTS):
        if not (folder / name).is_file():
            raise PlatformError(422, Reason.FILE_MISSING, file=name)
    config = read_config(folder)
    weights, proof = _read_weights(folder / WEIGHTS, config)
    for name in (CONFIG, TOKENIZER):
        if proof[name] != _sha256(folder / name):
            raise _damaged(name, f"is not the one {WEIGHTS} was saved with")
    tokenizer = ChatTokenizer.load(folder / TOKENIZER)
    if tokenizer.vocab_size > config.vocab_size:
        raise _damaged(TOKENIZER, f"has {tokenizer.vocab_size} tokens, the model {config.vocab_size}")
    model = CausalLM(config)
    model.load_state_dict(weights)
    return model.eval(), tokenizer


def read_config(folder: Path) -> LMConfig:
    """``config.json`` of a model folder, without torch. Raises as ``load``."""
    path = folder / CONFIG
    if not path.is_file():
        raise PlatformError(422, Reason.FILE_MISSING, file=CONFIG)
    try:
        values = json.loads(path.read_bytes())
    except ValueError:
        raise _damaged(CONFIG, "not JSON") from None
    if not isinstance(values, dict):
        raise _damaged(CONFIG, "not an object")
    try:
        return LMConfig.from_dict(values)
    except PlatformError as error:
        raise _damaged(CONFIG, f"{error.field}: {error.limit}") from error


def digest(weights: Mapping[str, Tensor]) -> str:
    """SHA-256 over names and raw little-endian values, in name order."""
    total = hashlib.sha256()
    for name in sorted(weights):
        total.update(name.encode() + b"\0")
        total.update(weights[name].numpy().tobytes())
    return total.hexdigest()


def publish(beside: Path, folder: Path) -> None:
    """Give a finished temporary folder its name, replacing an older one."""
    sync(beside)
    if folder.exists():  # a folder cannot be renamed over a full one; a crash in between leaves none, and the next attempt writes it again
        old = folder.with_name(f".{folder.name}.old")
        shutil.rmtree(old, ignore_errors=True)
        folder.rename(old)
        beside.rename(folder)
        shutil.rmtree(old)
    else:
        beside.rename(folder)
    sync(folder.parent)


def _read_weights(path: Path, config: LMConfig) -> tuple[dict[str, Tensor], dict[str, str]]:
    from safetensors import SafetensorError, safe_open

    try:
        with safe_open(path, "pt") as file:
            proof = _parse_proof((file.metadata() or {}).get(_PROOF, ""))
            _check_shapes({name: file.get_slice(name) for name in file.keys()}, config)  # noqa: SIM118 (not a dict)
            weights = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118 (not a dict)
    except (SafetensorError, ValueError) as error:
        raise _damaged(WEIGHTS, str(error)[:200]) from None
    if proof[WEIGHTS] != digest(weights):
        raise _damaged(WEIGHTS, "SHA-256 of the values differs")
    return weights, proof


def _parse_proof(text: str) -> dict[str, str]:
    own, _, listed = text.partition(" ")
    if own != hashlib.sha256(listed.encode()).hexdigest():  # a flip in here would otherwise blame one of the other files
        raise ValueError("the list of checksums is missing or damaged")
    proof = json.loads(listed)
    if not isinstance(proof, dict) or {CONFIG, TOKENIZER, WEIGHTS} - set(proof):
        raise ValueError("the list of checksums is not of this format")
    return proof


def _check_shapes(found: Mapping[str, Any], config: LMConfig) -> None:
    import torch

    from libs.lm.model import CausalLM

    with torch.device("meta"):  # shapes without memory
        expected = {name: tuple(tensor.shape) for name, tensor in CausalLM(config).state_dict().items()}
    if odd := sorted(set(found) ^ set(expected)):
        raise _damaged(WEIGHTS, f"tensor {odd[0]} is {'missing' if odd[0] in expected else 'unknown'}")
    for name, shape in expected.items():
        if tuple(found[name].get_shape()) != shape or found[name].get_dtype() != "F32":
            raise _damaged(WEIGHTS, f"tensor {name} is {found[name].get_dtype()} {found[name].get_shape()}, expected F32 {list(shape)}")


def _sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def _damaged(file: str, problem: str) -> PlatformError:
    return PlatformError(422, Reason.CHECKSUM_MISMATCH, file=file, problem=problem)
