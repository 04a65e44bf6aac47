"""What events of goods add to what was reported of an order."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime
from operator import attrgetter

from fulfill_core._checks import SOME_INSTANT
from fulfill_core._values import twin as twin_of
from fulfill_core.decisions.notification import Kind
from fulfill_core.exceptions import by_number
from fulfill_core.inventory.stock import EARLIEST, Reservation
from fulfill_core.lifecycle.draft import Draft
from fulfill_core.lifecycle.events.goods import (
    Delivered,
    DeliveryFailed,
    GivenBackReason,
    Lost,
    NotFulfilled,
    Progressed,
    Provided,
    ShipmentVoided,
    Shipped,
    Tracked,
)
from fulfill_core.lifecycle.events.stock import ProductRecalled
from fulfill_core.lifecycle.places import (
    in_turn,
    some_of,
    unasked_units,
    units_out,
    whereabouts,
)
from fulfill_core.lifecycle.recording.charges import keep_charge
from fulfill_core.lifecycle.recording.contradictions import (
    doubt_beyond,
    doubt_parcel,
    doubt_unknown,
)
from fulfill_core.orders.altering import altered
from fulfill_core.orders.progress import NO_PROGRESS
from fulfill_core.records.history import Fulfilment, Parcel, Stage, Units
from fulfill_core.records.movements import OF_LOSS
from fulfill_core.records.report_rows import added, united, with_wait

# -- At a location -----------------------------------------------------------------------------


def progressed(draft: Draft, event: Progressed) -> None:
    """A location has come further with a pick list."""
    fulfilment = _fulfilment(draft, event.ref)
    if fulfilment is not None and fulfilment.stage.is_before(event.stage):
        draft.keep_fulfilment(altered(fulfilment, stage=event.stage))
        # Where all of it has left, or was given back, the report is overtaken.
        draft.is_news = any(draft.lists_before.units[event.ref].values())


def not_fulfilled(draft: Draft, event: NotFulfilled) -> None:
    """A location gives units of a pick list back, no more than it has."""
    fulfilment = _fulfilment(draft, event.ref)
    if fulfilment is None or draft.refuse_unknown(event.lines):
        return
    # What is not open any more is given back as well: the location had it on its list.
    given_back = dict(fulfilment.given_back)
    on_list = {line_id: units - given_back.get(line_id, 0) for line_id, units in fulfilment.units}
    at_location = draft.lists_before.units[event.ref]
    units = {line_id: min(amount, on_list.get(line_id, 0)) for line_id, amount in event.lines}
    # What it gave back before may be said again.
    room = fulfilment.units
    if fulfilment.closed_at is None:
        room = united(some_of(at_location), fulfilment.given_back)
    doubt_beyond(draft, event.lines, dict(room), "are not sent", f"are on pick list {event.ref}")
    # What has left is on record as given back, whichever was heard first, and changes nothing.
    units_back = some_of(
        {
            line_id: min(amount, at_location.get(line_id, 0))
            for line_id, amount in (units if event.lines else at_location).items()
        }
    )
    draft.is_news = bool(units_back)
    if fulfilment.declined and event.reason is GivenBackReason.CALLED_BACK:
        units_gone = {each: units - at_location.get(each, 0) for each, units in on_list.items()}
        unasked = dict(unasked_units(fulfilment, units_back))
        fulfilment = _sent_no_more(fulfilment, unasked, units_gone)
    draft.given_back = fulfilment, units_back
    rows = some_of(units)
    is_short = event.reason is GivenBackReason.SHORT
    rejected_at, closed_at = fulfilment.rejected_at, fulfilment.closed_at
    if event.reason.frees:
        rejected_at = event.at if rejected_at is None else max(rejected_at, event.at)
    if not event.lines:
        closed_at = event.at if closed_at is None else min(closed_at, event.at)
    draft.keep_fulfilment(
        altered(
            fulfilment,
            given_back=added(fulfilment.given_back, rows),
            not_found=added(fulfilment.not_found, rows if is_short else ()),
            # As if somebody had asked for all of it: then what is asked for later is to come.
            called_back=added(fulfilment.called_back, unasked_units(fulfilment, rows)),
            rejected_at=rejected_at,
            closed_at=closed_at,
        )
    )
    if is_short and units_back:
        names = ", ".join([f"{amount} of line {line_id}" for line_id, amount in units_back])
        draft.doubts.append(("units.short_pick", f"{fulfilment.location} did not find {names}."))


def _sent_no_more(
    fulfilment: Fulfilment, unasked: Mapping[str, int], units_gone: Mapping[str, int]
) -> Fulfilment:
    """A pick list of which its location gives back what was to be sent all the same.

    It was asked for that before somebody said so. What has gone since may be what was meant, and
    what it is still to answer comes first.
    """
    declined = {
        line_id: units - max(0, min(unasked.get(line_id, 0), units - units_gone.get(line_id, 0)))
        for line_id, units in fulfilment.declined
    }
    return altered(fulfilment, declined=some_of(declined))


# -- On its way --------------------------------------------------------------------------------


def shipped(draft: Draft, event: Shipped) -> None:
    """A parcel left; what it is known by already stays."""
    parcel = draft.record.history.parcel(event.parcel) or _NO_PARCEL
    if parcel.is_announced:  # by another report
        _keep_earlier(draft, parcel, _announced(parcel, event))
        return
    units = event.lines
    if event.parts:
        units = (*units, *[(line_id, amount) for line_id, _, amount in event.parts])
    if not doubt_unknown(draft, units) and event.parts:
        _doubt_parts(draft, event)
    if event.fulfilment:
        _doubt_list(draft, event)
    after = _announced(parcel, event)
    if parcel is not _NO_PARCEL:
        doubt_parcel(draft, parcel, after)
    draft.keep_parcel(after)


def _announced(before: Parcel, event: Shipped) -> Parcel:
    """A parcel as it is said to have left; what else is known of it stays.

    As a copy with other contents it takes four times as long: see `_values.twin`.
    """
    twin = _ParcelTwin()
    twin.id, twin.at, twin.location = event.parcel, event.at, event.location
    twin.fulfilment_id, twin.shipped, twin.parts = event.fulfilment, event.lines, event.parts
    if before.is_announced:  # of two reports the first counts, and the one that says more
        twin.at = min(before.at, event.at)
        twin.fulfilment_id = max(before.fulfilment_id, event.fulfilment)
    at = event.at
    twin.carrier, twin.carrier_at = _later(before.carrier, before.carrier_at, event.carrier, at)
    twin.tracking, twin.tracking_at = _later(
        before.tracking, before.tracking_at, event.tracking, at
    )
    twin.waits = before.waits
    twin.delivered, twin.is_delivered = before.delivered, before.is_delivered
    twin.delivered_at, twin.stage = before.delivered_at, before.stage
    twin.lost, twin.reopened, twin.credited = before.lost, before.reopened, before.credited
    twin.is_voided, twin.out_at = before.is_voided, before.out_at
    twin.failed_at, twin.ready_at = before.failed_at, before.ready_at
    twin.first_delivered_at, twin.lost_at = before.first_delivered_at, before.lost_at
    twin.__class__ = Parcel
    parcel: Parcel = twin
    return parcel


def _keep_earlier(draft: Draft, before: Parcel, parcel: Parcel) -> None:
    """What another report of a parcel that is known says beside the same content."""
    if parcel != before:
        draft.keep_parcel(parcel)


def _doubt_list(draft: Draft, event: Shipped) -> None:
    """Tell of a parcel that is not of the pick list that it names, or has more than is on it."""
    fulfilment = draft.history.fulfilment(event.fulfilment)
    if fulfilment is None:
        text = f"Parcel {event.parcel} is of pick list {event.fulfilment}, and there is none."
        draft.doubt("fulfilment.unknown", text)
        return
    if fulfilment.location != event.location:
        text = f"Parcel {event.parcel} left {event.location}, and its pick list"
        draft.doubt("fulfilment.elsewhere", f"{text} {fulfilment.id} is of {fulfilment.location}.")
    room = draft.lists_before.units[fulfilment.id]
    doubt_beyond(draft, event.lines, room, "left", f"were on pick list {fulfilment.id}")


def _doubt_parts(draft: Draft, event: Shipped) -> None:
    """Tell of components that are none of their line, or more than it asks for."""
    lines, open_units, kits = draft.lines_by_id(), draft.open_units(), dict(event.lines)
    progress = draft.progress_by_line()
    for line_id, sku, amount in event.parts:
        recipe = dict(draft.stock.components_of(lines[line_id].sku))
        kits_open = open_units[line_id] - kits.get(line_id, 0)
        parts_before = dict(progress[line_id].parts) if line_id in progress else {}
        most = max(0, kits_open * recipe.get(sku, 0) - parts_before.get(sku, 0))
        if amount > most:
            text = f"{amount} of {sku} left for line {line_id}, which lacks {most} of these."
            draft.doubt("units.not_of_kit", text)


def provided(draft: Draft, event: Provided) -> None:
    """What is not sent anywhere was handed over: a parcel that leaves no location."""
    parcel_id = event.ref or event.id
    parcel = draft.history.parcel(parcel_id) or _new_parcel(parcel_id, event.at)
    if parcel.is_announced:  # by another report
        _keep_earlier(draft, parcel, altered(parcel, at=min(parcel.at, event.at)))
        return
    doubt_unknown(draft, event.lines)
    lines = draft.lines_by_id()
    for line_id, units in event.lines:
        line = lines.get(line_id)
        if line is not None and line.ships and draft.stock.is_tracked(line.sku):
            text = (
                f"{units} of line {line_id} {by_number(units, 'was', 'were')} handed over,"
                f" and nobody said where {by_number(units, 'it was', 'they were')}."
            )
            draft.doubt("units.no_place", text)
    after = altered(parcel, at=event.at, location="", shipped=event.lines)
    doubt_parcel(draft, parcel, after)
    draft.keep_parcel(after)


def shipment_voided(draft: Draft, event: ShipmentVoided) -> None:
    """A parcel never left, unless somebody saw it on its way."""
    parcel = _parcel(draft, event.parcel, is_told=True)
    after = altered(parcel, is_voided=True)
    doubt_parcel(draft, parcel, after)
    draft.keep_parcel(after)


def tracked(draft: Draft, event: Tracked) -> None:
    """A parcel has come further, or has another number."""
    parcel = _parcel(draft, event.parcel, is_told=event.stage is Stage.DELIVERED)
    is_there = bool(parcel.delivered or parcel.is_delivered)
    after = altered(
        _scanned(parcel, event),
        stage=event.stage if parcel.stage.is_before(event.stage) else parcel.stage,
        is_delivered=parcel.is_delivered or event.stage is Stage.DELIVERED,
    )
    # That it was said once more is no news, nor where it was before it arrived.
    is_overtaken = is_there and event.stage is not Stage.DELIVERED
    draft.is_news = not is_overtaken and _scan_of(after) != _scan_of(parcel)
    if event.stage is Stage.DELIVERED:
        after = altered(after, **_arrival(parcel, event.at))
    doubt_parcel(draft, parcel, after)
    draft.keep_parcel(after)


def _scan_of(parcel: Parcel) -> tuple[object, ...]:
    """What a scan may say of a parcel."""
    return (*_words_of(parcel), whereabouts(parcel))


_words_of = attrgetter("stage", "is_delivered", "carrier", "tracking", "waits_at", "waits_until")


def _later(
    word: str, said_at: datetime | None, other_word: str, other_at: datetime
) -> tuple[str, datetime | None]:
    """Of two words that were said of one thing the later one, and when that was.

    Of two that were said at once it is the greater: the same whichever was heard first.
    """
    if not other_word or (said_at is not None and (other_at, other_word) < (said_at, word)):
        return word, said_at
    return other_word, other_at


def _scanned(parcel: Parcel, event: Tracked) -> Parcel:
    """Who has a parcel, under which number, and where it is: each by the latest to say so."""
    at, after = event.at, parcel
    if event.carrier or event.tracking:
        carrier = _later(parcel.carrier, parcel.carrier_at, event.carrier, at)
        tracking = _later(parcel.tracking, parcel.tracking_at, event.tracking, at)
        after = altered(
            parcel,
            carrier=carrier[0],
            carrier_at=carrier[1],
            tracking=tracking[0],
            tracking_at=tracking[1],
        )
    if event.waits_at or event.waits_until:
        row = at, event.waits_at, event.waits_until
        after = altered(after, waits=with_wait(after.waits, row))
    if event.stage is Stage.OUT_FOR_DELIVERY:
        after = altered(after, out_at=_last(parcel.out_at, at))
    elif event.stage is Stage.READY_FOR_PICK_UP:
        after = altered(after, ready_at=_last(parcel.ready_at, at))
    return after


def delivered(draft: Draft, event: Delivered) -> None:
    """A parcel arrived, all of it or a part."""
    if event.lines:
        doubt_unknown(draft, event.lines, draft.history.parcel(event.parcel))
    parcel = _parcel(draft, event.parcel, event.lines, is_told=not event.lines)
    after = altered(
        parcel,
        delivered=united(parcel.delivered, event.lines),
        is_delivered=parcel.is_delivered or not event.lines,
        **_arrival(parcel, event.at),
    )
    _keep_report(draft, parcel, after)


def _keep_report(draft: Draft, before: Parcel, parcel: Parcel) -> None:
    """A parcel of which it is said what has arrived of it, or is lost."""
    # A box of a kit that is not complete moves no counter.
    draft.is_news = bool(parcel.parts) and _fate_of(parcel) != _fate_of(before)
    doubt_parcel(draft, before, parcel)
    draft.keep_parcel(parcel)


_fate_of = attrgetter("is_delivered", "delivered", "lost", "reopened", "credited")
"""What became of what is in a parcel."""


def _arrival(parcel: Parcel, at: datetime) -> dict[str, datetime]:
    """When a parcel was first said to have arrived, and last, whichever was heard last."""
    first_at = parcel.first_delivered_at
    return {
        "first_delivered_at": at if first_at is None else min(at, first_at),
        "delivered_at": _last(parcel.delivered_at, at),
    }


def _last(said_at: datetime | None, at: datetime) -> datetime:
    """When something was said last, whichever was heard last."""
    return at if said_at is None else max(at, said_at)


def product_recalled(draft: Draft, event: ProductRecalled) -> None:
    """What it had is dangerous: its customer is told."""
    ordered = {line.id: line.units for line in draft.order.lines}
    unknown = [row for row in event.lines if row[0] not in ordered]
    if len(unknown) < len(event.lines):  # who has something of it is told, whatever else it names
        doubt_beyond(draft, unknown, ordered, "are recalled", "were ordered")
        progress = draft.progress_by_line()
        out = [units_out(progress.get(line_id, NO_PROGRESS)) for line_id, _ in event.lines]
        draft.is_news = any(out)
    else:
        draft.refuse_unknown(unknown)


def delivery_failed(draft: Draft, event: DeliveryFailed) -> None:
    """A carrier could not deliver: nothing is counted, and what comes after may say otherwise."""
    if event.asks_customer and draft.history.parcel(event.parcel) is None:
        # A scan may overtake its parcel: its customer is asked, and somebody looks whose it is.
        draft.doubt("parcel.unknown", f"Nobody said that parcel {event.parcel} left.")
    parcel = _parcel(draft, event.parcel)
    draft.is_news = not (parcel.delivered or parcel.is_delivered)
    if event.asks_customer:
        after = altered(parcel, failed_at=_last(parcel.failed_at, event.at))
        draft.keep_parcel(after)
        # It is overtaken by a later tour, a later failure, and by what waits by now; and of one
        # failure two may report.
        is_last = after.failed_at != parcel.failed_at
        is_last = is_last and whereabouts(after) is Kind.DELIVERY_FAILED
        draft.is_news = draft.is_news and is_last


def lost_on_the_way(draft: Draft, event: Lost) -> None:
    """Units of a parcel will not arrive; whoever says so says what becomes of them."""
    doubt_unknown(draft, event.lines, draft.history.parcel(event.parcel))
    parcel = _parcel(draft, event.parcel, event.lines)
    after = altered(
        parcel,
        lost=united(parcel.lost, event.lines),
        reopened=united(parcel.reopened, event.reopened),
        credited=united(parcel.credited, event.credited),
        lost_at=event.at if parcel.lost_at is None else min(parcel.lost_at, event.at),
    )
    _keep_report(draft, parcel, after)
    keep_charge(draft, event.shipping, f"{OF_LOSS}{event.id}")
    if _fates_of(after) == _fates_of(parcel):
        return  # it was told when it was said first
    losses, origin = dict(after.lost), f"are lost in {event.parcel}"
    doubt_beyond(draft, event.reopened, losses, "are sent again", origin)
    doubt_beyond(draft, event.credited, losses, "cost nothing", origin)


_fates_of = attrgetter("lost", "reopened", "credited")


def _parcel(draft: Draft, parcel_id: str, units: Units = (), *, is_told: bool = False) -> Parcel:
    """The parcel of this number. One that nobody said has left did so where its units were.

    Args:
        draft: the step.
        parcel_id: its number.
        units: what is said to be in it.
        is_told: whether it makes no sense without a parcel: then it is kept until there is one.
    """
    parcel, at = draft.history.parcel(parcel_id), draft.event.at
    if is_told and (parcel is None or not _says_what_became(parcel)):
        text = f"Nobody said that parcel {parcel_id} left."
        draft.refuse("parcel.unknown", text, is_kept=True)
    if parcel is None:
        parcel = _new_parcel(parcel_id, at)
    if parcel.is_announced:
        return parcel
    line_ids = {line_id for line_id, _ in (*units, *parcel.delivered, *parcel.lost)}
    at = min(at, parcel.at)
    return altered(parcel, at=at, location=_place_of(draft, line_ids, at, parcel.location))


def _says_what_became(parcel: Parcel) -> bool:
    """Whether more is known of a parcel than that a carrier has scanned it."""
    return (
        parcel.is_announced
        or parcel.is_voided
        or parcel.is_delivered
        or bool(parcel.delivered or parcel.lost)
    )


def _new_parcel(parcel_id: str, at: datetime) -> Parcel:
    """A parcel of which nothing is known yet; what an event says was checked as it was made."""
    return altered(_NO_PARCEL, id=parcel_id, at=at)


_ParcelTwin = twin_of(Parcel)
_NO_PARCEL = Parcel(id="-", at=SOME_INSTANT)


def _place_of(draft: Draft, line_ids: Collection[str], at: datetime, place: str) -> str:
    """Where units of lines may have been: who was to send them first, or where they are reserved.

    Who got a pick list of them later has sent nothing by then. What the last run reserved counts
    before what is reserved now: how much of that has left depends on what was heard of first. What
    was reserved since then has not left, if anything was before: a report may bear the day only, or
    come of a clock that is slow.

    Args:
        draft: the step.
        line_ids: the lines.
        at: when it was first said that something of them has left.
        place: where they were taken from with an earlier report, empty if with none: what is
            reserved now has no say any more, as what left is not among it.
    """
    if not line_ids:
        return ""
    for each in in_turn(draft.history.fulfilments):
        if each.at <= at and any([line_id in line_ids for line_id, _ in each.units]):
            return each.location
    rows = [each for each in draft.record.reserved if each.line_id in line_ids]
    if rows:
        at = max(at, min([_age_of(each) for each in rows]))
    elif place:
        return place
    else:  # what came back in a step is reserved as of now: it would depend on what was heard first
        reservations = draft.stock.reservations_of(draft.order.id)
        rows = [each for each in reservations if each.line_id in line_ids]
    places = {each.location for each in rows if _age_of(each) <= at}
    return min(places, key=lambda each: (draft.stock.location(each).rank, each), default="")


def _age_of(reservation: Reservation) -> datetime:
    return reservation.made_at or EARLIEST


def _fulfilment(draft: Draft, ref: str) -> Fulfilment | None:
    """The pick list of this number; if there is none, the event is refused."""
    fulfilment = draft.history.fulfilment(ref)
    if fulfilment is None:
        draft.refuse("fulfilment.unknown", f"There is no pick list {ref}.")
    return fulfilment
