"""A picture classifier that is ready to answer: as it was trained, and as it was exported."""

from __future__ import annotations

from pathlib import Path

from libs.models.classifier import OnnxClassifier, TrainedClassifier
from libs.models.image_classifier.config import read_config
from libs.models.image_classifier.pictures import Pictures


def trained(folder: Path) -> TrainedClassifier:
    """Raises PlatformError 422 FILE_MISSING, CHECKSUM_MISMATCH naming the file."""
    from libs.models.image_classifier.folder import load

    network, config, pictures = load(folder)
    return TrainedClassifier(network, pictures, config.labels)


def exported(folder: Path, threads: int) -> OnnxClassifier:
    """Raises PlatformError 422 FILE_MISSING, CHECKSUM_MISMATCH, FORMAT_UNKNOWN."""
    return OnnxClassifier(folder, threads, Pictures.load(folder), read_config(folder).labels)
