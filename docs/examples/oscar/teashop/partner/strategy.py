"""How Oscar finds prices and availability."""

from oscar.apps.partner.strategy import *  # noqa: F403

from fulfillment.strategy import Selector  # noqa: F401
