"""Once per key: repeated, at once, after a lost answer, with other facts, and when the repetition could no longer succeed by itself."""

from __future__ import annotations

from pathlib import Path

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from libs.common.errors import PlatformError, Reason
from libs.common.store.database import Database
from tests.support.outcome import at_once
from tests.support.stores import caller
from tests.support.things import Thing, ThingService, open_things

pytestmark = pytest.mark.both_stores

KEY = "key-12345678"


def rows(db: Database, table: str) -> int:
    with db.read() as conn:
        return int(conn.execute(sa.select(sa.func.count()).select_from(db.table(table))).scalar_one())


def test_the_same_call_is_answered_from_the_store(service: ThingService) -> None:
    first = service.create_thing(caller(key=KEY), name="a", tags=["x", "名"])
    again = service.create_thing(caller(key=KEY), tags=["x", "名"], name="a")
    assert again == first
    assert isinstance(again, Thing)
    assert (service.ran, rows(service.db, "thing")) == (1, 1)


def test_after_a_restart_too(folder: Path, service: ThingService, address: str) -> None:
    first = service.create_thing(caller(key=KEY), name="a")
    other = ThingService(open_things(folder, worker=1, address=address))
    assert other.create_thing(caller(key=KEY), name="a") == first
    assert other.ran == 0
    other.db.close()


def test_without_a_key_every_call_counts(service: ThingService) -> None:
    service.create_thing(caller(), name="a")
    with pytest.raises(PlatformError):
        service.create_thing(caller(), name="a")
    assert (service.ran, rows(service.db, "stored_answer")) == (2, 0)


def test_a_repeated_update_is_answered_though_its_version_is_gone(service: ThingService) -> None:
    thing = service.create_thing(caller(), name="a")
    first = service.rename_thing(caller(key=KEY, expected=0), id=thing.id, name="b")
    assert service.rename_thing(caller(key=KEY, expected=0), id=thing.id, name="b") == first
    assert first.version == 1


@pytest.mark.parametrize("facts", [{"name": "b"}, {"name": "a", "tags": []}, {"name": "a", "tags": ["y", "x"]}])
def test_a_key_belongs_to_one_request(service: ThingService, facts: dict[str, object]) -> None:
    service.create_thing(caller(key=KEY), name="a", tags=["x", "y"])
    with pytest.raises(PlatformError) as caught:
        service.create_thing(caller(key=KEY), **facts)  # type: ignore[arg-type]
    assert (caught.value.code, caught.value.reason, caught.value.field) == (409, Reason.IDEMPOTENCY_KEY_REUSED, "idempotency_key")
    assert service.ran == 1


def test_a_key_belongs_to_one_person(service: ThingService) -> None:
    service.create_thing(caller(key=KEY), name="a")
    with pytest.raises(PlatformError) as caught:
        service.create_thing(caller(user=2, key=KEY), name="a")
    assert caught.value.reason == Reason.IDEMPOTENCY_KEY_REUSED
    assert (service.ran, rows(service.db, "thing")) == (1, 1)


def test_a_key_counts_per_space_and_method(service: ThingService) -> None:
    one = service.create_thing(caller(key=KEY, space=1), name="a")
    two = service.create_thing(caller(key=KEY, space=2), name="b")
    assert service.rename_thing(caller(key=KEY, space=1, expected=0), id=one.id, name="c").name == "c"
    assert two.project_space_id == 2


def test_a_refused_call_is_not_remembered(service: ThingService) -> None:
    service.create_thing(caller(), name="a")
    with pytest.raises(PlatformError):
        service.create_thing(caller(key=KEY), name="a")
    assert rows(service.db, "stored_answer") == 0
    assert service.create_thing(caller(key=KEY), name="b").name == "b"


@pytest.mark.parametrize("round", range(5))
@pytest.mark.parametrize("threads", [2, 8])
def test_calls_at_once_with_one_key_have_one_effect_and_one_answer(service: ThingService, threads: int, round: int) -> None:
    """The losers find the name taken: by their own twin, so they get its answer and not ALREADY_EXISTS."""
    answers = at_once([lambda: service.create_thing(caller(key=KEY), name="a")] * threads)
    assert len({repr(answer) for answer in answers}) == 1
    assert isinstance(answers[0], Thing)
    assert rows(service.db, "thing") == 1


def test_a_twin_that_was_faster_is_found_behind_a_stale_version(service: ThingService) -> None:
    """The first check saw nothing, then the twin committed: simulated by a verb whose store changes just before its transaction."""
    thing = service.create_thing(caller(), name="a")
    begin, first = service.db.begin, []

    def late(ctx):  # type: ignore[no-untyped-def]
        service.db.begin = begin  # type: ignore[method-assign]
        first.append(service.rename_thing(caller(key=KEY, expected=0), id=thing.id, name="b"))
        return begin(ctx)

    service.db.begin = late  # type: ignore[method-assign]
    assert service.rename_thing(caller(key=KEY, expected=0), id=thing.id, name="b") == first[0]


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(tags=st.lists(st.text(st.characters(exclude_categories=["Cs"]), max_size=8), max_size=4), number=st.integers(0, 10**12))
def test_any_answer_survives_storage(service: ThingService, tags: list[str], number: int) -> None:
    key = f"key-{service.db.ids.next()}"
    first = service.create_thing(caller(key=key), name=f"{key}-{number}", tags=tags)
    assert service.create_thing(caller(key=key), name=f"{key}-{number}", tags=tags) == first
