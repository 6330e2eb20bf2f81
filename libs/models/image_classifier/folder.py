"""The folder of a picture classifier (``libs.models.folder``)."""

from __future__ import annotations

from pathlib import Path

from libs.models import folder as folders
from libs.models.image_classifier.config import ImageConfig, read_config
from libs.models.image_classifier.network import ImageNetwork
from libs.models.image_classifier.pictures import Pictures


def save(folder: Path, network: ImageNetwork, config: ImageConfig) -> None:
    """Write ``folder`` in one step, replacing what is there. Equal weights give equal bytes."""
    folders.save(folder, network, config.to_dict(), Pictures(config.side).save)


def load(folder: Path) -> tuple[ImageNetwork, ImageConfig, Pictures]:
    """On the CPU, in eval mode. Raises PlatformError 422 FILE_MISSING, CHECKSUM_MISMATCH naming the file."""
    folders.require_parts(folder)
    config = read_config(folder)
    weights = folders.weights_of(folder, lambda: ImageNetwork(config))
    network = ImageNetwork(config)
    network.load_state_dict(weights)
    return network.eval(), config, Pictures.load(folder)
