"""A node as the rest of the deploy domain knows it: a port. The local binding supervises processes of its own machine."""

from __future__ import annotations

import threading
from typing import Protocol


class Node(Protocol):
    """It reads from ``Fleet`` which instances should run, takes those that are nobody's, and reports into ``Fleet`` how its own do. It
    touches no others: several nodes work side by side on one store."""

    @property
    def name(self) -> str:
        """Of this node, the same after every restart: instances are known to run here by it."""

    def take_over(self) -> bool:
        """Begins, unless another process is this node already. Before any order is looked at: what the store says of this node's instances
        is out of date until then."""

    def run(self, stop: threading.Event) -> None:
        """Works until ``stop``; then every process of this node is drained and ended."""

    def check(self) -> None:
        """Health: raises while the node does not look."""
