"""What sending costs, as an event says."""

from __future__ import annotations

from bisect import insort
from decimal import Decimal

from fulfill_core.lifecycle.draft import Draft
from fulfill_core.records.movements import Movement, MovementKind, key_of, movements_of, place_of

_CHARGES = MovementKind.SHIPPING, MovementKind.FINAL_SHIPPING


def keep_charge(draft: Draft, shipping: Decimal | None, ref: str = "") -> None:
    """What sending costs from now on, if the event says so.

    Args:
        draft: the step.
        shipping: how much; None if it says nothing of it.
        ref: what a final charge is known by; empty for one that is none.
    """
    if shipping is None:
        return
    order, event, movements = draft.order, draft.event, draft.history.movements
    kind = MovementKind.FINAL_SHIPPING if ref else MovementKind.SHIPPING
    place, before = place_of(movements, kind, "", ref or event.id)
    if ref and before is not None:  # it was reported before: the first counts, or the greater one
        is_first = before.at < event.at
        if is_first or (before.at == event.at and before.amount >= shipping):
            return
    new = Movement(kind=kind, ref=ref or event.id, amount=shipping, at=event.at)
    rows = [*movements[:place], new, *movements[place + (before is not None) :]]
    if not any([movements_of(movements, each) for each in _CHARGES]):
        first = Movement(kind=MovementKind.SHIPPING, amount=order.shipping, at=order.placed_at)
        insort(rows, first, key=key_of)
    draft.keep("movements", tuple(rows))
