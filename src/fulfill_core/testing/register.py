"""What hypothesis calls when it is imported, so that ``st.from_type(Order)`` just works.

Hypothesis finds `register` through the entry point of this distribution. The strategies are made
when they are first asked for: a test suite that has no use for them pays for no more than this.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from hypothesis import strategies as st

from fulfill_core.inventory.inventory import Inventory
from fulfill_core.orders.order import Address, Customer, Order, OrderLine
from fulfill_core.orders.payment import Payment
from fulfill_core.records.customer_facts import CustomerFacts, Screening
from fulfill_core.records.facts import Facts
from fulfill_core.records.order_record import OrderRecord

T = TypeVar("T")


def register() -> None:
    """Tell hypothesis how to make the values of this library.

    >>> register()
    >>> from hypothesis import find
    >>> find(st.from_type(OrderLine), lambda line: line.units > 1).units
    2
    """
    _register(Address, "addresses")
    _register(Customer, "customers")
    _register(CustomerFacts, "customer_facts")
    _register(Facts, "facts")
    _register(Inventory, "inventories")
    _register(Order, "orders")
    _register(OrderLine, "order_lines")
    _register(OrderRecord, "records")
    _register(Payment, "payments")
    _register(Screening, "screenings")


def _register(kind: type[T], name: str) -> None:
    def resolve(_: type[T]) -> st.SearchStrategy[T]:
        from fulfill_core import testing  # not before hypothesis itself is there

        make: Callable[[], st.SearchStrategy[T]] = getattr(testing, name)
        return make()

    st.register_type_strategy(kind, resolve)
