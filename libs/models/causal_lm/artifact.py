"""The folder of a causal language model (``libs.models.folder``). The one place where its layout is asked for."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias

from libs.common.errors import PlatformError
from libs.models import folder as folders
from libs.models.causal_lm.asking import Asking
from libs.models.causal_lm.layouts import Layout, Shape, layout_of
from libs.models.folder import CONFIG as CONFIG
from libs.models.folder import PARTS as PARTS
from libs.models.folder import TOKENIZER, damaged, require_parts
from libs.models.folder import WEIGHTS as WEIGHTS

if TYPE_CHECKING:
    from libs.lm.model import CausalLM
    from libs.models.causal_lm.decoder import Decoder

    Network: TypeAlias = CausalLM | Decoder


def save(folder: Path, model: Network, tokenizer: Asking) -> None:
    """Write ``folder`` in one step, replacing what is there. Equal weights and tokenizer give equal bytes."""
    folders.save(folder, model, model.config.to_dict(), tokenizer.save)


def load(folder: Path) -> tuple[Network, Asking]:
    """Read a folder that ``save`` or ``write`` made; the model comes back on the CPU in eval mode, in float32.

    Raises PlatformError(422) with the file's name: FILE_MISSING, or CHECKSUM_MISMATCH for damage of any kind. Names, types and
    element counts of the weights are compared with the config before anything is allocated.
    """
    require_parts(folder)
    layout, shape = _read_config(folder)
    weights = folders.weights_of(folder, lambda: layout.network(shape), layout.dtypes)
    tokenizer = layout.tokenizer(folder)
    if tokenizer.vocab_size > shape.vocab_size:
        raise damaged(TOKENIZER, f"has {tokenizer.vocab_size} tokens, the model {shape.vocab_size}")
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


def _read_config(folder: Path) -> tuple[Layout, Any]:
    values = folders.config_of(folder)
    try:
        layout = layout_of(values)
        return layout, layout.shape(values)
    except PlatformError as error:
        raise damaged(CONFIG, f"{error.field}: {error.limit}") from error
