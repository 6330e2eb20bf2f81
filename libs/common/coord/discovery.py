"""Where the services are. The embedded default is a static list; ZooKeeper fills the same interface (libs/common/coord/zookeeper)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple, Protocol

from libs.common.errors import PlatformError, Reason
from libs.common.settings import SERVICES, Settings


class Address(NamedTuple):
    host: str
    port: int


class Discovery(Protocol):
    def addresses(self, service: str) -> Sequence[Address]:
        """The last known addresses of a service; empty when none is known. Never blocks on the network."""

    def register(self, service: str, address: Address) -> None:
        """Announces an instance of this process until ``unregister`` or the end of the process."""

    def unregister(self, service: str, address: Address) -> None:
        """Takes the instance out of every client's view before it drains."""


class StaticDiscovery:
    """A list that never changes: from ``MODELYARD_PEERS``, or every service on this host at its port.

    A service named several times has several instances; its first mention replaces the default.
    """

    def __init__(self, settings: Settings) -> None:
        self._peers = {name: [Address(settings.host, settings.thrift_port(name))] for name in SERVICES}
        named: dict[str, list[Address]] = {}
        for item in filter(None, settings.peers.split(",")):
            name, _, target = item.strip().partition("=")
            host, _, port = target.rpartition(":")
            if name not in SERVICES or not host or not port.isdigit():
                raise PlatformError(500, Reason.INVALID_SETTING, field="MODELYARD_PEERS", limit="'service=host:port,…'", value=item)
            named.setdefault(name, []).append(Address(host, int(port)))
        self._peers.update(named)

    def addresses(self, service: str) -> Sequence[Address]:
        return self._peers.get(service, ())

    def register(self, service: str, address: Address) -> None:
        """A static list is told nothing."""

    def unregister(self, service: str, address: Address) -> None:
        """A static list is told nothing."""
