"""What an event comes to, as one value."""

from __future__ import annotations

from enum import StrEnum

import attrs

from fulfill_core import _values
from fulfill_core.decisions.notification import Notification
from fulfill_core.inventory.changes import Changes
from fulfill_core.inventory.inventory import Inventory
from fulfill_core.lifecycle.actions import Action
from fulfill_core.records.order_record import OrderRecord


class Effect(StrEnum):
    """What an event did.

    >>> Effect("no_change")
    <Effect.NO_CHANGE: 'no_change'>
    """

    APPLIED = "applied"
    """It is recorded, and something is other than before."""
    NO_CHANGE = "no_change"
    """It is recorded, and what it says was so already, or is overtaken."""
    DUPLICATE = "duplicate"
    """It was there before: the same id, or the same thing under the same reference."""
    REFUSED = "refused"
    """It is not possible now; a fact that has no room is kept, and counts when it has some."""


@attrs.frozen(kw_only=True, weakref_slot=False)
class Refusal:
    """Why an event is not possible.

    Args:
        code: in dotted lower case, such as ``"units.not_open"``.
        detail: one sentence for the shop's staff, with the numbers.
        is_kept: whether it is kept all the same, as a fact is, and counts when there is room.

    >>> Refusal(code="units.not_open", detail="2 of line 1 are open, not 3.").is_kept
    False
    """

    code: str
    detail: str
    is_kept: bool = False


@attrs.frozen(kw_only=True, weakref_slot=False)
class Step:
    """What an event comes to.

    Args:
        record: the order's record after it, to be stored.
        inventory: the stock after it.
        before: the stock before it.
        effect: what it did.
        notifications: what is to be told, and was not told before.
        actions: what the host has to do, in this sequence.
        refusal: why it was not possible; None if it was.
    """

    record: OrderRecord
    inventory: Inventory
    before: Inventory = attrs.field(repr=False)
    effect: Effect
    notifications: tuple[Notification, ...] = ()
    actions: tuple[Action, ...] = ()
    refusal: Refusal | None = None

    @property
    def changes(self) -> Changes:
        """What changed of the stock, and nothing else; worked out when asked for."""
        return self.inventory.changes_since(self.before)


_StepTwin = _values.twin(Step)


def trusted_step(
    record: OrderRecord,
    inventory: Inventory,
    before: Inventory,
    effect: Effect,
    notifications: tuple[Notification, ...],
    actions: tuple[Action, ...],
    refusal: Refusal | None,
) -> Step:
    """A step of parts that were checked, by position: the fast way, see `_values.twin`."""
    twin = _StepTwin()
    twin.record, twin.inventory, twin.before = record, inventory, before
    twin.effect, twin.notifications, twin.actions = effect, notifications, actions
    twin.refusal = refusal
    twin.__class__ = Step
    step: Step = twin
    return step
