"""How Oscar finds prices and availability. What is not here, it takes from its own module."""

from fulfillment.strategy import Selector  # noqa: F401
