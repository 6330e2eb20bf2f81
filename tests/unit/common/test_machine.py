"""The table of a state machine: every pair is either in it or refused with what is possible."""

from __future__ import annotations

from enum import IntEnum

import pytest

from libs.common.errors import PlatformError, Reason
from libs.common.machine import Machine


class Light(IntEnum):
    RED = 0
    GREEN = 1
    BROKEN = 9


MACHINE = Machine("light", Light, [(Light.RED, "GO", Light.GREEN), (Light.GREEN, "STOP", Light.RED), (Light.GREEN, "BREAK", Light.BROKEN)])


def test_every_pair() -> None:
    for state in Light:
        for event in ("GO", "STOP", "BREAK", "SING"):
            if (state, event) in MACHINE.table:
                assert MACHINE.next(state, event) == MACHINE.table[state, event]
                continue
            with pytest.raises(PlatformError) as caught:
                MACHINE.next(state, event)
            assert (caught.value.code, caught.value.reason, caught.value.field) == (409, Reason.ILLEGAL_TRANSITION, "status")
            assert caught.value.limit == (", ".join(MACHINE.allowed(state)) or "none")
            assert caught.value.details == {"machine": "light", "state": state.name, "event": event}


def test_terminal_states_and_events() -> None:
    assert MACHINE.terminal == {Light.BROKEN}
    assert MACHINE.events == ["BREAK", "GO", "STOP"]
    assert MACHINE.allowed(Light.GREEN) == ["BREAK", "STOP"]


def test_a_table_with_two_answers_is_refused() -> None:
    with pytest.raises(ValueError, match="two rows"):
        Machine("light", Light, [(Light.RED, "GO", Light.GREEN), (Light.RED, "GO", Light.BROKEN)])
