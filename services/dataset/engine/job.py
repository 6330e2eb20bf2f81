"""The job an engine is given: fields that must be there, and none that nobody knows."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

from libs.common.errors import PlatformError, Reason, invalid, missing

T = TypeVar("T")


def job_field(job: Mapping[str, Any], name: str, kind: type[T]) -> T:
    """A required field of a job. Raises PlatformError 400 naming it."""
    value = job.get(name)
    if value is None:
        raise missing(name)
    if not isinstance(value, kind):
        raise invalid(name, Reason.WRONG_TYPE, kind.__name__)
    return value


def refuse_unknown(job: Mapping[str, Any], known: tuple[str, ...]) -> None:
    """Raises PlatformError 400 for the first key of ``job`` that is not in ``known``."""
    for key in job:
        if key not in known:
            raise invalid(str(key), limit="one of " + ", ".join(known))


def internal(what: str, **facts: Any) -> PlatformError:
    """500: the engine broke one of its own promises."""
    return PlatformError(500, Reason.INTERNAL, what=what, **facts)
