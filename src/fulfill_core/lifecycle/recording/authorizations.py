"""What a payment was agreed to: since when, how, and until when it covers anything."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from datetime import datetime
from decimal import Decimal
from operator import attrgetter
from typing import Any, NamedTuple

from fulfill_core.inventory.stock import EARLIEST
from fulfill_core.lifecycle.draft import Draft
from fulfill_core.orders.altering import altered
from fulfill_core.orders.money import NOTHING, less, plus
from fulfill_core.orders.payment import Payment
from fulfill_core.records.movements import (
    OPENING,
    Movement,
    MovementKind,
    in_time,
    movements_of,
    refs_refused,
    trusted_movement,
)

# A member of an enum takes ten times as long to look up as a name of the module (Python 3.11).
_AUTHORIZED, _VOIDED = MovementKind.AUTHORIZED, MovementKind.VOIDED
_CAPTURED, _CAPTURE_FAILED = MovementKind.CAPTURED, MovementKind.CAPTURE_FAILED
_AUTHORIZATION_FAILED, _DISPUTED = MovementKind.AUTHORIZATION_FAILED, MovementKind.DISPUTED


def opening_of(payment: Payment, at: datetime) -> tuple[Movement, ...]:
    """What a payment stands at before its first event, as movements.

    Args:
        payment: the payment.
        at: when the order was placed.
    """
    if payment.authorized_at is None:
        at = EARLIEST  # nobody said since when it stands so
    # What was captured was authorised before, so that a capture that fails can be repeated.
    agreed = plus(payment.authorized, payment.captured)
    amounts = (
        (_AUTHORIZED, agreed, payment.expires_at),
        (_CAPTURED, payment.captured, None),
        (MovementKind.REFUNDED, payment.refunded, None),
        (MovementKind.CHARGED_BACK, payment.charged_back, None),
    )
    return tuple(
        [
            trusted_movement(kind, payment.id, OPENING, amount, at, expires_at=expires_at)
            for kind, amount, expires_at in amounts
            if amount
        ]
    )


def earlier_end(end: datetime | None, other: datetime | None) -> datetime | None:
    """The earlier one of two ends, as far as they are known."""
    return min(end, other) if end and other else end or other


def agreement_of(draft: Draft, movement: Movement, *, is_first_word: bool) -> Mapping[str, Any]:
    """Since when, and how, a payment was agreed, by all that was reported of it.

    The first of its authorizations counts, or while none is known the first of its events,
    whichever was heard first.

    Args:
        draft: the step, with all that was reported.
        movement: the last one.
        is_first_word: whether nobody said of it earlier what this event says.
    """
    payment_id = movement.payment_id
    movements = [
        each
        for each in draft.record.history.movements
        # Of some no amount follows; to look for a kind in `UNMOVED` compares texts.
        if each.payment_id == payment_id
        and each.kind is not _AUTHORIZATION_FAILED
        and each.kind is not _DISPUTED
    ]
    is_new = movements[0].ref != OPENING  # it is known by its events alone
    agreements = [each for each in movements if each.kind is _AUTHORIZED and each.ref != OPENING]
    agreement: dict[str, Any] = {"id": payment_id}
    if is_new or agreements:
        candidates = agreements or movements
        first = candidates[0] if len(candidates) == 1 else min(candidates, key=_turn_of)
        agreement["authorized_at"] = first.at
        if is_new and first is movement and movement.kind is _AUTHORIZED and is_first_word:
            agreement["method"] = draft.event.method
    return agreement


_turn_of = attrgetter("at", "ref")


# -- Until when --------------------------------------------------------------------------------


def with_end(payment: Payment, movements: tuple[Movement, ...]) -> Payment:
    """A payment that covers what it does until the first of those agreements ends that still do.

    What was agreed to once an earlier agreement had ended has an end of its own, and what that
    one was good for is worth nothing. What a payment stood at before its first event keeps its
    end, be it that nobody knows any.

    Args:
        payment: the payment, at amounts that follow of its movements.
        movements: those of the order.
    """
    agreements = movements_of(movements, _AUTHORIZED, payment.id)
    if not any([each.expires_at for each in agreements]):  # as of most
        return payment
    if len(agreements) == 1:
        return _ending(payment, agreements[0].expires_at, payment.authorized)
    parts = _parts_in_force([each for each in movements if each.payment_id == payment.id])
    candidates = [part.agreement for part in parts if not part.has_ended] or agreements
    if first := [each for each in candidates if each.ref == OPENING and each.at != EARLIEST]:
        candidates = first
    ends = [each.expires_at for each in candidates if each.expires_at is not None]
    authorized = payment.authorized
    for part in parts:
        if part.has_ended:
            authorized = less(authorized, part.rest)
    return _ending(payment, min(ends, default=None), max(NOTHING, authorized))


def _ending(payment: Payment, expires_at: datetime | None, authorized: Decimal) -> Payment:
    if (payment.expires_at, payment.authorized) == (expires_at, authorized):
        return payment
    return altered(payment, expires_at=expires_at, authorized=authorized)


class _Part(NamedTuple):
    """What neither came, nor was let go, of an agreement; ended if the next came after its end."""

    agreement: Movement
    rest: Decimal
    has_ended: bool


def _parts_in_force(movements: Collection[Movement]) -> list[_Part]:
    """What is left of each agreement of a payment, one after the other; those with something left.

    Money comes of those first that have not ended by then, and what is let go, or ran out, is taken
    off those first that have; the oldest first.
    """
    agreements: dict[str, Movement] = {}
    rest: dict[str, Decimal] = {}
    ended: set[str] = set()
    captures: dict[str, dict[str, Decimal]] = {}
    refused = refs_refused(movements)
    for each in in_time(movements):
        if each.kind is _AUTHORIZED and each.ref not in refused:
            ended.update([ref for ref in agreements if _has_ended(agreements[ref], each.at)])
            agreements[each.ref], rest[each.ref] = each, each.amount
        elif each.kind is _CAPTURED and each.ref not in captures:
            captures[each.ref] = _take(rest, _in_turn(agreements, ended, each.at), each.amount)
        elif each.kind is _CAPTURE_FAILED:
            for ref, amount in captures.get(each.ref, {}).items():
                rest[ref] = plus(rest[ref], amount)
            captures[each.ref] = {}
        elif each.kind is _VOIDED:
            refs = _in_turn(agreements, ended, each.at, is_reversed=True)
            _take(rest, refs, None if each.is_all else each.amount)
    return [_Part(agreements[ref], amount, ref in ended) for ref, amount in rest.items() if amount]


def _in_turn(
    agreements: Mapping[str, Movement],
    ended: Collection[str],
    at: datetime,
    *,
    is_reversed: bool = False,
) -> list[str]:
    """The references of agreements: what is good first, then what has ended, then what is gone.

    Args:
        agreements: each by its reference, the oldest first.
        ended: those that had ended when the next was agreed to.
        at: by when another one has.
        is_reversed: whether what is gone comes first.
    """
    turns = {
        ref: (ref in ended, _has_ended(agreement, at)) for ref, agreement in agreements.items()
    }
    return sorted(agreements, key=turns.__getitem__, reverse=is_reversed)


def _has_ended(agreement: Movement, at: datetime) -> bool:
    return agreement.expires_at is not None and agreement.expires_at <= at


def _take(
    rest: dict[str, Decimal], refs: Iterable[str], amount: Decimal | None
) -> dict[str, Decimal]:
    """Take so much off what is left of agreements, in this sequence; None for all of it."""
    parts: dict[str, Decimal] = {}
    for ref in refs:
        part = rest[ref] if amount is None else min(rest[ref], amount)
        if part:
            parts[ref], rest[ref] = part, less(rest[ref], part)
            amount = None if amount is None else less(amount, part)
    return parts
