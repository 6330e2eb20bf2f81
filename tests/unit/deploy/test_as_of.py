"""What was live at a moment: replayed from the history it equals what was seen then, over a thousand random transitions."""

from __future__ import annotations

import random
from collections.abc import Iterator
from typing import Any

import pytest
import sqlalchemy as sa

from libs.common.errors import PlatformError
from libs.common.store.repository import PageRequest
from services.deploy.domain.order import OPEN
from services.deploy.service.past import DeployAsOf
from tests.support.ram import ram_folder
from tests.support.stores import caller
from tests.unit.deploy.test_sequences import ACTIONS, ENDS, S, Shop, act, orders

FITS = {S.AWAITING_APPROVAL: ("approve",), S.SMOKE_TESTING: ("smoke",), S.CANARY: ("promote", "finish"), S.ROLLING_BACK: ("restore",)}
ANYTHING = [each for each in ACTIONS + ENDS if each != "gate"]
TRANSITIONS, OF_ONE_MODEL = 1000, 150
PAGE = PageRequest(None, 500)
Snapshot = tuple[dict[int, list[tuple[str, int, int]]], dict[int, int]]


@pytest.fixture
def shop() -> Iterator[Shop]:
    with ram_folder() as folder:
        found = Shop(folder)
        yield found
        found.db.close()


def events(shop: Shop) -> int:
    with shop.db.read() as conn:
        return int(conn.execute(sa.select(sa.func.count()).select_from(shop.db.table("state_event"))).scalar_one())


def now(shop: Shop) -> Snapshot:
    """From the rows, without a look at the history. A slot that never served has none."""
    model_id = shop.memory.model_id
    slots = shop.service.list_slots(caller(), page=PAGE, model_id=model_id).items
    orders = shop.service.list_work_orders(caller(), page=PAGE, model_id=model_id).items
    served = {slot.id: [(each.digest, each.weight, each.model_version_id) for each in slot.weights] for slot in slots if slot.version}
    return served, {order.id: int(order.status) for order in orders}


def shown(found: DeployAsOf) -> Snapshot:
    slots = {slot.slot_id: [(each.digest, each.weight, each.model_version_id) for each in slot.weights] for slot in found.slots}
    return slots, {order.id: int(order.status) for order in found.orders}


def fitting(shop: Shop, rng: random.Random) -> str:
    """What moves the open order on: most of what is merely possible is refused."""
    known = [order.status for order in orders(shop) if order.status in OPEN]
    if not known:
        return rng.choice(("create", "create", "create", "roll back"))
    return rng.choice(FITS.get(known[0], ("stage",)))


def played(shop: Shop, rng: random.Random) -> dict[int, Snapshot]:
    """What one model looked like after each step, by moment."""
    configs, start = shop.open(), events(shop)
    seen: dict[int, Snapshot] = {}
    while events(shop) < start + OF_ONE_MODEL:
        shop.clock.advance(rng.choice((0, 0.001, 1)))
        fits = rng.random() < 0.85
        try:
            act(shop, configs, fitting(shop, rng) if fits else rng.choice(ANYTHING), rng.randrange(12), fits)
        except PlatformError as error:
            if error.code >= 500:
                raise
        except ValueError as error:  # a worker that skips canary steps, see test_sequences
            if "without all of the traffic" not in str(error):
                raise
        seen[shop.clock.now_ms()] = now(shop)
    return seen


def test_replay_equals_what_was_seen_at_every_moment(shop: Shop) -> None:
    rng: Any = random.Random(11)
    shares: set[int] = set()
    while events(shop) < TRANSITIONS:
        seen = played(shop, rng)
        model_id, moments = shop.memory.model_id, sorted(seen)
        for at in moments:
            assert shown(shop.service.get_deploy_as_of(caller(), model_id=model_id, as_of=at)) == seen[at], at
            shares |= {len(weights) for weights in seen[at][0].values()}
        first = shop.service.get_deploy_as_of(caller(), model_id=model_id, as_of=moments[0] - 10_000)
        assert (first.slots, first.orders) == ([], [])
        shop.clock.advance(60)
    assert shares == {0, 1, 2}, "nobody, one and two digests had the traffic"
