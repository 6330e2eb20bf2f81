"""State machines as one table of (from, event, to); every other pair is refused with the events that are allowed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from enum import IntEnum
from typing import Generic, TypeVar

from libs.common.errors import PlatformError, Reason

S = TypeVar("S", bound=IntEnum)


class Machine(Generic[S]):
    """``rows``: (from, event, to). One (from, event) pair leads to exactly one state; states without a way out are terminal."""

    def __init__(self, name: str, states: type[S], rows: Iterable[tuple[S, str, S]]) -> None:
        self.name, self.states = name, states
        table: dict[tuple[S, str], S] = {}
        for start, event, end in rows:
            if (start, event) in table:
                raise ValueError(f"{name}: two rows for {start.name} and {event}")
            table[start, event] = end
        self.table: Mapping[tuple[S, str], S] = table
        self.events = sorted({event for _, event in self.table})
        self.terminal = frozenset(s for s in states if not any(start == s for start, _ in self.table))

    def allowed(self, state: S) -> list[str]:
        return sorted(event for start, event in self.table if start == state)

    def next(self, state: S, event: str) -> S:
        """The state after ``event``. Raises PlatformError 409 ILLEGAL_TRANSITION with the current state and the allowed events."""
        try:
            return self.table[state, event]
        except KeyError:
            raise PlatformError(
                409,
                Reason.ILLEGAL_TRANSITION,
                field="status",
                limit=", ".join(self.allowed(state)) or "none",
                machine=self.name,
                state=self.states(state).name,
                event=event,
            ) from None
