"""The training methods, one file each: what runs, with which options, and which version of its arithmetic a snapshot names."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from importlib import import_module
from pathlib import Path
from typing import Any

from libs.common.errors import PlatformError, Reason, invalid
from libs.data.options import deciding, read_options
from libs.data.registry import Kind, kinds_in


@dataclass(frozen=True, kw_only=True)
class Method(Kind):
    """engine: rises when the same snapshot would give another model. takes: the kind of records it learns from. tunes: whether it goes on
    from a model version. en, zh: what it does, in a few words. preview: ``module:function`` that looks at the data before a start, "" where
    nothing can be foreseen."""

    engine: int = 1
    takes: str = "question_answer"
    tunes: bool = False
    en: str = ""
    zh: str = ""
    preview: str = ""
    needs: tuple[str, ...] = ("train",)
    makes: tuple[str, ...] = ("model",)

    def settled(self, given: Any) -> dict[str, Any]:
        """All options with their values. Raises PlatformError 400 naming ``options.…``."""
        try:
            made = asdict(read_options(self.options, given, "", exact=True))
        except PlatformError as error:  # the options may be wrong together, which they say by their own names
            error.field = f"options.{error.field}"
            raise
        return {name: list(value) if isinstance(value, tuple) else value for name, value in made.items()}  # as it is stored

    def look_at(self, data: Path, settled: Mapping[str, Any], base: Path | None, records: int) -> dict[str, Any] | None:
        """What can be foreseen of a training on ``data``, a folder of ``records``; None where nothing can. base: folder of the version it
        goes on from."""
        if not self.preview:
            return None
        module, _, function = self.preview.partition(":")
        found: dict[str, Any] | None = getattr(import_module(module), function)(data, self.options(**settled), base, records)
        return found

    def deciding(self, settled: Mapping[str, Any]) -> dict[str, Any]:
        """The options as far as they decide the model."""
        return deciding(self.options, settled)


METHODS: dict[str, Method] = kinds_in(__name__, Method)
KINDS: Mapping[str, Kind] = METHODS


def method(name: str) -> Method:
    """Raises PlatformError 400 for a method that is not known."""
    if name not in METHODS:
        raise invalid("method", Reason.UNKNOWN_ENUM, "one of " + ", ".join(METHODS), value=name)
    return METHODS[name]
