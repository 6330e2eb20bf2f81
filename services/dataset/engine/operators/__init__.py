"""The rules of cleaning, one file each: its options class, its operator, and the ``KIND`` that declares both."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from libs.common.errors import PlatformError
from libs.data.options import read_options
from libs.data.registry import Kind, kinds_in
from services.dataset.engine.ledger import Operator


@dataclass(frozen=True, kw_only=True)
class Rule(Kind):
    """operator: made from the rule's options, it judges one record at a time; None where a rule must have seen every record, and cleaning
    gives it a pass of its own. alone: it is a sub-type of the contract too, so that a task may consist of it."""

    operator: Callable[[Any], Operator] | None = None
    alone: bool = False

    def build(self, options: Any, path: str) -> Operator:
        """The operator for options as the caller wrote them. Raises PlatformError 400 naming ``path.…``."""
        assert self.operator is not None
        read = read_options(self.options, options, path)
        try:
            return self.operator(read)
        except PlatformError as error:
            error.field = f"{path}.{error.field}"
            raise


OPERATORS: dict[str, Rule] = kinds_in(__name__, Rule)
