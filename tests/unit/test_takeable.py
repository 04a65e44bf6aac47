"""What others may take of what is reserved: piles beside a plain list that is walked each time."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import timedelta

from builders import NOW, allocations_of, mugs, order, reserved
from hypothesis import given, settings
from hypothesis import strategies as st

from fulfill_core import Context, process
from fulfill_core.allocation.taking.piles import Takeable, TakeableStock
from fulfill_core.allocation.taking.takeable import with_units
from fulfill_core.inventory.stock import Reservation
from fulfill_core.protocols import Candidate, Demand
from fulfill_core.protocols.plug_points import Pool
from fulfill_core.reallocation import ConfirmationStrategy, Reallocation

DAY = timedelta(days=1)

GAIN, IMPROVE = ConfirmationStrategy.GAIN, ConfirmationStrategy.IMPROVE
REDISTRIBUTE = ConfirmationStrategy.REDISTRIBUTE
PLACES = [(location, lot) for location in ("paris", "berlin") for lot in ("", "a", "b")]


def in_rank_order(pool: Pool) -> Pool:
    """A pool by the ids of its locations, which all have the same rank."""
    return dict(sorted(pool.items()))


class PlainList:
    """The same, without any piles: all entries, the last in rank first, looked at each time."""

    def __init__(self, entries: list[Takeable]) -> None:
        self.rows = [
            [each.reservation, each.rank, each.strategy is IMPROVE, each.reservation.quantity]
            for each in entries
        ]
        self.transfers: list[list[int]] = []

    def take(
        self, locations: set[str], lot: str, units: int, *, also_protected: bool, unfit: str
    ) -> list[tuple[Reservation, int]]:
        """Units of whoever ranks last, of those that improve when nobody else has any."""
        pieces = []

        def turn(number: int) -> tuple[object, ...]:
            reservation, rank, is_protected, _ = self.rows[number]
            return is_protected, -rank, reservation.location, reservation.lot, -number

        for number in sorted(range(len(self.rows)), key=turn):
            reservation, _, is_protected, there = self.rows[number]
            if (
                reservation.location in locations
                and lot in ("", reservation.lot)
                and reservation.lot != unfit
                and (also_protected or not is_protected)
                and min(there, units)
            ):
                piece = min(there, units)
                self.rows[number][3] -= piece
                self.transfers.append([number, piece])
                pieces.append((reservation, piece))
                units -= piece
        return pieces

    def give_back(self, spare: dict[tuple[str, str], int]) -> list[tuple[Reservation, int]]:
        """Whoever lost last has theirs again."""
        pieces = []
        for transfer in reversed(self.transfers):
            number, units = transfer
            reservation = self.rows[number][0]
            place = reservation.location, reservation.lot
            piece = min(units, spare.get(place, 0))
            if piece:
                spare[place] -= piece
                transfer[1] -= piece
                self.rows[number][3] += piece
                pieces.append((reservation, piece))
        return pieces

    def begin_turn_of(self, order_id: str) -> list[tuple[Reservation, int]]:
        """What it lost; and nobody takes from it any more."""
        reduced = []
        for row in self.rows:
            if row[0].order_id == order_id:
                if row[3] < row[0].quantity:
                    reduced.append((row[0], row[3]))
                row[3] = 0
        return reduced

    def units(self, *, also_protected: bool) -> dict[tuple[str, str], int]:
        """What could be taken, by location and lot."""
        units: Counter[tuple[str, str]] = Counter()
        for reservation, _, is_protected, there in self.rows:
            if also_protected or not is_protected:
                units[reservation.location, reservation.lot] += there
        return {place: there for place, there in units.items() if there}


@settings(max_examples=40)
@given(st.data())
def test_piles_give_what_a_walk_over_all_gives(data: st.DataObject) -> None:
    """Who loses what, who has what again, and what is left: as if all were looked at each time."""
    entries: list[Takeable] = []
    for rank in range(data.draw(st.integers(1, 5))):
        strategy = data.draw(st.sampled_from([REDISTRIBUTE, IMPROVE]))
        for number in range(data.draw(st.integers(1, 4))):
            location, lot = data.draw(st.sampled_from(PLACES))
            quantity = data.draw(st.integers(1, 3))
            piece = reserved(f"A-{rank}", str(number), quantity, location=location, lot=lot)
            entries.append(Takeable(piece, rank, strategy))
    plain, piles = PlainList(entries), TakeableStock(entries, in_rank_order)
    for rank in range(data.draw(st.integers(1, 5))):
        order_id = f"A-{rank}"
        assert piles.begin_turn_of(order_id) == plain.begin_turn_of(order_id)
        for _ in range(data.draw(st.integers(1, 2))):
            strategy = data.draw(st.sampled_from([GAIN, REDISTRIBUTE]))
            locations = data.draw(st.sets(st.sampled_from(["berlin", "paris", "rome"])))
            lot, unfit = data.draw(st.sampled_from("ab")), data.draw(st.sampled_from("abc"))
            lot = data.draw(st.sampled_from(["", lot]))
            units = data.draw(st.integers(1, 8))
            is_gain = strategy is GAIN
            pieces = piles.take(
                "mug", locations, lot, units, (order_id, strategy), lambda at, no=unfit: at[1] != no
            )
            assert pieces == plain.take(locations, lot, units, also_protected=is_gain, unfit=unfit)
        spare = dict(by_place(pieces))
        spare = {at: data.draw(st.integers(0, there)) for at, there in spare.items()}
        assert piles.give_back("mug", spare) == plain.give_back(dict(spare))
        for each in (GAIN, REDISTRIBUTE):
            units_there = plain.units(also_protected=each is GAIN)
            assert piles.units("mug", each) == units_there
            by_location: Counter[str] = Counter()
            for (location, _), there in units_there.items():
                by_location[location] += there
            pool = list(piles.pool("mug", each).items())
            assert pool == sorted(by_location.items())  # in rank order


def by_place(pieces: list[tuple[Reservation, int]]) -> Counter[tuple[str, str]]:
    """Units by location and lot."""
    units: Counter[tuple[str, str]] = Counter()
    for reservation, piece in pieces:
        units[reservation.location, reservation.lot] += piece
    return units


def test_of_reservations_that_are_alike_each_is_reduced_once() -> None:
    """Two reservations may be the same to the letter: one that lost all is gone, one stays."""
    one, other = reserved(quantity=2), reserved(quantity=2)
    assert with_units((one, other), [(one, 0)]) == (other,)
    assert with_units((one, other), [(one, 0), (other, 1)]) == (reserved(quantity=1),)
    assert with_units((one,), []) == (one,)


def test_what_is_given_back_comes_where_it_was() -> None:
    """A part or the whole: whoever lost last has it first, and loses it first again."""
    late, later = (Takeable(reserved(f"A-{rank}", quantity=3), rank, GAIN) for rank in (1, 2))
    piles = TakeableStock([late, later], in_rank_order)

    def losses_of(units: int) -> list[tuple[str, int]]:
        """Who loses how many when so many are taken."""
        pieces = piles.take("mug", ["berlin"], "", units, ("A-0", GAIN), lambda _: True)
        return [(reservation.order_id, piece) for reservation, piece in pieces]

    assert losses_of(4) == [("A-2", 3), ("A-1", 1)]
    assert [piece for _, piece in piles.give_back("mug", {("berlin", ""): 2})] == [1, 1]
    assert piles.give_back("mug", {("paris", ""): 0}) == []
    assert [(each.source.rank, each.units) for each in piles.transfers] == [(2, 2)]
    assert losses_of(9) == [("A-2", 1), ("A-1", 3)]


def test_what_is_given_back_is_of_the_place_that_it_was_taken_from() -> None:
    """What was taken elsewhere, or of other SKUs, stays taken, though it was taken later."""
    mug, cup = reserved("A-1", quantity=3), reserved("A-1", "2", 2, sku="cup")
    piles = TakeableStock([Takeable(mug, 1, GAIN), Takeable(cup, 1, GAIN)], in_rank_order)
    for sku in ("mug", "cup"):
        piles.take(sku, ["berlin"], "", 2, ("A-0", GAIN), lambda _: True)
    assert piles.give_back("mug", {("berlin", ""): 1}) == [(mug, 1)]
    assert [(each.source.reservation, each.units) for each in piles.transfers] == [
        (mug, 1),
        (cup, 2),
    ]


def test_what_is_not_taken_in_the_end_is_given_back() -> None:
    """A policy that sees fewer units than could be there may choose another place: then nobody has
    lost anything, and the place has nothing free.
    """

    def large_places(
        _: Demand, candidates: Sequence[Candidate], /, *, context: Context
    ) -> list[Candidate]:
        """Paris, or wherever five lie."""
        assert context.now == NOW
        return [at for at in candidates if at.id == "paris" or at.available("mug") >= 5][:1]

    late = order("late", 5)
    before = process([late], mugs(berlin=5), now=NOW - DAY, verifiers=()).inventory
    before = before.with_received("mug", "paris", 2)
    early = order("early", 3, deliver_by=NOW + DAY)
    result = process(
        [late, early],
        before,
        now=NOW,
        verifiers=(),
        sourcing=large_places,
        reallocation=Reallocation(),
    )
    assert (result.losses, allocations_of(result["early"])) == ((), [("1", "paris", 2)])
    assert result.inventory.available("mug") == 0
