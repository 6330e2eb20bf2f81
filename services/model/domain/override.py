"""A gate override: the word of two people that these bytes may be released although the gate refuses them. It ends by itself.

It makes no rule hold and changes no evidence: the verdict stays what it is, and the override is shown beside it.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from idl.enums import GateOverrideStatus as GateOverrideStatus
from libs.common.machine import Machine

_S = GateOverrideStatus
LONGEST_MS = 7 * 24 * 3_600_000

MACHINE = Machine(
    "gate_override",
    GateOverrideStatus,
    [
        (_S.ASKED, "CONFIRM", _S.LIVE),
        *[(state, "WITHDRAW", _S.WITHDRAWN) for state in (_S.ASKED, _S.LIVE)],
        *[(state, "END", _S.ENDED) for state in (_S.ASKED, _S.LIVE)],  # by the clock alone: what is stored stays as it was
    ],
)


@dataclass(frozen=True)
class GateOverride:
    """digest: of the packaged bytes it is about. user_id: who asked. confirmer_id: 0 until confirmed. end_time: milliseconds."""

    id: int
    project_id: int
    project_space_id: int
    model_version_id: int
    model_version_number: int
    digest: str
    cause: str
    end_time: int
    user_id: int
    status: GateOverrideStatus = GateOverrideStatus.ASKED
    confirmer_id: int = 0
    comment: str = ""
    create_time: int = 0
    update_time: int = 0
    version: int = 0

    def at(self, now_ms: int) -> GateOverride:
        """As it is at a moment: past its end it has ended, whatever was stored last."""
        over = now_ms >= self.end_time and self.status in (_S.ASKED, _S.LIVE)
        return replace(self, status=_S.ENDED) if over else self

    def open_at(self, now_ms: int) -> bool:
        return self.at(now_ms).status in (_S.ASKED, _S.LIVE)

    def lives(self, now_ms: int) -> bool:
        return self.at(now_ms).status == _S.LIVE
