"""The moves of an episode, drawn one after the other: what a busy day in a small shop is like."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from random import Random

from fulfill_core.testing.contracts import Capability
from fulfill_core.testing.simulator.engine import Engine
from fulfill_core.testing.simulator.moves import (
    Basket,
    Cancellation,
    Checkout,
    ClockJump,
    Dispatch,
    Fault,
    Move,
    Nightly,
    OtherBody,
    Overtaking,
    Receipt,
    Redelivery,
    Work,
)
from fulfill_core.testing.simulator.shop import PARTS, PRICES

MOVES = 70
"""So many in an episode: the more orders a shop has, the more a run costs."""
ORDERS = 9
"""So many in an episode, at most."""
WORKERS = (1, 1, 1, 2, 2, 3)
OCCASIONS = (1, 1, 1, 1, 1, 2, 2, 3)
HOUR = 3600
AT_WORK = (
    Fault.CRASH_BEFORE_COMMIT,
    Fault.CRASH_AFTER_COMMIT,
    Fault.COMMIT_UNKNOWN,
    Fault.COMMIT_UNKNOWN,
    Fault.CONFLICT,
    Fault.STALE_READ,
    Fault.STALE_READ,
    Fault.NOTIFIER_ERROR,
    Fault.TIMEOUT,
    Fault.RELAY_CRASH,
    Fault.PARTIAL_BATCH,
    None,
    None,
    None,
    None,
)
PLACES = (("mug", "berlin"), ("mug", "lyon"), ("cup", "berlin"), ("tea", "lyon"))
"""Where goods come in."""


class Chance:
    """Draws moves for a shop, by what is there.

    Args:
        shop: the shop.
        random: where they are drawn from.
    """

    def __init__(self, shop: Engine, random: Random) -> None:
        self._shop, self._random = shop, random
        capabilities = shop.capabilities
        self._skus = sorted(PRICES if Capability.ITEMS in capabilities else {*PRICES} - {*PARTS})
        self._has_lots = Capability.LOTS in capabilities
        self._has_baskets = Capability.EXPIRY in capabilities
        self._orders: list[str] = []
        self._parcels = self._receipts = 0
        self._units_sent: dict[tuple[str, str, str], int] = {}
        weights: dict[Callable[[], Iterator[Move]], int] = {
            self._work: 46,
            self._checkout: 13,
            self._dispatch: 13,
            self._race: 4,
            self._receipt: 4,
            self._nightly: 5,
            self._redelivery: 4,
            self._other_body: 3,
            self._overtaking: 3,
            self._clock: 4,
            self._cancellation: 1,
        }
        self._draws, self._weights = list(weights), list(weights.values())

    def moves(self) -> Iterator[Move]:
        """Moves, each to be made before the next is asked for."""
        yield from self._checkout()
        for _ in range(MOVES):
            [draw] = self._random.choices(self._draws, self._weights)
            yield from draw()

    def _happens(self, times: int, of: int) -> bool:
        return self._random.randrange(of) < times

    # -- What customers and suppliers do -------------------------------------------------------

    def _checkout(self) -> Iterator[Move]:
        if len(self._orders) == ORDERS:
            return
        order_id = f"A-{len(self._orders) + 1}"
        self._orders.append(order_id)
        skus = self._random.sample(self._skus, self._random.choice((1, 1, 2)))
        units = {sku: self._random.choice((1, 1, 2, 3)) for sku in skus}
        if self._has_baskets and self._happens(1, 2):
            yield self._basket(order_id, skus[0], units[skus[0]])
        yield Checkout(order=order_id, units=units, by_bank=self._happens(1, 3))
        yield from self._work(jobs=2)

    def _basket(self, order_id: str, sku: str, quantity: int) -> Basket:
        sku = sku if sku != "set" else "mug"
        minutes = self._random.choice((5, 30, 30, 120))
        return Basket(order=order_id, sku=sku, quantity=quantity, minutes=minutes)

    def _cancellation(self) -> Iterator[Move]:
        yield Cancellation(order=self._random.choice(self._orders))

    def _receipt(self) -> Iterator[Move]:
        self._receipts += 1
        sku, location = self._random.choice(PLACES)
        yield Receipt(
            note=f"GR-{self._receipts}",
            sku=sku,
            location=location,
            quantity=self._random.choice((1, 2, 4)),
            supply="PO-1" if sku == "cup" else "",
            lot=f"L-{2 + self._receipts}" if sku == "tea" and self._has_lots else "",
        )

    # -- What leaves ---------------------------------------------------------------------------

    def _dispatch(self, *, expires: bool = False) -> Iterator[Move]:
        """Units of one order leave one place, where it has some: all of them, or not."""
        units: dict[tuple[str, str, str], int] = {}
        for row, quantity in self._shop.books.reserved.items():
            if not expires or (row.expires_at is not None and row.expires_at > self._shop.now):
                key = row.order_id, row.location, row.line_id
                # Of a kit each part is reserved: they are as many as kits.
                units[key] = units.get(key, 0) + quantity if row.line_id == row.sku else quantity
        units = {key: count - self._units_sent.get(key, 0) for key, count in units.items()}
        pairs = sorted({key[:2] for key, count in units.items() if count > 0})
        if not pairs:
            return
        order_id, location = self._random.choice(pairs)
        is_part = self._happens(1, 5)
        lines = {
            key[2]: 1 if is_part else count
            for key, count in units.items()
            if key[:2] == (order_id, location) and count > 0
        }
        self._parcels += 1
        parcel = f"p{self._parcels}"
        yield Dispatch(parcel=parcel, order=order_id, location=location, units=lines)

    def _race(self) -> Iterator[Move]:
        """What is about to expire leaves."""
        moves = list(self._dispatch(expires=True))
        yield from moves
        if moves:
            worker = max(WORKERS) + 1
            yield Overtaking()
            yield Work(worker=worker, fault=Fault.EXPIRY_RACE)

    # -- What processes do ---------------------------------------------------------------------

    def _work(self, jobs: int = 0) -> Iterator[Move]:
        fault = self._random.choice(AT_WORK)
        batch = 3 if fault is Fault.PARTIAL_BATCH else self._random.choice((1, 1, 2))
        yield Work(
            worker=self._random.choice(WORKERS),
            jobs=max(jobs, batch),
            pauses=self._happens(1, 7),
            fault=fault,
            occasion=self._random.choice(OCCASIONS),
            is_written=fault is not Fault.COMMIT_UNKNOWN or self._happens(1, 2),
        )

    def _nightly(self) -> Iterator[Move]:
        orders = self._random.sample(self._orders, min(2, len(self._orders)))
        yield Nightly(orders=orders if self._happens(1, 3) else ())

    # -- What goes wrong around them -----------------------------------------------------------

    def _redelivery(self) -> Iterator[Move]:
        yield Redelivery(job=self._random.choice(sorted(self._shop.jobs)))

    def _other_body(self) -> Iterator[Move]:
        keys = [key for key in sorted(self._shop.jobs) if key.startswith(("checkout:", "parcel:"))]
        yield OtherBody(job=self._random.choice(keys))

    def _overtaking(self) -> Iterator[Move]:
        yield Overtaking()

    def _clock(self) -> Iterator[Move]:
        yield ClockJump(seconds=self._random.choice((60, 600, 2 * HOUR, 9 * HOUR, -60, -HOUR)))
