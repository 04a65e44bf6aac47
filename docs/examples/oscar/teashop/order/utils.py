"""How Oscar places an order, and tells of it."""

from fulfillment.placing import OrderCreator, OrderDispatcher  # noqa: F401
