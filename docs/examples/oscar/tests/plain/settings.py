"""Oscar as it comes: one app is forked, for a bank to pay at."""

from teashop.settings import *  # noqa: F403
from teashop.settings import FORKED, INSTALLED_APPS

CHECKOUT = "teashop.checkout.apps.CheckoutConfig"
_original = {fork: app for app, fork in FORKED.items()} | {
    CHECKOUT: "plain.checkout.apps.CheckoutConfig"
}
INSTALLED_APPS = [_original.get(app, app) for app in INSTALLED_APPS if app != "fulfillment"]
OSCAR_ORDER_STATUS_PIPELINE = {}
