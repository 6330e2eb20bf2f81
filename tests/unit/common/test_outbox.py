"""The relay: after the commit, in order per topic, at least once, and no topic stops another."""

from __future__ import annotations

from typing import Any

import pytest

from libs.common.errors import PlatformError, Reason, invalid, unavailable
from libs.common.store.database import Database
from libs.common.store.outbox import Relay
from tests.support.stores import caller

pytestmark = pytest.mark.both_stores


def publish(db: Database, topic: str, *numbers: int) -> None:
    with db.begin(caller()) as tx:
        for number in numbers:
            tx.publish(topic, {"number": number, "词": "好"})


class Receiver:
    """Takes messages; ``answers`` are raised one after the other before it takes any."""

    def __init__(self, *answers: BaseException) -> None:
        self.taken: list[int] = []
        self.asked = 0
        self._answers = list(answers)

    def __call__(self, payload: dict[str, Any]) -> None:
        assert payload["词"] == "好"
        self.asked += 1
        if self._answers:
            raise self._answers.pop(0)
        self.taken.append(payload["number"])


def test_in_order_and_once_when_all_is_well(db: Database) -> None:
    a, b = Receiver(), Receiver()
    relay = Relay(db, {"a": a, "b": b})
    publish(db, "a", 1, 2)
    publish(db, "b", 3)
    publish(db, "a", 4)
    assert relay.run_once() == 4
    assert relay.run_once() == 0
    assert (a.taken, b.taken) == ([1, 2, 4], [3])


def test_what_was_rolled_back_is_never_told(db: Database) -> None:
    a = Receiver()

    def work() -> None:
        with db.begin(caller()) as tx:
            tx.publish("a", {"number": 1})
            raise RuntimeError

    with pytest.raises(RuntimeError):
        work()
    assert Relay(db, {"a": a}).run_once() == 0


@pytest.mark.parametrize(
    "failure", [unavailable("peer"), PlatformError(429, Reason.BUSY, limit="1", retryable=True, what="peer"), KeyError("bug")]
)
def test_a_failure_holds_its_topic_back_and_no_other(db: Database, failure: BaseException) -> None:
    a, b = Receiver(failure), Receiver()
    relay = Relay(db, {"a": a, "b": b})
    publish(db, "a", 1, 2)
    publish(db, "b", 3)
    assert relay.run_once() == 1
    assert (a.asked, a.taken, b.taken) == (1, [], [3])
    assert relay.run_once() == 2
    assert a.taken == [1, 2]


def test_a_refusal_is_final(db: Database) -> None:
    a = Receiver(invalid("number", limit="another one"))
    publish(db, "a", 1, 2)
    assert Relay(db, {"a": a}).run_once() == 2
    assert a.taken == [2]


def test_a_stuck_topic_of_any_length_starves_nobody(db: Database) -> None:
    stuck, b = Receiver(*[unavailable("peer")] * 9), Receiver()
    publish(db, "a", *range(50))
    publish(db, "b", 1)
    relay = Relay(db, {"a": stuck, "b": b})
    assert relay.run_once(limit=10) == 1
    assert b.taken == [1]


def test_a_topic_nobody_delivers_waits(db: Database) -> None:
    publish(db, "later", 1)
    assert Relay(db, {}).run_once() == 0
    a = Receiver()
    assert Relay(db, {"later": a}).run_once() == 1
    assert a.taken == [1]


def test_a_crash_between_delivery_and_mark_delivers_again(db: Database) -> None:
    class Crash(BaseException):
        pass

    a = Receiver()
    publish(db, "a", 1, 2)
    relay = Relay(db, {"a": a})
    mark, relay._mark = relay._mark, _raise(Crash)  # type: ignore[method-assign]
    with pytest.raises(Crash):
        relay.run_once()
    relay._mark = mark  # type: ignore[method-assign]
    assert relay.run_once() == 2
    assert a.taken == [1, 1, 2]


def _raise(kind: type[BaseException]) -> Any:
    def raising(*_: object) -> None:
        raise kind

    return raising
