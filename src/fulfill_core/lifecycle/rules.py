"""The choices of a shop that steps go by."""

from __future__ import annotations

from datetime import timedelta
from enum import StrEnum

import attrs

from fulfill_core import _checks
from fulfill_core.orders.due import Charges


class DelayRule(StrEnum):
    """What it means that a customer does not say whether they wait.

    >>> DelayRule("us")
    <DelayRule.US: 'us'>
    """

    ASK = "ask"
    """Somebody of the shop decides."""
    CONSENT = "consent"
    """They wait."""
    CANCEL = "cancel"
    """What is open is cancelled, and paid back."""
    US = "us"
    """As the law of the United States has it: see `us_silence`."""


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
        unpaid: how long an order may be unpaid before it is cancelled, a timedelta; None for ever.
            Where that is a change alone, such as an amendment, a person is told.
        review: how long an order may wait for a person before somebody else is told; None for ever.
        acceptance: how long a location may take to accept a pick list before the units are free for
            other places; None for ever.
        delays: what it means that a customer does not say whether they wait: a `DelayRule` or its
            text.
        withdrawal_days: for how many days after its arrival something may be sent back because its
            customer has changed their mind: see `withdrawal_ends`; None for ever.

    >>> Rules(charges="last").charges
    <Charges.LAST: 'last'>
    """

    charges: Charges = Charges.FIRST
    unpaid_leaves: bool = False
    remorse: timedelta = timedelta(0)
    staff_locale: str = "en"
    unpaid: timedelta | None = None
    review: timedelta | None = None
    acceptance: timedelta | None = None
    delays: DelayRule = DelayRule.ASK
    withdrawal_days: int | None = None

    def __attrs_post_init__(self) -> None:
        _checks.keep_word(self, "charges", Charges)
        _checks.check_bool("Rules.unpaid_leaves", self.unpaid_leaves)
        _checks.check_duration("Rules.remorse", self.remorse)
        _checks.check_id("Rules.staff_locale", self.staff_locale, *_checks.LOCALE)
        for name in ("unpaid", "review", "acceptance"):
            if getattr(self, name) is not None:
                _checks.check_duration(f"Rules.{name}", getattr(self, name))
        _checks.keep_word(self, "delays", DelayRule)
        if self.withdrawal_days is not None:
            _checks.check_int("Rules.withdrawal_days", self.withdrawal_days, at_least=0)


USUAL_RULES = Rules()
"""`Rules` as most shops need them."""
