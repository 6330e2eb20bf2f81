"""What is evaluated: exactly one digest, either as weights on disk or behind an address."""

from __future__ import annotations

import re
from typing import Any

from idl.enums import EvalTargetKind as EvalTargetKind
from idl.enums import ModelVersionStatus, name_of
from libs.common.errors import PlatformError, Reason, invalid, missing

_DIGEST = re.compile(r"sha256:[0-9a-f]{64}")
_ADDRESS = re.compile(r"http://([A-Za-z0-9]([A-Za-z0-9.-]*[A-Za-z0-9])?|\[[0-9a-fA-F:.]+\]):([0-9]{1,5})")


def check_digest(digest: str) -> str:
    """Raises PlatformError 400 for anything but ``sha256:`` and 64 hexadecimal digits."""
    if not _DIGEST.fullmatch(digest):
        raise invalid("target_digest", limit="sha256: and 64 hexadecimal digits")
    return digest


def check_address(address: str) -> str:
    """Raises PlatformError 400 for anything but http://host:port: no path, no user, no query that could change what is asked."""
    match = _ADDRESS.fullmatch(address)
    if match is None:
        raise invalid("target_address", limit="http://host:port")
    if not 1 <= int(match[3]) <= 65535:
        raise invalid("target_address", Reason.TOO_LARGE if int(match[3]) else Reason.TOO_SMALL, limit="a port of 1..65535")
    return address


def sent_target(kind: EvalTargetKind, digest: str, address: str) -> dict[str, Any]:
    """What a person may ask for, checked before anybody else is asked; {} for weights. A server only claims its digest, so its address is
    part of what is evaluated. Raises PlatformError 400.
    """
    if kind == EvalTargetKind.WEIGHTS:
        if address:
            raise invalid("target_address", limit="left out for WEIGHTS")
        if digest:
            check_digest(digest)
        return {}
    if not digest:
        raise missing("target_digest")
    if not address:
        raise missing("target_address")
    return {"kind": kind.name, "digest": check_digest(digest), "address": check_address(address)}


def weights_target(version: Any, digest: str) -> dict[str, Any]:
    """The artifact of a model version, as it was trained."""
    if not version.artifact_digest:
        raise not_evaluable(name_of(ModelVersionStatus, version.status), "train it first, it has no artifact")
    if digest and digest != version.artifact_digest:
        raise PlatformError(409, Reason.DIGEST_MISMATCH, field="target_digest", limit=version.artifact_digest, found=digest)
    return {"kind": EvalTargetKind.WEIGHTS.name, "digest": version.artifact_digest, "uri": version.artifact_uri}


def not_evaluable(state: str, limit: str) -> PlatformError:
    return PlatformError(
        409, Reason.ILLEGAL_TRANSITION, field="model_version_id", limit=limit, machine="model_version", state=state, event="EVALUATE"
    )
