"""A base: the model version a training goes on from. What it may be is decided here."""

from __future__ import annotations

from typing import Any

from idl.enums import ModelVersionStatus, name_of
from libs.common.errors import invalid, missing

FIELD = "base_version_id"
TUNED = "causal_lm"  # the family whose versions methods go on from
RECALLED = ("RETIRED", "QUARANTINED")


def check_base(version: Any, method: str, tunes: bool) -> None:
    """version: as the model domain answers it, None where none is named. tunes: whether the method goes on from a version.

    Raises PlatformError 400 for one that is missing or not wanted, that has no weights, or that was taken out of use.
    """
    if tunes and version is None:
        raise missing(FIELD)
    if version is not None:
        if not tunes:
            raise invalid(FIELD, limit=f"none: {method} starts from nothing")
        if version.family not in (TUNED, "", None):
            raise invalid(FIELD, limit=f"a version of the family {TUNED}", family=version.family)
        state = name_of(ModelVersionStatus, version.status)
        if state in RECALLED or not version.artifact_digest:
            raise invalid(FIELD, limit="a version that has weights and is in use", state=state)
