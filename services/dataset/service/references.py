"""Other versions that work names in its options (``engine.references``): whoever asks for the work must be allowed to read them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from libs.common.errors import PlatformError, Reason, invalid
from libs.common.store.storage import ArtifactStore
from services.dataset.domain.dataset import SecrecyLevel
from services.dataset.domain.version import DatasetVersion
from services.dataset.engine.lexicon import MOST_STORED
from services.dataset.engine.references import Reference, named, placed

Find = Callable[[int], DatasetVersion]


def check(find: Find, values: Mapping[str, Any], path: str, secrecy: SecrecyLevel | None = None) -> None:
    """find: a version that the caller may read. secrecy: of what is worked on; what is left out quotes the versions that are named, so none
    of them may be above it. Raises what ``find`` raises and 400, 403 naming ``path.…``."""
    for each in named(values):
        _check(find, each, f"{path}.{each.path}", secrecy)


def _check(find: Find, reference: Reference, field: str, secrecy: SecrecyLevel | None) -> None:
    if not (reference.id.isascii() and reference.id.isdecimal()):
        raise invalid(field, limit="the id of a dataset version", value=reference.id)
    try:
        version = find(int(reference.id))
    except PlatformError as error:
        error.field = field
        raise
    if version.kind != reference.kind:
        raise invalid(field, limit=f"a version of kind {reference.kind}", value=version.kind)
    if version.records > MOST_STORED:
        raise invalid(field, Reason.TOO_LARGE, f"at most {MOST_STORED} records", value=str(version.records))
    if secrecy is not None and version.secrecy > secrecy:
        raise PlatformError(403, Reason.FORBIDDEN, field=field, limit=f"a version whose secrecy is at most that of the data ({secrecy})")


def with_folders(find: Find, artifacts: ArtifactStore, values: Mapping[str, Any], verify: bool = True) -> dict[str, Any]:
    """The arguments of a job with the folders its engine reads. Raises CHECKSUM_MISMATCH for a damaged one, PURGED."""

    def folder_of(id: str) -> Path:
        return artifacts.open(find(int(id)).uri, verify=verify)

    return placed(values, folder_of)
