"""The families there are. One entry each; whatever differs between two is in their folders.

Training, evaluation, conversion and serving ask ``family_of`` what a folder is, and treat it by what it ``serves``: two families that serve
the same are trained, judged, compared with their export and asked by the same lines.
"""

from __future__ import annotations

from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Any

from libs.models import folder as folders
from libs.models.graph import Graph
from libs.models.tasks import CHAT, CLASSIFY, Task


@dataclass(frozen=True)
class Family:
    """serves: what its models are asked for. Its folder has ``export``: ``graph`` (of a model folder, what is traced), ``prove`` (that an
    exported folder runs), and for what answers at once ``running``: ``trained`` (of a model folder, on torch) and ``exported``
    (of an exported one, on ONNX Runtime)."""

    name: str
    serves: Task

    def graph(self, folder: Path) -> Graph:
        """Raises PlatformError 422 CHECKSUM_MISMATCH of a damaged folder."""
        made: Graph = self._room("export").graph(folder)
        return made

    def prove(self, folder: Path) -> None:
        """Raises whatever the runtime does about a file that does not run."""
        self._room("export").prove(folder)

    def trained(self, folder: Path) -> Any:
        return self._room("running").trained(folder)

    def exported(self, folder: Path, threads: int) -> Any:
        return self._room("running").exported(folder, threads)

    @property
    def traced(self) -> tuple[int, ...]:
        """The shape of what its graph is traced with."""
        found: tuple[int, ...] = self._room("export").TRACED
        return found

    def _room(self, name: str) -> Any:
        return import_module(f"libs.models.{self.name}.{name}")


CAUSAL_LM = "causal_lm"
FAMILIES = {
    each.name: each
    for each in (
        Family(CAUSAL_LM, CHAT),
        Family("text_classifier", CLASSIFY),
        Family("image_classifier", CLASSIFY),
    )
}


def family_of(folder: Path) -> Family:
    """What a model folder or an exported one is; a ``config.json`` that says nothing of it is a language model's. Raises PlatformError 422
    FILE_MISSING, CHECKSUM_MISMATCH."""
    said = folders.config_of(folder).get(folders.FAMILY, CAUSAL_LM)
    if said not in FAMILIES:
        raise folders.damaged(folders.CONFIG, f"{folders.FAMILY}: one of {', '.join(FAMILIES)}")
    return FAMILIES[said]
