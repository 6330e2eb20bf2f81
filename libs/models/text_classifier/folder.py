"""The folder of a text classifier (``libs.models.folder``)."""

from __future__ import annotations

from pathlib import Path

from libs.models import folder as folders
from libs.models.text_classifier.config import TextConfig, read_config
from libs.models.text_classifier.network import TextNetwork
from libs.models.text_classifier.pieces import Pieces


def save(folder: Path, network: TextNetwork, config: TextConfig) -> None:
    """Write ``folder`` in one step, replacing what is there. Equal weights give equal bytes."""
    folders.save(folder, network, config.to_dict(), Pieces(config.buckets, config.max_pieces).save)


def load(folder: Path) -> tuple[TextNetwork, TextConfig, Pieces]:
    """On the CPU, in eval mode. Raises PlatformError 422 FILE_MISSING, CHECKSUM_MISMATCH naming the file."""
    folders.require_parts(folder)
    config = read_config(folder)
    weights = folders.weights_of(folder, lambda: TextNetwork(config))
    network = TextNetwork(config)
    network.load_state_dict(weights)
    return network.eval(), config, Pieces.load(folder)
