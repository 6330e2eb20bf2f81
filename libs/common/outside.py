"""The guard before every address a user names and the platform asks: targets of evaluations, and links and webhooks to come.

Decided here: nothing private is reached (loopback, private, link-local, shared, multicast or reserved addresses) unless the operator lists
it in ``MODELYARD_OUTSIDE_HOSTS``; with a list, nothing else is reached at all. A name is resolved once and the connection goes to the
address that was looked at, so that a second answer of the name server changes nothing. Redirects are nobody's to follow: the caller asks
without them. What is refused is refused in one sentence, whatever the reason was: differences would map the network behind us.

Loopback is in reach while the platform itself listens on loopback only: whoever can ask it then sits at this machine already.
"""

from __future__ import annotations

import ipaddress
import socket
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from libs.common.errors import PlatformError, Reason
from libs.common.settings import Settings

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
Network = ipaddress.IPv4Network | ipaddress.IPv6Network
Resolve = Callable[[str, int], Sequence[str]]
LIMIT = "a host this platform may ask: a public one, or one its operator listed"
_CARRIERS = tuple(ipaddress.ip_network(net) for net in ("64:ff9b::/96", "64:ff9b:1::/48", "2002::/16", "2001::/32"))
"""IPv6 that leads to an IPv4 address inside it, which nobody here looked at."""


def resolved(host: str, port: int) -> list[str]:
    """All addresses of a name, as the system finds them. Raises OSError."""
    return [str(found[4][0]) for found in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)]


@dataclass(frozen=True)
class Outside:
    """hosts: names, ``*.suffix``, addresses and networks, separated by commas; "" = every public host. loopback: see above."""

    hosts: str = ""
    loopback: bool = False

    @classmethod
    def of(cls, settings: Settings) -> Outside:
        """Raises INVALID_SETTING for an entry that is none of these."""
        made = cls(settings.outside_hosts, _is_loopback(settings.host))
        made._listed()
        return made

    def check(self, host: str, field: str) -> None:
        """What can be said without asking a name server. Raises 422 ADDRESS_REFUSED."""
        try:
            allowed = self._allows(host, ipaddress.ip_address(host.strip("[]")))
        except ValueError:
            names, networks = self._listed()
            local = host.lower().rstrip(".") == "localhost"
            # A name outside the list may still stand for a listed address: that is seen when it is resolved.
            allowed = _named(host, names) or bool(networks) or (self.loopback if local else not self.hosts)
        if not allowed:
            raise refused(field)

    def pin(self, host: str, port: int, field: str, resolve: Resolve = resolved) -> str:
        """The one address to connect to, as it stands in a URL. Raises 422 ADDRESS_REFUSED, also for a name that nobody knows."""
        try:
            found = [ipaddress.ip_address(text.partition("%")[0]) for text in resolve(host.strip("[]"), port)]
        except (OSError, ValueError, UnicodeError):
            found = []
        allowed = next((address for address in found if self._allows(host, address)), None)
        if allowed is None:
            raise refused(field)
        return f"[{allowed}]" if allowed.version == 6 else str(allowed)

    def _allows(self, host: str, address: Address) -> bool:
        names, networks = self._listed()
        plain = getattr(address, "ipv4_mapped", None) or address
        if any(plain in network for network in networks if network.version == plain.version):
            return True
        if plain.is_link_local or plain.is_multicast or plain.is_unspecified:  # metadata of a cloud: never by a name
            return False
        if _named(host, names):
            return True
        if plain.is_loopback:
            return self.loopback
        return not self.hosts and plain.is_global and not any(plain in network for network in _CARRIERS if network.version == plain.version)

    def _listed(self) -> tuple[list[str], list[Network]]:
        names: list[str] = []
        networks: list[Network] = []
        for entry in filter(None, (part.strip().lower() for part in self.hosts.split(","))):
            try:
                networks.append(ipaddress.ip_network(entry))
            except ValueError:
                if "/" in entry or ":" in entry or not entry.removeprefix("*.").replace("-", "").replace(".", "").isalnum():
                    raise PlatformError(
                        500,
                        Reason.INVALID_SETTING,
                        field="MODELYARD_OUTSIDE_HOSTS",
                        limit="names, *.suffix, addresses or networks, separated by commas",
                    ) from None
                names.append(entry)
        return names, networks


def refused(field: str) -> PlatformError:
    return PlatformError(422, Reason.ADDRESS_REFUSED, field=field, limit=LIMIT)


def _named(host: str, names: Sequence[str]) -> bool:
    asked = host.lower().rstrip(".")
    return any(asked == name or (name.startswith("*.") and asked.endswith(name[1:])) for name in names)


def _is_loopback(host: Any) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return bool(host == "localhost")
