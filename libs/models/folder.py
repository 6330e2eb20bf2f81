"""The folder a model lives in, whatever its family is: ``config.json``, ``tokenizer.json`` (how what is asked becomes numbers) and
``model.safetensors``; of a model made elsewhere perhaps its licence.

Decides that a folder is whole or absent (written beside, fsynced, renamed) and that it proves itself: the weights file carries the SHA-256
of the three parts in its metadata, because safetensors alone loads a flipped byte without a word.
"""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from libs.common.durable import sync
from libs.common.errors import PlatformError, Reason
from libs.models import safetensors_file
from libs.models.safetensors_file import Entry

if TYPE_CHECKING:
    from torch import Tensor, nn

CONFIG, TOKENIZER, WEIGHTS = "config.json", "tokenizer.json", "model.safetensors"
PARTS = (CONFIG, TOKENIZER, WEIGHTS)
FAMILY = "family"  # in the config of every family but the first
_PROOF = "modelyard"
_FORMAT = {"format": "pt"}  # without it other readers refuse the file
MOST_CONFIG = 1 << 20  # bytes
Data = Callable[[str], Iterable[bytes]]


def save(folder: Path, model: nn.Module, config: Mapping[str, Any], tokenizer: Callable[[Path], None]) -> None:
    """Write ``folder`` in one step, replacing what is there. Equal weights and tokenizer give equal bytes. tokenizer: writes its file."""
    weights = {name: tensor.detach().cpu().contiguous() for name, tensor in model.state_dict().items()}
    entries = [Entry(name, _dtype(tensor), tuple(tensor.shape)) for name, tensor in weights.items()]

    def fill(beside: Path) -> None:
        (beside / CONFIG).write_text(json.dumps(config, indent=1, sort_keys=True) + "\n", encoding="utf-8")
        tokenizer(beside / TOKENIZER)

    write(folder, fill, entries, lambda name: [raw(weights[name])])


def write(folder: Path, fill: Callable[[Path], None], entries: Iterable[Entry], data: Data) -> None:
    """Write ``folder`` in one step. fill: puts everything but the weights into the folder beside it. data: a tensor's bytes by its name."""
    beside = folder.with_name(f".{folder.name}.part")
    shutil.rmtree(beside, ignore_errors=True)
    beside.mkdir(parents=True)
    fill(beside)
    entries = list(entries)
    parts = {name: _sha256(beside / name) for name in (CONFIG, TOKENIZER)} | {WEIGHTS: digest((each.name for each in entries), data)}
    text = json.dumps(parts, sort_keys=True)
    proof = {_PROOF: f"{hashlib.sha256(text.encode()).hexdigest()} {text}"}
    with (beside / WEIGHTS).open("xb") as file:
        safetensors_file.write(file, entries, data, proof | _FORMAT)
    for path in beside.iterdir():
        sync(path)
    publish(beside, folder)


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


def require_parts(folder: Path) -> None:
    """Raises PlatformError 422 FILE_MISSING."""
    for name in PARTS:
        if not (folder / name).is_file():
            raise PlatformError(422, Reason.FILE_MISSING, file=name)


def config_of(folder: Path) -> dict[str, Any]:
    """What ``config.json`` says. Raises PlatformError 422 FILE_MISSING, CHECKSUM_MISMATCH."""
    path = folder / CONFIG
    if not path.is_file():
        raise PlatformError(422, Reason.FILE_MISSING, file=CONFIG)
    try:
        values = json.loads(path.read_bytes()[: MOST_CONFIG + 1])
    except (ValueError, RecursionError):
        raise damaged(CONFIG, "not JSON") from None
    if not isinstance(values, dict):
        raise damaged(CONFIG, "not an object")
    return values


def weights_of(folder: Path, network: Callable[[], nn.Module], dtypes: Sequence[str] = ("F32",)) -> dict[str, Tensor]:
    """The weights, proven with the files beside them. network: makes what they are for; names, types and element counts are compared with
    it before anything is allocated. Raises PlatformError 422 CHECKSUM_MISMATCH for damage of any kind."""
    from safetensors import SafetensorError, safe_open

    try:
        with safe_open(folder / WEIGHTS, "pt") as file:
            proof = _parse_proof((file.metadata() or {}).get(_PROOF, ""))
            _check_shapes({name: file.get_slice(name) for name in file.keys()}, network, dtypes)  # noqa: SIM118 (not a dict)
            weights = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118 (not a dict)
    except (SafetensorError, ValueError) as error:
        raise damaged(WEIGHTS, str(error)[:200]) from None
    if proof[WEIGHTS] != digest(weights, lambda name: [raw(weights[name])]):
        raise damaged(WEIGHTS, "SHA-256 of the values differs")
    for name in (CONFIG, TOKENIZER):
        if proof[name] != _sha256(folder / name):
            raise damaged(name, f"is not the one {WEIGHTS} was saved with")
    return weights


def digest(names: Iterable[str], data: Data) -> str:
    """SHA-256 over names and raw little-endian values, in name order."""
    total = hashlib.sha256()
    for name in sorted(names):
        total.update(name.encode() + b"\0")
        for piece in data(name):
            total.update(piece)
    return total.hexdigest()


def raw(tensor: Tensor) -> bytes:
    """The bytes of a tensor on the CPU, whatever its type."""
    import torch

    data: bytes = tensor.contiguous().view(torch.uint8).numpy().tobytes()
    return data


def damaged(file: str, problem: str) -> PlatformError:
    return PlatformError(422, Reason.CHECKSUM_MISMATCH, file=file, problem=problem)


def _parse_proof(text: str) -> dict[str, str]:
    own, _, listed = text.partition(" ")
    if own != hashlib.sha256(listed.encode()).hexdigest():  # a flip in here would otherwise blame one of the other files
        raise ValueError("the list of checksums is missing or damaged")
    proof = json.loads(listed)
    if not isinstance(proof, dict) or set(PARTS) - set(proof):
        raise ValueError("the list of checksums is not of this format")
    return proof


def _check_shapes(found: Mapping[str, Any], network: Callable[[], nn.Module], dtypes: Sequence[str]) -> None:
    import torch

    with torch.device("meta"):  # shapes without memory
        expected = {name: tuple(tensor.shape) for name, tensor in network().state_dict().items()}
    if odd := sorted(set(found) ^ set(expected)):
        raise damaged(WEIGHTS, f"tensor {odd[0]} is {'missing' if odd[0] in expected else 'unknown'}")
    allowed = " or ".join(dtypes)
    for name, size in expected.items():
        if tuple(found[name].get_shape()) != size or found[name].get_dtype() not in dtypes:
            raise damaged(WEIGHTS, f"tensor {name} is {found[name].get_dtype()} {found[name].get_shape()}, not {allowed} {list(size)}")


def _dtype(tensor: Tensor) -> str:
    import torch

    return {torch.float32: "F32", torch.float16: "F16", torch.bfloat16: "BF16"}[tensor.dtype]


def _sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()
