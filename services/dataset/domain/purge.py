"""A purge: the data of a deleted dataset is taken from the disk for good, and what is left is the proof of it.

PURGING from the moment nothing of it can be read any more; DONE once the last of its bytes is gone, or is known to be somebody else's too.
"""

from __future__ import annotations

import hashlib
from dataclasses import asdict, dataclass, field

from idl.enums import PurgeStatus as PurgeStatus
from libs.common.machine import Machine
from libs.data.records import canonical
from services.dataset.domain.dataset import SecrecyLevel

MACHINE = Machine("dataset_purge", PurgeStatus, [(PurgeStatus.PURGING, "FINISH", PurgeStatus.DONE)])
KEPT_FOR_OTHERS = "others"


@dataclass(frozen=True)
class PurgedVersion:
    """What a version was: its number, what it said, how much it was."""

    id: int
    number: int
    content_hash: str
    records: int
    bytes: int


@dataclass(frozen=True)
class PurgedArtifact:
    """One artifact. removed: it is gone from the disk. kept_for: who else speaks for the same bytes, "" for nobody."""

    digest: str
    bytes: int
    removed: bool = False
    kept_for: str = ""

    @property
    def settled(self) -> bool:
        return self.removed or bool(self.kept_for)


@dataclass(frozen=True)
class DatasetPurge:
    """user_id: who asked for it, 0 where the time to undo was over. delete_time: when the dataset was deleted. proof: over all of it."""

    id: int
    project_space_id: int
    dataset_id: int
    name: str
    secrecy: SecrecyLevel
    user_id: int
    cause: str
    delete_time: int
    status: PurgeStatus = PurgeStatus.PURGING
    versions: list[PurgedVersion] = field(default_factory=list)
    artifacts: list[PurgedArtifact] = field(default_factory=list)
    proof: str = ""
    finish_time: int = 0
    create_time: int = 0
    update_time: int = 0
    version: int = 0


def proof_of(purge: DatasetPurge) -> str:
    """SHA-256 over what was removed, of what, when and by whom: the same facts have the same proof, and no other."""
    facts = asdict(purge)
    kept = ("id", "project_space_id", "dataset_id", "name", "user_id", "cause", "delete_time", "create_time", "versions", "artifacts")
    return hashlib.sha256(canonical({name: facts[name] for name in kept}).encode()).hexdigest()
