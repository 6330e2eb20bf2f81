"""The folder a model lives in: ``config.json``, ``tokenizer.json``, ``model.safetensors``; of a model made elsewhere perhaps its licence.

The one place where a folder's layout is asked for. Decides that a folder is whole or absent (written beside, fsynced, renamed) and that
it proves itself: the weights file carries the SHA-256 of the three parts in its metadata, because safetensors alone loads a flipped byte
without a word.
"""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias

from libs.common.durable import sync
from libs.common.errors import PlatformError, Reason
from libs.models import safetensors_file
from libs.models.causal_lm.asking import Asking
from libs.models.causal_lm.layouts import Layout, Shape, layout_of
from libs.models.safetensors_file import Entry

if TYPE_CHECKING:
    from torch import Tensor

    from libs.lm.model import CausalLM
    from libs.models.causal_lm.decoder import Decoder

    Network: TypeAlias = CausalLM | Decoder

CONFIG, TOKENIZER, WEIGHTS = "config.json", "tokenizer.json", "model.safetensors"
PARTS = (CONFIG, TOKENIZER, WEIGHTS)
_PROOF = "modelyard"
_FORMAT = {"format": "pt"}  # without it other readers refuse the file
MOST_CONFIG = 1 << 20  # bytes
Data = Callable[[str], Iterable[bytes]]


def save(folder: Path, model: Network, tokenizer: Asking) -> None:
    """Write ``folder`` in one step, replacing what is there. Equal weights and tokenizer give equal bytes."""
    weights = {name: tensor.detach().cpu().contiguous() for name, tensor in model.state_dict().items()}
    entries = [Entry(name, _dtype(tensor), tuple(tensor.shape)) for name, tensor in weights.items()]

    def fill(beside: Path) -> None:
        (beside / CONFIG).write_text(json.dumps(model.config.to_dict(), indent=1, sort_keys=True) + "\n", encoding="utf-8")
        tokenizer.save(beside / TOKENIZER)

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


def load(folder: Path) -> tuple[Network, Asking]:
    """Read a folder that ``save`` or ``write`` made; the model comes back on the CPU in eval mode, in float32.

    Raises PlatformError(422) with the file's name: FILE_MISSING, or CHECKSUM_MISMATCH for damage of any kind. Names, types and
    element counts of the weights are compared with the config before anything is allocated.
    """
    for name in PARTS:
        if not (folder / name).is_file():
            raise PlatformError(422, Reason.FILE_MISSING, file=name)
    layout, shape = _read_config(folder)
    weights, proof = _read_weights(folder / WEIGHTS, layout, shape)
    for name in (CONFIG, TOKENIZER):
        if proof[name] != _sha256(folder / name):
            raise _damaged(name, f"is not the one {WEIGHTS} was saved with")
    tokenizer = layout.tokenizer(folder)
    if tokenizer.vocab_size > shape.vocab_size:
        raise _damaged(TOKENIZER, f"has {tokenizer.vocab_size} tokens, the model {shape.vocab_size}")
    model: Network = layout.network(shape)
    model.load_state_dict(weights)
    return model.eval(), tokenizer


def read_config(folder: Path) -> Shape:
    """The numbers of a model folder, without torch. Raises as ``load``."""
    shape: Shape = _read_config(folder)[1]
    return shape


def read_tokenizer(folder: Path) -> Asking:
    """How the model of a folder is asked, without torch and without its weights. Raises as ``load``."""
    return _read_config(folder)[0].tokenizer(folder)


def layout_name(folder: Path) -> str:
    """What its layout is called. Raises as ``load``."""
    return _read_config(folder)[0].name


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


def _read_config(folder: Path) -> tuple[Layout, Any]:
    path = folder / CONFIG
    if not path.is_file():
        raise PlatformError(422, Reason.FILE_MISSING, file=CONFIG)
    try:
        values = json.loads(path.read_bytes()[: MOST_CONFIG + 1])
    except (ValueError, RecursionError):
        raise _damaged(CONFIG, "not JSON") from None
    if not isinstance(values, dict):
        raise _damaged(CONFIG, "not an object")
    try:
        layout = layout_of(values)
        return layout, layout.shape(values)
    except PlatformError as error:
        raise _damaged(CONFIG, f"{error.field}: {error.limit}") from error


def _read_weights(path: Path, layout: Layout, shape: Any) -> tuple[dict[str, Tensor], dict[str, str]]:
    from safetensors import SafetensorError, safe_open

    try:
        with safe_open(path, "pt") as file:
            proof = _parse_proof((file.metadata() or {}).get(_PROOF, ""))
            _check_shapes({name: file.get_slice(name) for name in file.keys()}, layout, shape)  # noqa: SIM118 (not a dict)
            weights = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118 (not a dict)
    except (SafetensorError, ValueError) as error:
        raise _damaged(WEIGHTS, str(error)[:200]) from None
    if proof[WEIGHTS] != digest(weights, lambda name: [raw(weights[name])]):
        raise _damaged(WEIGHTS, "SHA-256 of the values differs")
    return weights, proof


def _parse_proof(text: str) -> dict[str, str]:
    own, _, listed = text.partition(" ")
    if own != hashlib.sha256(listed.encode()).hexdigest():  # a flip in here would otherwise blame one of the other files
        raise ValueError("the list of checksums is missing or damaged")
    proof = json.loads(listed)
    if not isinstance(proof, dict) or set(PARTS) - set(proof):
        raise ValueError("the list of checksums is not of this format")
    return proof


def _check_shapes(found: Mapping[str, Any], layout: Layout, shape: Any) -> None:
    import torch

    with torch.device("meta"):  # shapes without memory
        expected = {name: tuple(tensor.shape) for name, tensor in layout.network(shape).state_dict().items()}
    if odd := sorted(set(found) ^ set(expected)):
        raise _damaged(WEIGHTS, f"tensor {odd[0]} is {'missing' if odd[0] in expected else 'unknown'}")
    allowed = " or ".join(layout.dtypes)
    for name, size in expected.items():
        if tuple(found[name].get_shape()) != size or found[name].get_dtype() not in layout.dtypes:
            raise _damaged(WEIGHTS, f"tensor {name} is {found[name].get_dtype()} {found[name].get_shape()}, not {allowed} {list(size)}")


def _dtype(tensor: Tensor) -> str:
    import torch

    return {torch.float32: "F32", torch.float16: "F16", torch.bfloat16: "BF16"}[tensor.dtype]


def _sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def _damaged(file: str, problem: str) -> PlatformError:
    return PlatformError(422, Reason.CHECKSUM_MISMATCH, file=file, problem=problem)
