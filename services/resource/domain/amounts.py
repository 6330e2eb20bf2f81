"""How much of what: whole numbers in the smallest unit of each resource, so that no sum is ever rounded."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, fields

UNLIMITED = 1 << 60
"""Stands for "no limit" in the records, far above what can be asked for."""
PER_ACCELERATOR_SECOND = 1_000_000
"""Thousandths of an accelerator times milliseconds: what leases are paid in."""


@dataclass(frozen=True)
class Amounts:
    """What is shown: asked for, held or allowed; None: no limit. The first four are held and come back, the others are spent."""

    cpu_milli: int | None
    memory_mb: int | None
    accelerator_milli: int | None
    replicas: int | None
    accelerator_seconds: int | None = 0
    tokens: int | None = 0
    annotation_seconds: int | None = 0


@dataclass(frozen=True)
class Want:
    """A request. pay: of accelerator time, in the smallest unit: what its lease costs."""

    cpu: int = 0
    memory: int = 0
    accelerator: int = 0
    replicas: int = 0
    pay: int = 0
    tokens: int = 0
    annotation: int = 0

    @property
    def spends(self) -> bool:
        """Whether a window's budget is touched."""
        return bool(self.pay or self.tokens or self.annotation)

    @property
    def placed(self) -> bool:
        """Whether a node has to hold it."""
        return bool(self.cpu or self.memory or self.accelerator)

    def named(self) -> Iterator[tuple[str, int]]:
        """(resource, how much) of what is wanted, in the order of the fields."""
        return ((each.name, value) for each in fields(self) if (value := getattr(self, each.name)))


HELD = ("cpu", "memory", "accelerator", "replicas")
SPENT = ("pay", "tokens", "annotation")
SHOWN = {
    "cpu": "cpu_milli",
    "memory": "memory_mb",
    "accelerator": "accelerator_milli",
    "replicas": "replicas",
    "pay": "accelerator_seconds",
    "tokens": "tokens",
    "annotation": "annotation_seconds",
}
"""Each resource's name in the contract."""


def shown_amount(resource: str, amount: int) -> int:
    """As the contract counts it: accelerator time in seconds, a part of one counted whole."""
    return -(-amount // PER_ACCELERATOR_SECOND) if resource == "pay" else amount


def stored_amount(resource: str, amount: int | None) -> int:
    """As the records hold a limit."""
    if amount is None:
        return UNLIMITED
    return amount * PER_ACCELERATOR_SECOND if resource == "pay" else amount


def amounts_of(**by_resource: int) -> Amounts:
    """What people see of numbers of the records."""
    shown = {SHOWN[name]: None if value >= UNLIMITED else shown_amount(name, value) for name, value in by_resource.items()}
    return Amounts(**shown)
