"""What the platform is made of: its services, their numbers, their processes, and whom each may call. One entry a service.

Read by whoever needs a list of services: the loader, settings (ports), supervisor, doctor, audit, the tests of compose file, Kubernetes
base and call direction. A new service is its folder, its Thrift file and one entry here.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Service:
    """name: of its folder, its Thrift file and its database. offset: added to each port base. root: where its HTTP routes begin below
    /api/v1, "" for a service whose objects have no history of their own to show. roles: of its processes, in start order. calls: the
    services to its right, which it may ask. extras: of the distribution, per role: what its engines import."""

    name: str
    offset: int
    root: str = ""
    roles: tuple[str, ...] = ("serve",)
    calls: tuple[str, ...] = ()
    extras: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    @property
    def word(self) -> str:
        """Its name in the contract: ``ModelService``."""
        return "".join(part.capitalize() for part in self.name.split("_")) + "Service"


# In start order: what others call starts first. Offsets are part of the contract.
SERVICES = (
    Service("identity", 7),
    Service("resource", 8),
    Service("model", 1, "/models", extras={"serve": ("models",)}),
    Service("dataset", 2, "/datasets", ("serve", "work"), ("resource",), {"work": ("data",)}),
    Service("train", 3, "/train", ("serve", "work"), ("model", "dataset", "resource"), {"work": ("train",)}),
    Service("eval", 4, "/eval", ("serve", "work"), ("train", "model", "dataset", "resource"), {"work": ("serve",)}),
    Service("deploy", 5, "/deploy", ("serve", "work"), ("eval", "train", "model", "dataset", "resource"), {"work": ("export",)}),
    Service("app", 6, "", ("serve",), ("deploy", "model", "dataset"), {"serve": ("data",)}),
)
KEPT: dict[str, int] = {}
"""Offsets of services to come: nobody else takes them."""

BY_NAME = {service.name: service for service in SERVICES}
NAMES = tuple(BY_NAME)


def offset(name: str) -> int:
    """Raises KeyError for a name that is no service."""
    return BY_NAME[name].offset if name in BY_NAME else KEPT[name]


def processes() -> list[tuple[str, str]]:
    """(service, role) of every process, in start order."""
    return [(service.name, role) for service in SERVICES for role in service.roles]
