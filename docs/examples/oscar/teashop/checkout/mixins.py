"""How Oscar's checkout places an order."""

from fulfillment.checkout import OrderPlacementMixin  # noqa: F401
