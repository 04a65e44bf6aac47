"""The app, in the place of Oscar's."""

from oscar.apps.order import apps


class OrderConfig(apps.OrderConfig):
    name = "teashop.order"
