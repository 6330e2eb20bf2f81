"""How one weight step of a canary is judged. Decided here: silence never promotes, and a failure does not wait for the end of the hold."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from services.deploy.domain.options import DeployOptions
from services.deploy.domain.slot import WHOLE, SlotWeight

PASS, FAIL, NO_DATA = "PASS", "FAIL", "NO_DATA"


@dataclass(frozen=True)
class Traffic:
    """What the new digest's instances saw during a step. requests: answered ones, refusals of bad requests left out."""

    requests: int
    errors: int
    crashes: int


def plan(options: DeployOptions, live: Sequence[SlotWeight], digest: str) -> tuple[int, ...]:
    """The shares the new digest gets, in order. Steps need somebody to share with: without a live other digest it is all at once."""
    shared = any(weight.digest != digest for weight in live)
    return options.canary_steps if shared and options.canary_steps else (WHOLE,)


def judge(seen: Traffic, held_seconds: float, options: DeployOptions) -> str | None:
    """PASS, FAIL, NO_DATA once the step took too long without enough traffic, or None: hold on."""
    enough = seen.requests >= options.canary_min_requests
    if seen.crashes or (enough and seen.errors > options.canary_max_error_rate * seen.requests):
        return FAIL
    if held_seconds < options.canary_hold_seconds:
        return None
    if enough:
        return PASS
    return NO_DATA if held_seconds >= options.canary_timeout_seconds else None


def added(now: int, before: int) -> int:
    """Growth of a process's counter; a process that started again counts from zero."""
    return now - before if now >= before else now
