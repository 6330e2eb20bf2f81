"""What a verdict follows from, with the verdict that followed: many look at a model, and seldom has anything of it changed."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from services.model.domain.gate import Evidence, GateVerdict, ReleaseGate, judge

_FOR_EVER = 2**63


@dataclass(frozen=True)
class Basis:
    """A gate and what may decide by it, newest first. Kept by its reader: the same rows are the same basis."""

    gate: ReleaseGate
    evidence: list[Evidence]
    _said: dict[str, tuple[GateVerdict, int]] = field(default_factory=dict, compare=False)

    def verdict(self, digest: str, now_ms: int) -> GateVerdict:
        """As ``judge`` says it now. Only time changes it: once the next result ended, or the clock went back, it is judged anew."""
        said, until = self._said.get(digest, (None, 0))
        if said is not None and said.check_time <= now_ms < until:
            return replace(said, check_time=now_ms)
        verdict = judge(self.gate, digest, self.evidence, now_ms)
        ends = [result.expire_time for result in verdict.results if result.expire_time > now_ms]
        self._said[digest] = (verdict, min(ends, default=_FOR_EVER))
        return verdict
