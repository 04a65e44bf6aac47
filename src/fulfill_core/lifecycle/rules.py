"""The choices of a shop that steps go by."""

from __future__ import annotations

from datetime import timedelta

import attrs

from fulfill_core import _checks
from fulfill_core.orders.due import Charges


@attrs.frozen(kw_only=True, weakref_slot=False)
class Rules:
    """The choices of a shop that steps go by.

    Args:
        charges: with which parcel shipping and other charges are captured: a `Charges` or its text.
        unpaid_leaves: whether units may be handed over to a location that nobody has paid, or
            authorised, such as where all customers pay on invoice.
        remorse: how long after it was placed nothing of an order is handed over to a location,
            a timedelta of zero or more.
        staff_locale: the language of messages to the staff and to locations.

    >>> Rules(charges="last").charges
    <Charges.LAST: 'last'>
    """

    charges: Charges = Charges.FIRST
    unpaid_leaves: bool = False
    remorse: timedelta = timedelta(0)
    staff_locale: str = "en"

    def __attrs_post_init__(self) -> None:
        _checks.keep_word(self, "charges", Charges)
        _checks.check_bool("Rules.unpaid_leaves", self.unpaid_leaves)
        _checks.check_duration("Rules.remorse", self.remorse)
        _checks.check_id("Rules.staff_locale", self.staff_locale)


USUAL_RULES = Rules()
"""`Rules` as most shops need them."""
