"""Strategies of confirmation: what a re-allocation may do to an order.

See docs/how-to/reallocate-after-a-count.md.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Protocol

from fulfill_core.orders.order import Order
from fulfill_core.records.facts import Context


class ConfirmationStrategy(StrEnum):
    """What a re-allocation may do to an order: give to it, take from it.

    The words are those of backorder processing in large systems (SAP S/4HANA: win, gain, improve,
    redistribute, fill, lose, skip). "Behind" is whoever ranks after.

    >>> ConfirmationStrategy("gain").may_lose
    False
    """

    WIN = "win"
    """To be confirmed whole: it is served before all others, takes what it lacks from those behind
    it, and never loses. A note says so if it is not whole even then."""
    GAIN = "gain"
    """It takes what it lacks from those behind it, and never loses."""
    IMPROVE = "improve"
    """It takes what it lacks from those behind it, and loses only to WIN and GAIN orders, and only
    what nobody else behind them has."""
    REDISTRIBUTE = "redistribute"
    """It takes what it lacks from those behind it, and loses to whoever is ahead of it."""
    FILL = "fill"
    """It gains nothing, keeps what it has, and is among the first to lose it."""
    LOSE = "lose"
    """It gives up all that it has, and gains nothing."""
    SKIP = "skip"
    """It is passed over: it gains nothing and loses nothing."""

    @property
    def may_gain(self) -> bool:
        """Whether it takes what is free, and what those behind it have."""
        return self not in _GAIN_NOTHING

    @property
    def may_lose(self) -> bool:
        """Whether others may take what it has."""
        return self not in _NEVER_LOSE

    @property
    def turn(self) -> int:
        """When it is served: within a turn, the rank decides."""
        return _TURNS.get(self, 1)


_GAIN_NOTHING = frozenset(
    {ConfirmationStrategy.FILL, ConfirmationStrategy.LOSE, ConfirmationStrategy.SKIP}
)
_NEVER_LOSE = frozenset(
    {ConfirmationStrategy.WIN, ConfirmationStrategy.GAIN, ConfirmationStrategy.SKIP}
)
_TURNS = {
    ConfirmationStrategy.WIN: 0,
    ConfirmationStrategy.FILL: 2,
    ConfirmationStrategy.LOSE: 3,
    ConfirmationStrategy.SKIP: 3,
}


class StrategyPolicy(Protocol):
    """Says which strategy an order has.

    Contract: it depends on nothing but its arguments. One that raises, or returns anything but a
    `ConfirmationStrategy`, stops the run with a `PluginError`.

    >>> def gold_gains(order, /, *, context):
    ...     is_gold = order.customer.tier == "gold"
    ...     return ConfirmationStrategy.GAIN if is_gold else ConfirmationStrategy.REDISTRIBUTE
    >>> policy: StrategyPolicy = gold_gains
    """

    def __call__(self, order: Order, /, *, context: Context) -> ConfirmationStrategy: ...
