"""The settings of a re-allocation: who may take what is reserved for others.

See docs/how-to/reallocate-after-a-count.md.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import attrs

from fulfill_core import _checks, _values
from fulfill_core._checks import repr_of
from fulfill_core.exceptions import PluginError
from fulfill_core.inventory.stock import Reservation
from fulfill_core.orders.dates import first_deadline
from fulfill_core.orders.order import Order
from fulfill_core.protocols.plugins import name_of, setting_shown
from fulfill_core.protocols.roles import STRATEGY, check_plugin
from fulfill_core.reallocation.strategies import ConfirmationStrategy, StrategyPolicy
from fulfill_core.records.facts import Context

_EARLIEST = datetime.min.replace(tzinfo=UTC)


@attrs.frozen(kw_only=True, weakref_slot=False)
class Reallocation:
    """How a run may take units that are reserved for one order and give them to another.

    Only orders of the queue take and lose: what is reserved for orders that are held, rejected, not
    due or not in the batch stays where it is. What does not have to move does not: an order takes
    what is free first, then exactly what it still lacks, from whoever ranks last; and nothing, if
    that would not do (a line that ships whole, an order that ships complete). A unit stays at its
    location and in its lot. The same again changes nothing. (When time alone changes what a
    function here says, `Result.wake_at` does not know of it.)

    Args:
        strategy: the `ConfirmationStrategy` of all orders, or a function of an order that returns
            its own. REDISTRIBUTE, unless said otherwise: then the rank alone decides.
        frozen_orders: the ids of orders whose units never move, such as those that are picked or
            packed.
        is_frozen: a function of a `Reservation`: whether its units never move; None if the others
            say it all.
        frozen_within: units of orders whose deadline is no farther away never move, a timedelta of
            zero or more; None if that does not matter. Overdue orders are frozen, too.

    Raises:
        InvalidValueError: a setting is not as described.

    >>> Reallocation(frozen_orders=["A-17"], frozen_within=timedelta(days=1)).strategy
    <ConfirmationStrategy.REDISTRIBUTE: 'redistribute'>
    """

    strategy: ConfirmationStrategy | StrategyPolicy = attrs.field(
        default=ConfirmationStrategy.REDISTRIBUTE, repr=setting_shown
    )
    frozen_orders: frozenset[str] = attrs.field(default=frozenset(), converter=_checks.to_frozenset)
    is_frozen: Callable[[Reservation], bool] | None = attrs.field(default=None, repr=setting_shown)
    frozen_within: timedelta | None = None

    __eq__, __hash__, __repr__ = _values.BY_FIELDS

    def __attrs_post_init__(self) -> None:
        if callable(self.strategy):
            check_plugin("Reallocation.strategy", self.strategy, STRATEGY)
        else:
            _checks.keep_word(self, "strategy", ConfirmationStrategy)
        _checks.check_words("Reallocation.frozen_orders", self.frozen_orders)
        if self.is_frozen is not None:
            _checks.check_callable("Reallocation.is_frozen", self.is_frozen)
        if self.frozen_within is not None:
            _checks.check_duration("Reallocation.frozen_within", self.frozen_within)

    def strategy_of(self, order: Order, context: Context) -> ConfirmationStrategy:
        """The strategy of an order.

        Raises:
            PluginError: the function raised, or returned something else.
        """
        policy = self.strategy
        if isinstance(policy, ConfirmationStrategy):
            return policy
        try:
            strategy = policy(order, context=context)
        except Exception as error:
            raise PluginError(
                name_of(policy), order.id, f"raised {repr_of(error)}; it must not raise"
            ) from error
        if not isinstance(strategy, ConfirmationStrategy):
            raise PluginError(
                name_of(policy),
                order.id,
                f"returned {repr_of(strategy)}; return a ConfirmationStrategy",
            )
        return strategy

    def freezes_at(self, order: Order) -> datetime | None:
        """From when on its units never move, in UTC; None if its deadline does not matter."""
        due, window = first_deadline(order), self.frozen_within
        if due is None or window is None:
            return None
        return max(due.astimezone(UTC), _EARLIEST + window) - window

    def is_order_frozen(self, order: Order, context: Context) -> bool:
        """Whether nothing that the order has may move: neither units nor claims on supplies."""
        if order.id in self.frozen_orders:
            return True
        freezes_at = self.freezes_at(order)
        return freezes_at is not None and freezes_at <= context.now

    def may_move(self, order: Order, reservation: Reservation, context: Context) -> bool:
        """Whether the units of a reservation are not frozen.

        Raises:
            PluginError: ``is_frozen`` raised.
        """
        if self.is_order_frozen(order, context):
            return False
        if self.is_frozen is None:
            return True
        try:
            return not self.is_frozen(reservation)
        except Exception as error:
            raise PluginError(
                name_of(self.is_frozen), order.id, f"raised {repr_of(error)}; it must not raise"
            ) from error
