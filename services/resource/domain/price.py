"""Prices: what an hour of a resource costs, from a moment on; and what a piece of time costs by them. Whole millionths of the currency."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from idl.enums import PricedResource as PricedResource
from services.resource.domain.window import DAY_MS

SOON_MS = 1000
"""So long before it counts a price is known: what is being written at the same moment has not to look for it."""
UNITS = {PricedResource.CPU: ("cpu", 1000), PricedResource.MEMORY: ("memory", 1024), PricedResource.ACCELERATOR: ("accelerator", 1000)}
"""The resource each price is for, and how many of its smallest units an hour's price is for."""
_HOUR_MS = 3_600_000


@dataclass(frozen=True)
class Price:
    """micros: for an hour of a core, a GB, an accelerator. room_id, vendor, model: 0 and "" for all."""

    id: int
    priced: PricedResource
    micros: int
    room_id: int = 0
    vendor: str = ""
    model: str = ""
    valid_from: int = 0
    user_id: int = 0
    create_time: int = 0

    @property
    def narrowness(self) -> tuple[bool, bool, bool, int]:
        return bool(self.room_id), bool(self.model), bool(self.vendor), self.valid_from


@dataclass(frozen=True)
class Use:
    """What is paid for, and where: amounts in the smallest units."""

    cpu: int = 0
    memory: int = 0
    accelerator: int = 0
    room_id: int = 0
    vendor: str = ""
    model: str = ""


@dataclass(frozen=True)
class Piece:
    """A time within one day and under one set of prices, and what it cost."""

    begin: int
    end: int
    micros: int

    @property
    def day(self) -> int:
        """Since the epoch."""
        return self.begin // DAY_MS


class Tariff:
    """All prices there are."""

    def __init__(self, prices: Sequence[Price]) -> None:
        self._prices = sorted(prices, key=lambda price: price.narrowness, reverse=True)
        self._begins = sorted({price.valid_from for price in prices})

    def hourly(self, priced: PricedResource, use: Use, at: int) -> int | None:
        """The narrowest price that counts then; None where there is none."""
        return next(
            (price.micros for price in self._prices if price.priced == priced and price.valid_from <= at and _meets(price, use)), None
        )

    def cost(self, use: Use, begin: int, end: int) -> int:
        """Of a time in which no price changes. Each resource is rounded down to the smallest unit, once."""
        found = 0
        for priced, (name, unit) in UNITS.items():
            amount = getattr(use, name)
            if amount:
                found += amount * (end - begin) * (self.hourly(priced, use, begin) or 0) // (unit * _HOUR_MS)
        return found

    def pieces(self, use: Use, begin: int, end: int) -> Iterator[Piece]:
        """Cut at midnights by UTC and where a price begins. Nothing where the clock went back."""
        while begin < end:
            cut = min(end, (begin // DAY_MS + 1) * DAY_MS, next((each for each in self._begins if each > begin), end))
            yield Piece(begin, cut, self.cost(use, begin, cut))
            begin = cut

    def knows(self, use: Use, at: int) -> bool:
        """Whether all of it has a price then."""
        return all(self.hourly(priced, use, at) is not None for priced, (name, _) in UNITS.items() if getattr(use, name))


def _meets(price: Price, use: Use) -> bool:
    return price.room_id in (0, use.room_id) and price.vendor in ("", use.vendor) and price.model in ("", use.model)
