"""What the kinds of augmentation have in common: the config names one way to make more, and has its options."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from functools import partial
from typing import Any

from libs.common.errors import Reason, invalid, missing
from services.dataset.engine.augmentations import AUGMENTATIONS
from services.dataset.engine.augmenting import named
from services.dataset.engine.job import refuse_unknown
from services.dataset.engine.kinds import Arguments, TaskKind


def kind_of(of: str, place: int) -> TaskKind:
    """The kind whose tasks make more of one medium."""
    entry = "services.dataset.engine.augmenting:run"
    return TaskKind(name=f"{of}_Augmentation", entry=entry, read=partial(read, of), needs=("data",), place=place)


def read(of: str, config: Mapping[str, Any]) -> Arguments:
    """config: ``{"augmentation": name, "options": {…}}``."""
    refuse_unknown(config, ("augmentation", "options"))
    if config.get("augmentation") is None:
        raise missing("augmentation")
    kind = named(config["augmentation"])
    if kind.of != of:
        known = [each.name for each in AUGMENTATIONS.values() if each.of == of]
        raise invalid("augmentation", Reason.UNKNOWN_ENUM, "one of " + ", ".join(known), value=kind.name)
    return Arguments({"augmentation": kind.name, "options": asdict(kind.read(config.get("options")))}, kind.options)
