"""A text classifier that is ready to answer: as it was trained, and as it was exported."""

from __future__ import annotations

from pathlib import Path

from libs.models.classifier import OnnxClassifier, TrainedClassifier
from libs.models.text_classifier.config import read_config
from libs.models.text_classifier.pieces import Pieces


def trained(folder: Path) -> TrainedClassifier:
    """Raises PlatformError 422 FILE_MISSING, CHECKSUM_MISMATCH naming the file."""
    from libs.models.text_classifier.folder import load

    network, config, pieces = load(folder)
    return TrainedClassifier(network, pieces, config.labels)


def exported(folder: Path, threads: int) -> OnnxClassifier:
    """Raises PlatformError 422 FILE_MISSING, CHECKSUM_MISMATCH, FORMAT_UNKNOWN."""
    return OnnxClassifier(folder, threads, Pieces.load(folder), read_config(folder).labels)
