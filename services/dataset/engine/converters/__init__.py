"""The converters, one file each: its options class, what it does with a version, and the ``KIND`` that declares both."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from libs.common.work.engine import Reporter
from libs.data.options import read_options
from libs.data.registry import Kind, kinds_in

Run = Callable[[Path, Any, Path, Reporter], dict[str, Any]]


@dataclass(frozen=True, kw_only=True)
class Converter(Kind):
    """run: (folder of a version, options, work, report) -> result, with the new version in ``work / "out"``. check: what options must be
    beyond their single fields."""

    run: Run
    check: Callable[[Any], Any] = lambda options: options

    def read(self, options: Any) -> Any:
        """Options from JSON. Raises PlatformError 400."""
        return self.check(read_options(self.options, options))


CONVERTERS: dict[str, Converter] = kinds_in(__name__, Converter)
