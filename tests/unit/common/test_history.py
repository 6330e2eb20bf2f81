"""History: oldest first, paged, confined to a space, and replayed to any moment."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from libs.common.clock import ManualClock
from libs.common.store.database import Database
from libs.common.store.history import History
from libs.common.store.repository import PageRequest
from tests.support.stores import caller
from tests.support.things import Colour

pytestmark = pytest.mark.both_stores


def step(db: Database, start: Colour, end: Colour, space: int = 1, id: int = 7) -> None:
    with db.begin(caller(user=3, space=space)) as tx:
        tx.event("thing", id, start, end, "PAINT", "why")


def test_every_step_says_who_from_where_to_where_and_when(db: Database, clock: ManualClock) -> None:
    step(db, Colour.RED, Colour.BLUE)
    event = History(db).list(caller(), "thing", 7, PageRequest()).items[0]
    assert (event.from_status, event.to_status, event.event, event.reason) == (1, 2, "PAINT", "why")
    assert (event.user_id, event.create_time, event.entity, event.entity_id) == (3, clock.now_ms(), "thing", 7)
    assert len(event.request_id) == 32


def test_pages_run_oldest_first_and_see_one_object_of_one_space(db: Database) -> None:
    for number in range(5):
        step(db, Colour.RED, Colour(1 + number % 2))
        step(db, Colour.RED, Colour.RED, id=8)
        step(db, Colour.RED, Colour.RED, space=2)
    history, seen, cursor = History(db), [], None
    for _ in range(3):
        page = history.list(caller(), "thing", 7, PageRequest(cursor, 2))
        seen += page.items
        cursor = page.next_cursor
    assert cursor is None
    assert [event.to_status for event in seen] == [1, 2, 1, 2, 1]
    assert [event.id for event in seen] == sorted(event.id for event in seen)


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.tuples(st.sampled_from(Colour), st.integers(0, 3)), min_size=1, max_size=8))
def test_as_of_replays_any_moment(db: Database, clock: ManualClock, steps: list[tuple[Colour, int]]) -> None:
    history, id, before, last = History(db), db.ids.next(), clock.now_ms(), Colour.RED
    clock.advance(0.001)
    expected: dict[int, int] = {}
    for colour, pause in steps:  # several steps in one millisecond: the last of them counts
        step(db, last, colour, id=id)
        expected[clock.now_ms()] = int(colour)
        clock.advance(pause / 1000)
        last = colour
    assert history.as_of(caller(), "thing", id, before) is None
    known = None
    for moment in range(before, clock.now_ms() + 2):
        known = expected.get(moment, known)
        assert history.as_of(caller(), "thing", id, moment) == known
    assert history.as_of(caller(space=2), "thing", id, clock.now_ms()) is None
