"""Where the services are. The embedded default is a static list; a coordination service fills the same interface later."""

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
    """A list that never changes: from ``MODELYARD_PEERS``, or every service on this host at its port. Listed twice: two instances."""

    def __init__(self, settings: Settings) -> None:
        self._peers = {name: [Address(settings.host, settings.thrift_port(name))] for name in SERVICES}
        listed: set[str] = set()
        for item in filter(None, settings.peers.split(",")):
            name, _, target = item.strip().partition("=")
            host, _, port = target.rpartition(":")
            if name not in SERVICES or not host or not port.isdigit():
                raise PlatformError(500, Reason.INVALID_SETTING, field="MODELYARD_PEERS", limit="'service=host:port,…'", value=item)
            self._peers[name] = [*(self._peers[name] if name in listed else []), Address(host, int(port))]
            listed.add(name)

    def addresses(self, service: str) -> Sequence[Address]:
        return self._peers.get(service, ())

    def register(self, service: str, address: Address) -> None:
        """A static list is told nothing."""

    def unregister(self, service: str, address: Address) -> None:
        """A static list is told nothing."""
