"""What was said to be lost when it was back already: it counts as far as it was out."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from operator import itemgetter

from fulfill_core.inventory.stock import EARLIEST
from fulfill_core.lifecycle.draft import Draft
from fulfill_core.lifecycle.events.goods import Lost
from fulfill_core.lifecycle.events.returns import ReturnReceived
from fulfill_core.lifecycle.places import some_of
from fulfill_core.lifecycle.recording.contradictions import doubt_returns
from fulfill_core.lifecycle.recording.returns import refuse_without_room
from fulfill_core.orders.progress import Counts
from fulfill_core.records.history import Parcel, Return, Units
from fulfill_core.records.order_record import OrderRecord
from fulfill_core.records.report_rows import added


def late_losses(record: OrderRecord) -> list[tuple[Parcel, dict[str, int]]]:
    """Parcels, each with what of it was said to be lost and had come back before, by line.

    What is out are the units that left by then, without those that were lost or came back: of
    several reports the one that happened first counts, and a return counts all of it or not at
    all. Of lines whose components left alone none are: which kits are lost is not for one parcel
    to say.

    Args:
        record: the record, with the counters of what left.
    """
    history = record.history
    parcels = [each for each in history.parcels if each.lost]
    returns = [each for each in history.returns if each.received]
    if not parcels or not returns:
        return []
    with_parts = {line_id for each in history.parcels for line_id, _, _ in each.parts_left()}
    rest = {
        each.line_id: each.shipped - (each.lost if each.line_id in with_parts else 0)
        for each in record.progress
    }
    units_to_leave: Counter[str] = Counter()
    moves: list[tuple[datetime, int, str, Parcel | Return]] = [
        *[(each.lost_at or EARLIEST, 1, each.id, each) for each in parcels],
        *[(each.at, 2, each.id, each) for each in returns],
    ]
    for each in history.parcels:
        units_to_leave.update(dict(each.rows_left()))
        moves.append((_left_at(each), 0, each.id, each))
    result: list[tuple[Parcel, dict[str, int]]] = []
    for _, turn, _, entry in sorted(moves, key=itemgetter(0, 1, 2)):
        if isinstance(entry, Return):
            if all([units <= rest.get(line_id, 0) for line_id, units in entry.received]):
                for line_id, units in entry.received:
                    rest[line_id] -= units
        elif turn:
            losses = [row for row in entry.lost if row[0] in rest and row[0] not in with_parts]
            beyond = _take(rest, units_to_leave, losses)
            if beyond:
                result.append((entry, beyond))
        else:
            units_to_leave.subtract(dict(entry.rows_left()))
    return result


def _left_at(parcel: Parcel) -> datetime:
    """When a parcel left: what is lost of it had left by then, whatever its report says."""
    return min(parcel.at, parcel.lost_at or EARLIEST) if parcel.lost else parcel.at


def counted_losses(record: OrderRecord, parcel: Parcel) -> Units:
    """What of a parcel is lost, without what had come back before."""
    if not record.history.returns:  # as of most
        return parcel.lost
    beyond = {each.id: units for each, units in late_losses(record)}.get(parcel.id, {})
    return some_of({key: units - beyond.get(key, 0) for key, units in parcel.lost})


def _take(
    rest: dict[str, int], units_to_leave: Mapping[str, int], losses: Iterable[tuple[str, int]]
) -> dict[str, int]:
    """What is lost beyond what is out; what is not is taken off that.

    Args:
        rest: what is out in the end, by line.
        units_to_leave: what of that leaves later.
        losses: what is said to be lost.
    """
    beyond: dict[str, int] = {}
    for line_id, units in losses:
        counted = max(0, min(units, rest[line_id] - units_to_leave.get(line_id, 0)))
        rest[line_id] -= counted
        if counted < units:
            beyond[line_id] = units - counted
    return beyond


def losses_without_room(record: OrderRecord) -> Iterator[tuple[str, Counts]]:
    """What is to be taken off the counters for losses of what was back, by line and parcel."""
    for parcel, beyond in late_losses(record):
        losses, fates = dict(parcel.lost), (dict(parcel.reopened), dict(parcel.credited))
        for line_id, units in beyond.items():
            units_lost = losses[line_id]
            again, credit = [
                max(0, min(units_lost, fate.get(line_id, 0)) - units_lost + units) for fate in fates
            ]
            yield line_id, (0, 0, -units, 0, 0, 0, 0, -again, -credit)


def doubt_what_is_not_out(draft: Draft) -> None:
    """Tell of what came back, or is lost, and is not out: what is follows of the counters."""
    if isinstance(draft.event, ReturnReceived):
        refuse_without_room(draft, draft.event)
    doubt_losses(draft)
    doubt_returns(draft)


def ask_what_becomes(draft: Draft) -> None:
    """Ask what becomes of what is lost, if nobody said so: once of each unit, of none that is back.

    Args:
        draft: the step, with the counters after it.
    """
    event = draft.event
    if not isinstance(event, Lost) or draft.refusal is not None or draft.parcel_pair is None:
        return
    before, parcel = draft.parcel_pair
    losses = dict(counted_losses(draft.record, parcel))
    losses_before = {} if before is None else dict(counted_losses(draft.before, before))
    lines, fates = draft.lines_by_id(), dict(added(parcel.reopened, parcel.credited))
    is_undecided = any(
        [
            fates.get(line_id, 0) < losses.get(line_id, 0) > losses_before.get(line_id, 0)
            for line_id, _ in event.lines
            if line_id in lines
        ]
    )
    if is_undecided:
        draft.ask("units.lost", f"Parcel {parcel.id} is lost: send again, or give back?")


def doubt_losses(draft: Draft) -> None:
    """Tell of what was said to be lost, and had come back; if it moves nothing, it is refused."""
    if not draft.history.returns:
        return
    before = {parcel.id: beyond for parcel, beyond in late_losses(draft.before)}
    for parcel, beyond in late_losses(draft.record):
        for line_id, units in beyond.items():
            if units > before.get(parcel.id, {}).get(line_id, 0):
                text = (
                    f"{units} of line {line_id} in {parcel.id} cannot be lost:"
                    " so many are not out, what came back before that counts."
                )
                if isinstance(draft.event, Lost) and draft.record.progress == draft.before.progress:
                    draft.refuse("loss.no_room", text, is_kept=True)
                else:
                    draft.doubt("loss.no_room", text)
