"""The counters of a running instance, read from the instance itself: the node's copy may be a second old."""

from __future__ import annotations

from collections.abc import Sequence

from libs.common import instance_key
from libs.common.errors import PlatformError, unavailable
from services.deploy.domain.canary import Traffic, added
from services.deploy.domain.instance import Instance

SECONDS = 5.0
Counters = dict[str, dict[str, int]]
"""Instance id -> requests (refused and cancelled ones left out), errors, crashes."""


def counters(instances: Sequence[Instance]) -> Counters:
    """Raises UNAVAILABLE when one does not answer, or another digest answers."""
    import httpx

    found: Counters = {}
    with httpx.Client(timeout=SECONDS, trust_env=False) as client:
        for instance in instances:
            try:
                values = client.get(f"{instance.address}/stats", headers=instance_key.headers(instance.key)).json()
                requests = values["requests"] - values["refused"] - values["cancelled"]
                own = values["digest"] == instance.digest
            except (httpx.HTTPError, ValueError, KeyError, TypeError) as error:
                raise _silent(instance, type(error).__name__) from None
            if not own:
                raise _silent(instance, "another digest")
            found[str(instance.id)] = {"requests": max(0, requests), "errors": values["errors"], "crashes": instance.crashes}
    return found


def grown(now: Counters, before: Counters) -> Traffic:
    """What happened since ``before``. An instance that was not there then counts from zero."""
    zero = {"requests": 0, "errors": 0, "crashes": 0}
    totals = {
        name: sum(added(values[name], before.get(id, zero)[name]) for id, values in now.items())
        for name in ("requests", "errors", "crashes")
    }
    return Traffic(**totals)


def crashed(instances: Sequence[Instance], before: Counters) -> Traffic:
    """Only the crashes since ``before``, as the node counted them."""
    return Traffic(0, 0, sum(added(instance.crashes, before.get(str(instance.id), {}).get("crashes", 0)) for instance in instances))


def _silent(instance: Instance, cause: str) -> PlatformError:
    return unavailable(f"instance {instance.id}", cause=cause)
