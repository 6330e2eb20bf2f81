"""Money: every moment of a reservation is in the ledger once, at the price of then, whatever restarts, repeats and clocks do."""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import UTC, datetime
from fractions import Fraction

import pytest

from idl.enums import CostGroup, PricedResource
from libs.common.clock import ManualClock
from libs.common.errors import PlatformError, Reason
from services.resource.domain.price import SOON_MS, Price, Tariff, Use
from services.resource.domain.usage import Usage
from services.resource.domain.window import DAY_MS
from services.resource.service import ResourceService
from tests.support.stores import caller
from tests.unit.resource.world import ADMIN, ME, PAGE, node, violations

HOUR = 3600


@pytest.fixture
def noon(clock: ManualClock) -> ManualClock:
    """A day's middle, so that an hour more is the same day."""
    clock.advance((DAY_MS - clock.now_ms() % DAY_MS) / 1000 + 12 * HOUR)
    return clock


def priced(service: ResourceService, clock: ManualClock, cpu: int = 0, memory: int = 0, accelerator: int = 0, **where: str) -> None:
    """Prices that count when this returns."""
    for resource, micros in ((PricedResource.CPU, cpu), (PricedResource.MEMORY, memory), (PricedResource.ACCELERATOR, accelerator)):
        if micros:
            service.create_price(ADMIN, priced=resource, micros=micros, **where)  # type: ignore[arg-type]
    clock.advance(SOON_MS / 1000)


def held_for(service: ResourceService, clock: ManualClock, seconds: float, **asked: object) -> int:
    found = service.create_reservation(ME, holder="train_task/7/1", lease_seconds=86_400, **asked).reservation  # type: ignore[arg-type]
    clock.advance(seconds)
    return service.release_reservation(ME, id=found.id).id


def test_an_hour_costs_what_an_hour_costs(service: ResourceService, noon: ManualClock) -> None:
    priced(service, noon, cpu=500_000, memory=100_000, accelerator=7_000_000)
    held_for(service, noon, HOUR, cpu_milli=2000, memory_mb=512, accelerator_milli=500, model_version=9)
    [entry] = service.list_usage(ME, page=PAGE).items
    assert (entry.micros, entry.model_version_id, entry.end_time - entry.begin_time) == (1_000_000 + 50_000 + 3_500_000, 9, HOUR * 1000)
    board = service.get_cost(ME, group=CostGroup.MODEL_VERSION)
    assert [
        (row.subject, row.micros, row.cpu_milli_hours, row.memory_gb_milli_hours, row.accelerator_milli_hours) for row in board.cost_rows
    ] == [("9", 4_550_000, 2000, 500, 500)]
    assert violations(service) == []


def test_a_price_that_changes_midway_counts_from_then_on(service: ResourceService, noon: ManualClock) -> None:
    priced(service, noon, cpu=1_000_000)
    held = service.create_reservation(ME, holder="a", cpu_milli=1000, lease_seconds=86_400).reservation
    noon.advance(HOUR / 2)
    service.create_price(ADMIN, priced=PricedResource.CPU, micros=3_000_000, valid_from=noon.now_ms() + HOUR // 2 * 1000)
    noon.advance(HOUR)
    assert service.get_cost(ME).micros == 2_500_000  # what runs counts already
    service.release_reservation(ME, id=held.id)
    assert sorted(entry.micros for entry in service.list_usage(ME, page=PAGE).items) == [1_000_000, 1_500_000]
    assert service.get_cost(ME).micros == 2_500_000
    assert violations(service) == []


def test_the_past_has_its_price_and_one_moment_has_one(service: ResourceService, clock: ManualClock) -> None:
    for moment in (0, clock.now_ms(), clock.now_ms() + SOON_MS - 1):
        with pytest.raises(PlatformError) as caught:
            service.create_price(ADMIN, priced=PricedResource.CPU, micros=1, valid_from=moment)
        assert (caught.value.reason, caught.value.field) == (Reason.INVALID_ARGUMENT, "valid_from")
    service.create_price(ADMIN, priced=PricedResource.CPU, micros=1)
    with pytest.raises(PlatformError) as caught:
        service.create_price(ADMIN, priced=PricedResource.CPU, micros=2)
    assert caught.value.reason == Reason.ALREADY_EXISTS
    with pytest.raises(PlatformError) as caught:
        service.create_price(ADMIN, priced=PricedResource.CPU, micros=2, vendor="acme")
    assert caught.value.field == "vendor"


def test_the_narrowest_price_counts(service: ResourceService, noon: ManualClock) -> None:
    service.create_room(ADMIN, name="north")
    priced(service, noon, accelerator=1_000_000)
    priced(service, noon, accelerator=2_000_000, vendor="acme")
    priced(service, noon, accelerator=3_000_000, vendor="acme", model="x1")
    priced(service, noon, accelerator=9_000_000, room="north")
    for where, micros in (({}, 1), ({"vendor": "acme"}, 2), ({"vendor": "acme", "model": "x1"}, 3), ({"room": "north"}, 9)):
        assert service.get_quote(ME, accelerator_milli=1000, **where).micros == micros * 1_000_000  # type: ignore[arg-type]
    assert service.get_quote(ME, accelerator_milli=1000, cpu_milli=1).priced is False


def test_what_lapsed_is_paid_up_to_its_lease(service: ResourceService, noon: ManualClock) -> None:
    priced(service, noon, cpu=3_600_000)
    service.create_reservation(ME, holder="a", cpu_milli=1000, lease_seconds=60)
    noon.advance(500)
    assert service.get_cost(ME).micros == 60_000
    assert service.sweep() == 1
    assert service.get_cost(ME).micros == 60_000


def test_others_see_nothing_of_a_space(service: ResourceService, noon: ManualClock) -> None:
    priced(service, noon, cpu=1_000_000)
    held_for(service, noon, HOUR, cpu_milli=1000)
    other = caller(user=7, space=4)
    assert (service.list_usage(other, page=PAGE).items, service.get_cost(other).micros) == ([], 0)
    board = service.get_platform_cost(ADMIN)
    assert [(row.subject, row.micros) for row in board.cost_rows] == [("3", 1_000_000)]


def test_a_day_has_its_own_row(service: ResourceService, noon: ManualClock) -> None:
    priced(service, noon, cpu=1_000_000)
    noon.advance(11 * HOUR + 1800 - SOON_MS / 1000)
    first = noon.now_ms()
    held_for(service, noon, HOUR, cpu_milli=1000)
    rows = service.get_cost(ME, group=CostGroup.DAY, from_time=first, to_time=noon.now_ms()).cost_rows
    days = [datetime.fromtimestamp(moment / 1000, UTC).strftime("%Y-%m-%d") for moment in (first, noon.now_ms())]
    assert [(row.subject, row.micros) for row in rows] == [(days[0], 500_000), (days[1], 500_000)]
    assert service.get_cost(ME, from_time=noon.now_ms(), to_time=noon.now_ms()).micros == 500_000


def test_of_a_node_used_and_idle_are_all_it_had(service: ResourceService, noon: ManualClock) -> None:
    priced(service, noon, cpu=1_000_000)
    made = node(service, cpu=4000)
    held_for(service, noon, HOUR, cpu_milli=1000)
    service.update_node(replace(ADMIN, expected_version=made.version), id=made.id, cpu_milli=2000)
    noon.advance(HOUR)
    [row] = service.get_platform_cost(ADMIN, group=CostGroup.NODE).cost_rows
    assert (row.subject, row.micros, row.idle_micros) == (str(made.id), 1_000_000, 4_000_000 - 1_000_000 + 2_000_000)


@pytest.mark.parametrize("seed", range(6))
def test_every_moment_is_paid_once_whatever_happens(service: ResourceService, clock: ManualClock, seed: int) -> None:
    """A seeded life of a small cluster: prices, holders, restarts, lapses, repeated releases and a clock that jumps both ways. The ledger
    is that of an oracle that knows when each was held, and allocated and idle are the price of all hours of the nodes."""
    draw = random.Random(seed)
    nodes = [node(service, name, cpu=4000, memory=4096) for name in ("a", "b")]
    live: dict[int, tuple[int, Use]] = {}
    paid = Fraction(0)
    pieces = 0
    prices: list[Price] = []
    places = {each.id: each.room_id for each in nodes}

    def pay(use: Use, begin: int, end: int) -> None:
        nonlocal paid, pieces
        for piece in Tariff(prices).pieces(use, begin, end):
            paid += Fraction(_exact(prices, use, piece.begin, piece.end))
            pieces += 1

    for _ in range(120):
        match draw.randrange(7):
            case 0 | 1:
                cpu, memory = draw.randrange(1, 2000), draw.randrange(1, 2000)
                holder, lease = f"train_task/{draw.random()}/1", draw.choice((60, 3600, 86_400))
                asked = service.create_reservation(ME, holder=holder, cpu_milli=cpu, memory_mb=memory, lease_seconds=lease, wait=True)
                found = asked.reservation
                if found.hold_time:
                    live[found.id] = (found.hold_time, Use(cpu, memory, 0, places.get(found.node_id, 0)))
            case 2 | 3 if live:
                id = draw.choice(list(live))
                begin, use = live.pop(id)
                ended, again = (service.release_reservation(ME, id=id) for _ in range(2))
                assert again == ended
                pay(use, begin, min(ended.end_time, ended.lease_until))
            case 4:
                clock.advance(draw.choice((1, 61, 7200, 100_000, -500)))
            case 5:
                soonest = max([clock.now_ms() + SOON_MS, *(entry.end_time for entry in _all_usage(service))])
                made = {"priced": draw.choice(list(PricedResource)), "micros": draw.randrange(10**7)}
                prices.append(service.create_price(ADMIN, valid_from=soonest + draw.randrange(10**6), **made))  # type: ignore[arg-type]
            case _:
                service = ResourceService(service.db)  # killed and started again
        for id in [id for id in live if service.get_reservation(ME, id=id).reservation.end_time]:
            ended = service.get_reservation(ME, id=id).reservation
            begin, use = live.pop(id)
            pay(use, begin, min(ended.end_time, ended.lease_until))
    far = clock.now_ms() + 10**10
    entries = _all_usage(service)
    assert len(entries) == pieces
    assert abs(sum(entry.micros for entry in entries) - paid) <= 3 * pieces  # each resource of a piece is rounded down once
    board = service.get_platform_cost(ADMIN, group=CostGroup.NODE, from_time=0, to_time=far)
    now = clock.now_ms()
    total = sum(piece.micros for each in nodes for piece in Tariff(prices).pieces(Use(4000, 4096, 0, each.room_id), each.create_time, now))
    of_nodes = [row for row in board.cost_rows if row.subject in {str(each.id) for each in nodes}]
    assert sum(row.micros + row.idle_micros for row in of_nodes) == total
    spaces = service.get_platform_cost(ADMIN, group=CostGroup.SPACE, from_time=0, to_time=far).micros
    assert spaces == board.micros == service.get_platform_cost(ADMIN, group=CostGroup.DAY, from_time=0, to_time=far).micros
    service.sweep()
    assert violations(service) == []


def _all_usage(service: ResourceService) -> list[Usage]:
    page = service.list_usage(ME, page=PAGE)
    found = list[Usage](page.items)
    while page.next_cursor:
        page = service.list_usage(ME, page=PAGE._replace(cursor=page.next_cursor))
        found += page.items
    return found


def _exact(prices: list[Price], use: Use, begin: int, end: int) -> Fraction:
    """Without rounding, and without the tariff's own way of looking a price up."""
    found = Fraction(0)
    for priced, amount, unit in ((PricedResource.CPU, use.cpu, 1000), (PricedResource.MEMORY, use.memory, 1024)):
        known = [price for price in prices if price.priced == priced and price.valid_from <= begin]
        if known:
            latest = max(known, key=lambda price: price.valid_from)
            found += Fraction(amount * latest.micros * (end - begin), unit * 3_600_000)
    return found
