"""What an event says against what is known: it counts as far as it can, and the staff is told."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping

from fulfill_core.exceptions import by_number
from fulfill_core.lifecycle.draft import Draft
from fulfill_core.records.history import Parcel, Return
from fulfill_core.records.report_rows import united


def doubt_beyond(
    draft: Draft,
    units: Iterable[tuple[str, int]],
    room: Mapping[str, int],
    fate: str,
    origin: str,
) -> None:
    """Tell of units that an event names and that are not there: they count for nothing.

    Args:
        draft: the step.
        units: what it names, by line.
        room: how many there are, by line.
        fate: what became of them, such as ``"are on a shelf"``.
        origin: what there is of them, such as ``"were in p1"``.
    """
    for line_id, amount in units:
        most = room.get(line_id, 0)
        if amount > most:
            subject = f"{amount} of line {line_id} {_agreeing(amount, fate)}"
            draft.doubt("units.beyond", f"{subject}, and {most} {_agreeing(most, origin)}.")


def _agreeing(number: int, phrase: str) -> str:
    """What is said of so many: of one it "is", and not "are"."""
    verb, _, rest = phrase.partition(" ")
    return f"{by_number(number, _OF_ONE.get(verb, verb), verb)} {rest}".rstrip()


_OF_ONE = {"are": "is", "cost": "costs", "were": "was"}


def doubt_unknown(
    draft: Draft, units: Collection[tuple[str, int]], parcel: Parcel | None = None
) -> bool:
    """Tell of lines in a parcel that the order has not; whether there are any.

    What it holds of other lines counts. Where it is of no other line, the event is refused, and
    kept for when there is one; but for one that was said not to have left: now it has.

    Args:
        draft: the step.
        units: what is said of it, by line.
        parcel: the parcel, as far as it was known; None if it was not.
    """
    lines = draft.lines_by_id()
    unknown = [line_id for line_id, _ in units if line_id not in lines]
    if len(unknown) == len(units) and (parcel is None or parcel.has_left or not parcel.shipped):
        return draft.refuse_unknown(units, is_kept=True)
    for line_id in unknown:
        draft.doubt("line.unknown", f"The order has no line {line_id}.")
    return bool(unknown)


def doubt_parcel(draft: Draft, before: Parcel, parcel: Parcel) -> None:
    """Tell of what is said of a parcel against what was said of it before, whichever came first.

    Args:
        draft: the step.
        before: what was said of it before.
        parcel: what is said of it now.
    """
    if parcel.is_voided and parcel.has_left and not (before.is_voided and before.has_left):
        text = f"Parcel {parcel.id} was said not to have left, and was seen on its way."
        draft.doubt("parcel.has_left", text)
    if parcel.delivered or parcel.lost:
        earlier = _beyond_content(before)
        more = [row for row in _beyond_content(parcel).items() if row[1] > earlier.get(row[0], 0)]
        content = dict(parcel.shipped)
        doubt_beyond(draft, more, content, "arrived or got lost", f"were in {parcel.id}")
    # That some of what arrived is lost people say later: that contradicts nothing.
    if parcel.lost and parcel.lost == before.lost:
        earlier, losses = _not_lost(before), dict(parcel.lost)
        for line_id, units in _not_lost(parcel).items():
            if units > earlier.get(line_id, 0):
                text = (
                    f"{losses[line_id]} of line {line_id} in {parcel.id}"
                    f" {by_number(losses[line_id], 'was', 'were')} said to be lost"
                )
                draft.doubt("units.arrived_after_all", f"{text}, and {units} of these arrived.")


def doubt_returns(draft: Draft) -> None:
    """Tell of what came back, and counts no more: what it was among is not out after all."""
    if draft.refusal is None:
        for each in returns_without_room(draft):
            draft.doubt("return.no_room", no_room_text(each))


def returns_without_room(draft: Draft) -> list[Return]:
    """The returns that counted before the step, and do not any more."""
    before, record = draft.before, draft.record
    if not before.history.returns or (
        record.progress is before.progress and record.history.returns is before.history.returns
    ):
        return []
    return returns_left_out(*draft.other_returns())


def returns_left_out(
    returns_before: Iterable[tuple[Return, bool]], returns: Iterable[tuple[Return, bool]]
) -> list[Return]:
    """Those of some returns that counted before a step, and do not after it."""
    counted_ids = [each.id for each, has_room in returns_before if has_room]
    if not counted_ids:  # as of nearly all
        return []
    return [each for each, has_room in returns if not has_room and each.id in counted_ids]


def no_room_text(entry: Return) -> str:
    """That so much came back is not possible, for the staff."""
    names = ", ".join([f"{units} of line {line_id}" for line_id, units in entry.received])
    return f"{names} came back by {entry.id}, and so many are not out."


def _beyond_content(parcel: Parcel) -> dict[str, int]:
    """What of a parcel was said to have arrived, or to be lost, of lines of which it held less.

    Of a parcel of which nobody said what it holds that is what it holds. Components beside whole
    kits may make kits of what is in another parcel.
    """
    if not parcel.is_announced:
        return {}
    content, with_parts = dict(parcel.shipped), {line_id for line_id, _, _ in parcel.parts}
    return {
        line_id: units
        for line_id, units in united(parcel.delivered, parcel.lost)
        if units > content.get(line_id, 0) and line_id not in with_parts
    }


def _not_lost(parcel: Parcel) -> dict[str, int]:
    """What of a parcel arrived though it was said to be lost."""
    units_left, arrived = parcel.units_left(), parcel.units_delivered()
    beyond = {
        line_id: arrived.get(line_id, 0) + units - units_left.get(line_id, 0)
        for line_id, units in parcel.lost
    }
    return {line_id: units for line_id, units in beyond.items() if units > 0}
