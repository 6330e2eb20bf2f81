"""Rows and objects: every kind of column, the caller's space, pages by key, compare-and-set."""

from __future__ import annotations

import base64
from dataclasses import replace
from typing import Any

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from libs.common.clock import ManualClock
from libs.common.errors import PlatformError, Reason
from libs.common.store.database import Transaction
from libs.common.store.repository import PageRequest, Repository, decode_cursor, encode_cursor
from tests.support.outcome import at_once, outcome
from tests.support.stores import caller
from tests.support.things import TABLE, Colour, Thing, ThingService

pytestmark = pytest.mark.both_stores

JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(1 << 63), (1 << 63) - 1)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=6,
)
TEXT = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=20)
ALL = PageRequest(None, 500)


def test_a_field_that_is_not_fetched_has_its_value_and_is_not_shared(service: ThingService) -> None:
    made = service.create_thing(caller(), name="wide", tags=["a"])
    narrow = Repository("thing", TABLE, Thing, {"colour": "Colour_of_it"}, unread={"tags": list})
    with service.db.read() as conn:
        first, second = narrow.get(conn, caller(), made.id), narrow.get(conn, caller(), made.id)
        assert first == replace(made, tags=[]) == second
        assert first.tags is not second.tags
        assert service.things.get(conn, caller(), made.id).tags == ["a"]


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    name=TEXT,
    colour=st.sampled_from(Colour),
    shiny=st.booleans(),
    tags=st.lists(TEXT, max_size=3),
    facts=st.dictionaries(TEXT, JSON, max_size=3),
)
def test_what_is_stored_is_what_is_read(
    service: ThingService, clock: ManualClock, name: str, colour: Colour, shiny: bool, tags: list[str], facts: dict[str, Any]
) -> None:
    thing = Thing(service.db.ids.next(), name, 1, colour, shiny, tags, facts)
    with service.db.begin(caller()) as tx:
        stored = service.things.insert(tx, thing)
    with service.db.read() as conn:
        found = service.things.get(conn, caller(), thing.id)
    assert found == stored == replace(thing, create_time=clock.now_ms(), update_time=clock.now_ms())
    assert (type(found.colour), type(found.shiny)) == (Colour, bool)


def test_the_seeds_spelling_is_the_column(service: ThingService) -> None:
    service.create_thing(caller(), name="a")
    with service.db.read() as conn:
        assert conn.execute(sa.select(TABLE.c.Colour_of_it)).scalar_one() == int(Colour.RED)


def test_another_space_sees_nothing(service: ThingService) -> None:
    thing, stranger = service.create_thing(caller(space=1), name="a"), caller(space=2, expected=0)
    with service.db.read() as conn:
        assert service.things.find(conn, stranger, thing.id) is None
        assert service.things.first(conn, stranger) is None
        assert service.things.page(conn, stranger, ALL).items == []
        assert service.things.count(conn, stranger) == 0
        for space, id in ((2, thing.id), (1, thing.id + 1)):  # foreign and absent are the same to the caller
            with pytest.raises(PlatformError) as caught:
                service.things.get(conn, caller(space=space), id)
            assert (caught.value.code, caught.value.reason, caught.value.details) == (
                404,
                Reason.NOT_FOUND,
                {"kind": "thing", "id": str(id)},
            )
    for verb, facts in ((service.rename_thing, {"name": "b"}), (service.delete_thing, {})):
        with pytest.raises(PlatformError) as caught:
            verb(stranger, id=thing.id, **facts)
        assert caught.value.code == 404


@pytest.mark.parametrize("newest", [True, False])
@pytest.mark.parametrize("limit", [1, 2, 3, 7, 8])
def test_pages_hold_every_row_once_while_rows_come_and_go(service: ThingService, limit: int, newest: bool) -> None:
    made = [service.create_thing(caller(), name=f"t{number}").id for number in range(7)]
    seen, cursor, pages = [], None, 0
    while True:
        with service.db.read() as conn:
            page = service.things.page(conn, caller(), PageRequest(cursor, limit), newest=newest)
        seen += [thing.id for thing in page.items]
        pages += 1
        service.delete_thing(caller(expected=0), id=seen[-1])  # what was already given out does not move the rest
        if page.next_cursor is None:
            break
        cursor = page.next_cursor
    assert seen == sorted(made, reverse=newest)
    assert pages == -(-7 // limit)


def test_a_prepared_read_finds_what_a_built_one_finds(service: ThingService) -> None:
    made = [service.create_thing(caller(space=space), name=f"{space}-{n}") for n in range(4) for space in (1, 2)]
    with service.db.begin(caller()) as tx:
        service.things.delete(replace_expected(tx, made[0].version), made[0])
    with service.db.read() as conn:
        for space in (1, 2, 3):
            for name in ("1-0", "1-3", "2-1", "nobody"):
                built = service.things.first(conn, caller(space=space), service.things.column("name") == name)
                assert service.things.first_by(conn, caller(space=space), name=name) == built
        red = [thing.name for thing in service.things.all_by(conn, caller(space=2), 3, colour=int(Colour.RED), shiny=0)]
    assert red == ["2-3", "2-2", "2-1"]  # newest first, never more than asked for, never of another space


def replace_expected(tx: Transaction, version: int) -> Transaction:
    return replace(tx, ctx=caller(expected=version))


@given(st.integers(1, (1 << 63) - 1))
def test_a_cursor_comes_back(id: int) -> None:
    assert decode_cursor(encode_cursor(id)) == id


@given(
    st.text(max_size=60)
    | st.binary(max_size=40).map(lambda raw: base64.urlsafe_b64encode(raw).decode())
    | st.integers(-(10**50), 10**50).map(lambda number: base64.urlsafe_b64encode(str(number).encode()).decode())
    | st.sampled_from(
        [encode_cursor(7) + "=", " " + encode_cursor(7), encode_cursor(7) + "\n", base64.urlsafe_b64encode("７".encode()).decode()]
    )
)
def test_a_cursor_of_somebody_else_is_refused(cursor: str) -> None:
    found = outcome(lambda: decode_cursor(cursor))
    if isinstance(found, PlatformError):
        assert (found.code, found.reason, found.field) == (400, Reason.INVALID_ARGUMENT, "page.cursor")
        assert found.limit
    else:
        assert encode_cursor(found) == cursor


def test_an_update_needs_the_version_it_was_decided_on(service: ThingService) -> None:
    thing = service.create_thing(caller(), name="a")
    with pytest.raises(PlatformError) as caught:
        service.rename_thing(caller(), id=thing.id, name="b")
    assert (caught.value.code, caught.value.reason, caught.value.field) == (428, Reason.MISSING_VERSION, "expected_version")
    renamed = service.rename_thing(caller(expected=0), id=thing.id, name="b")
    assert (renamed.version, renamed.name) == (1, "b")
    for late in (0, 2):
        for verb, facts in ((service.rename_thing, {"name": "c"}), (service.delete_thing, {})):
            with pytest.raises(PlatformError) as caught:
                verb(caller(expected=late), id=thing.id, **facts)
            assert (caught.value.code, caught.value.reason, caught.value.field) == (412, Reason.STALE_VERSION, "expected_version")


def test_an_update_writes_only_what_it_changes(service: ThingService, clock: ManualClock) -> None:
    thing = service.create_thing(caller(), name="a", tags=["x"])
    clock.advance(5)
    with service.db.begin(caller()) as tx:
        changed = service.things.update(tx, thing, facts={"k": [1]}, colour=Colour.BLUE)
    with service.db.read() as conn:
        assert service.things.get(conn, caller(), thing.id) == changed
    assert changed == replace(thing, facts={"k": [1]}, colour=Colour.BLUE, version=1, update_time=clock.now_ms())
    assert changed.create_time < changed.update_time


def test_a_deleted_row_is_gone_for_everybody(service: ThingService) -> None:
    thing = service.create_thing(caller(), name="a")
    deleted = service.delete_thing(caller(expected=0), id=thing.id)
    assert deleted.version == 1
    with service.db.read() as conn:
        assert service.things.find(conn, caller(), thing.id) is None
        assert service.things.count(conn, caller()) == 0
        assert conn.execute(sa.select(TABLE.c.mark_delete)).scalar_one() == 1
    with service.db.begin(caller()) as tx, pytest.raises(PlatformError) as caught:
        service.things.update(tx, deleted, name="b")
    assert caught.value.code == 412
    assert service.create_thing(caller(), name="a").id != thing.id


def test_sixteen_updates_of_one_version_have_one_winner(service: ThingService) -> None:
    thing = service.create_thing(caller(), name="a")
    outcomes = at_once([lambda n=n: service.rename_thing(caller(expected=0), id=thing.id, name=f"n{n}") for n in range(16)])
    assert sorted(found.code if isinstance(found, PlatformError) else found.version for found in outcomes) == [1] + [412] * 15


def test_compare_and_set_holds_without_the_write_lock(service: ThingService) -> None:
    """On a store whose transactions do not exclude each other, the version in the condition decides."""
    thing = service.create_thing(caller(), name="a")
    with service.db.begin(caller()) as tx:
        service.things.update(tx, thing, name="b")
        with pytest.raises(PlatformError) as caught:
            service.things.update(tx, thing, name="c")
    assert caught.value.reason == Reason.STALE_VERSION
