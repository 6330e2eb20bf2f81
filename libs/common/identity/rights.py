"""May this identity call this RPC: the declared callers of the contract (``idl.rights``) against the roles an identity holds.

``IMPLIED`` is the one table of what a role includes. A person and a service account are matched by roles only, a service by its own name
only: a service never inherits what the person it acts for may do, and neither of the others passes for a service.
"""

from __future__ import annotations

import functools

from idl import rights
from libs.common.errors import PlatformError, Reason
from libs.common.identity.signed import Identity

IMPLIED: dict[str, frozenset[str]] = {
    "owner": frozenset(rights.ROLES),
    "operator": frozenset({"operator", "viewer"}),
    "developer": frozenset({"developer", "viewer"}),
    "inspector": frozenset({"inspector", "viewer"}),
    "annotator": frozenset({"annotator", "viewer"}),
    "rater": frozenset({"rater", "viewer"}),
    "agent": frozenset({"agent", "viewer"}),
    "viewer": frozenset({"viewer"}),
}


@functools.lru_cache(1024)
def held(roles: frozenset[str]) -> frozenset[str]:
    """The given roles and all they imply. A word that is no role gives nothing."""
    return frozenset().union(*[IMPLIED.get(role, frozenset()) for role in roles])


class Rights:
    """The declarations of one service. Raises ValueError when the contract lacks one."""

    def __init__(self, service: str) -> None:
        self._declared = rights.declared(service)
        self._people = {method: wanted - frozenset(rights.SERVICES) for method, wanted in self._declared.items()}

    def is_open(self, method: str) -> bool:
        return rights.ANYBODY in self._declared[method]

    def check(self, method: str, identity: Identity) -> None:
        """Raises 403 FORBIDDEN naming who may."""
        wanted = self._declared[method]
        if identity.kind == "service":
            allowed = identity.issuer in wanted
        else:
            mine = held(identity.roles) | ({rights.ADMINISTRATOR} if identity.administrator else frozenset())
            allowed = not mine.isdisjoint(self._people[method])
        if not allowed:
            raise PlatformError(403, Reason.FORBIDDEN, limit=f"{method} is for {', '.join(sorted(wanted))}", method=method)
