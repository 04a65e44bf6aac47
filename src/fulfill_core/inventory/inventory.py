"""The stock at one moment: what lies where, for whom it is set aside, and what is to come.

`Inventory` is an index of what one can ask and do. Each of its members is a function of the module
that is named for what it does, with its docstring: a question is asked of the inventory's state, a
change makes an inventory of the state that it derives. How an inventory is built stands below it.

Two rules hold by construction. What is reserved is the sum of the reservations: all changes of them
end in `reservations.with_batches_of_orders`, or in what it calls. And there is one function that
says what is available, `availability.pool`: the allocator asks the same one that a shop window
asks.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from functools import wraps
from inspect import Parameter, Signature, signature
from operator import attrgetter
from typing import Any, Concatenate, NoReturn, ParamSpec, TypeVar, cast, final

import attrs

from fulfill_core import _checks, _values
from fulfill_core import inventory as wing
from fulfill_core.exceptions import InvalidValueError, by_number
from fulfill_core.inventory import (
    availability,
    capacity,
    claiming,
    differing,
    lots,
    overdrafts,
    receiving,
    releasing,
    reservations,
    reserving,
    state,
)
from fulfill_core.inventory import claims as claims_of_orders
from fulfill_core.inventory.capacity import Intake
from fulfill_core.inventory.claims import Claim
from fulfill_core.inventory.overlay import Overlay
from fulfill_core.inventory.state import Cell, State
from fulfill_core.inventory.stock import (
    Item,
    Location,
    Reservation,
    Stock,
    Supply,
    check_kits,
    undescribed,
)
from fulfill_core.inventory.storing.lot_rows import LotCell, LotRows, to_lot_cell, to_lot_rows

P = ParamSpec("P")
T = TypeVar("T")
_Check = Callable[[tuple[object, ...], Mapping[str, object]], None]

_SELF = Parameter("self", Parameter.POSITIONAL_OR_KEYWORD)
_PAIR = 2
_SHORT_FORM = "{('mug', 'berlin'): 3}"
_STATE = "state: the stock."
"""What docstrings of functions say of an argument that a method does not have."""


def question(answer: Callable[Concatenate[State, P], T]) -> Callable[Concatenate[Inventory, P], T]:
    """A method that asks a function about the inventory's state."""
    by_function = signature(answer)
    check = _check_of_ids(by_function)

    @wraps(answer)
    def ask(inventory: Inventory, /, *args: P.args, **kwargs: P.kwargs) -> T:
        check(args, kwargs)
        return answer(state_of(inventory), *args, **kwargs)

    _show_as_method(ask, by_function, by_function.return_annotation)
    return ask


def change(
    derive: Callable[Concatenate[State, P], State],
) -> Callable[Concatenate[Inventory, P], Inventory]:
    """A method that makes an inventory of the state which a function derives; of the same, itself.

    The function's name and arguments are the method's.
    """
    by_function = signature(derive)
    check = _check_of_ids(by_function)

    @wraps(derive)
    def with_change(inventory: Inventory, /, *args: P.args, **kwargs: P.kwargs) -> Inventory:
        check(args, kwargs)
        before = state_of(inventory)
        after = derive(before, *args, **kwargs)
        return inventory if after is before else inventory_of(after)

    _show_as_method(with_change, by_function, "Inventory")
    return with_change


def _check_of_ids(by_function: Signature) -> _Check:
    """The check that whatever a function takes as text is text, and no row of a database or a list.

    What is no id is the id of nothing: it would be answered like one that is not there. The
    functions themselves are asked by the library, with what it has checked.
    """
    _, *arguments = by_function.parameters.values()
    names = [each.name for each in arguments]
    checks = {
        each.name: _check_of_id(each)
        for each in arguments
        if each.annotation in {"str", "str | None"}
    }

    def check(args: tuple[object, ...], kwargs: Mapping[str, object]) -> None:
        if not kwargs and all([type(each) is str for each in args]):
            return  # as nearly all are: the rest takes ten times as long
        for name, content in (*zip(names, args, strict=False), *kwargs.items()):
            if type(content) is not str and name in checks:
                checks[name](name, content)

    return check


def _check_of_id(argument: Parameter) -> Callable[[str, Any], object]:
    """What checks an argument: an id, a text that may be empty, or one that may be left out."""
    if argument.annotation != "str":
        return _check_text_if_any
    return _checks.check_id if argument.default is Parameter.empty else _checks.check_text


def _check_text_if_any(name: str, content: object) -> None:
    if content is not None:
        _checks.check_text(name, content)


def _show_as_method(method: Any, by_function: Signature, returns: object) -> None:
    """Let help and documentation show the method with itself in place of the function's state."""
    _, *arguments = by_function.parameters.values()
    method.__signature__ = Signature([_SELF, *arguments], return_annotation=returns)
    method.__annotations__ = {each.name: each.annotation for each in arguments}
    method.__qualname__ = f"Inventory.{method.__name__}"
    lines = (method.__doc__ or "").splitlines()
    method.__doc__ = "\n".join([line for line in lines if line.strip() != _STATE])


def _is_pair(where: object) -> bool:
    return isinstance(where, tuple) and len(cast("tuple[object, ...]", where)) == _PAIR


@final
@attrs.frozen(init=False, eq=False, repr=False, weakref_slot=False)
class Inventory:
    """An immutable snapshot of the stock.

    Every change returns a new one, which shares with the old all that did not change.

    Args:
        stock: `Stock` rows, one per SKU and location.
        supplies: `Supply` values with distinct ids.
        items: `Item` values, at most one per SKU.
        locations: `Location` values. One that only a stock row names is asked last.
        reservations: `Reservation` values for SKUs and locations that have a stock row.
        claims: `Claim` values. One whose supply is gone, is of another SKU now, or brings less than
            is claimed, is kept until a run with its order gives it up and says so.
        intakes: `Intake` values. Of each location, those of the newest day are kept.

    Raises:
        InvalidValueError: a member of the wrong type, a repeated row, item, supply or location, a
            reservation without a stock row or of a lot that its row does not have, a stock row or
            a supply for a kit; by position. Or a kit that is a part of itself.

    Two inventories are equal when their content is, however it was arrived at. What was passed
    is asked for by the same names: ``inventory.stock()``, ``supplies()``, ``items()``,
    ``locations()``, ``reservations()``, ``claims()`` and ``intakes()`` walk all there is, in a
    fixed sequence.

    >>> inventory = Inventory(
    ...     stock=[Stock(sku="mug", location="berlin", on_hand=12, safety=2)],
    ...     items=[Item(sku="mug", backorderable=True)],
    ... )
    >>> inventory.available("mug")
    10
    """

    _state: State

    def __init__(
        self,
        stock: Iterable[Stock] = (),
        supplies: Iterable[Supply] = (),
        items: Iterable[Item] = (),
        locations: Iterable[Location] = (),
        reservations: Iterable[Reservation] = (),
        claims: Iterable[Claim] = (),
        intakes: Iterable[Intake] = (),
    ) -> None:
        built = _built(
            _checks.to_tuple(stock),
            _checks.to_tuple(supplies),
            _checks.to_tuple(items),
            _checks.to_tuple(locations),
            _checks.to_tuple(reservations),
            _checks.to_tuple(claims),
            _checks.to_tuple(intakes),
        )
        _checks.set_field(self, "_state", built)

    @classmethod
    def of(cls, on_hand: Mapping[tuple[str, str], int]) -> Inventory:
        """The short form: units on hand by SKU and location.

        >>> Inventory.of({("mug", "berlin"): 12, ("mug", "paris"): 3}).available("mug")
        15
        """
        stock: list[Stock] = []
        _checks.check_mapping("Inventory.of", on_hand, _SHORT_FORM)
        for where, units in on_hand.items():
            if not _is_pair(where):
                raise _checks.refuse(
                    "Inventory.of", where, f"is not a pair of SKU and location; pass {_SHORT_FORM}"
                )
            try:
                stock.append(Stock(sku=where[0], location=where[1], on_hand=units))
            except InvalidValueError as error:
                path = f"Inventory.of[{_checks.repr_of(where)}]"
                raise InvalidValueError(path, error.value, error.problem) from None
        return cls(stock=stock)

    # -- How much there is -----------------------------------------------------------------------

    available = question(availability.available)
    on_hand = question(state.on_hand)
    reserved = question(state.reserved)
    claimed = question(claims_of_orders.claimed)
    capacity_left = question(capacity.capacity_left)
    overdrawn = question(overdrafts.overdrawn)

    # -- What is known of one thing --------------------------------------------------------------

    reservations_of = question(reservations.reservations_of)
    claims_of = question(claims_of_orders.claims_of)
    supplies_of = question(state.supplies_of)
    due_until = question(state.due_until)
    lots_of = question(state.lots_of)
    components_of = question(state.components_of)
    location = question(state.location)
    item = question(state.item)
    is_known = question(state.is_known)
    is_tracked = question(state.is_tracked)
    is_backorderable = question(state.is_backorderable)

    # -- All there is ----------------------------------------------------------------------------

    stock = question(state.stock)
    supplies = question(state.supplies)
    items = question(state.items)
    locations = question(state.locations)
    reservations = question(reservations.reservations)
    claims = question(claims_of_orders.claims)
    intakes = question(capacity.intakes)

    # -- With other units on hand ----------------------------------------------------------------

    with_received = change(receiving.with_received)
    with_counted = change(receiving.with_counted)
    with_quarantined = change(lots.with_quarantined)
    with_transferred = change(receiving.with_transferred)

    # -- With other reservations -----------------------------------------------------------------

    with_reserved = change(reserving.with_reserved)
    with_available_reserved = change(reserving.with_available_reserved)
    with_reserved_quantity = change(reserving.with_reserved_quantity)
    with_renewed = change(reserving.with_renewed)
    with_reservation_moved = change(receiving.with_reservation_moved)
    with_shipped = change(releasing.with_shipped)
    with_parcel_shipped = change(releasing.with_parcel_shipped)
    with_released = change(releasing.with_released)
    without_reservations = change(releasing.without_reservations)
    without_reservations_of = change(releasing.without_reservations_of)

    # -- With other claims -----------------------------------------------------------------------

    with_claimed = change(claiming.with_claimed)
    without_claims = change(claiming.without_claims)
    without_claims_of = change(claiming.without_claims_of)

    # -- Compared --------------------------------------------------------------------------------

    with_changes = change(differing.with_changes)

    def changes_since(self, before: Inventory) -> wing.Changes:
        """What changed from *before* to here: ``before.with_changes(these)`` equals this inventory.

        If this one came from *before*, or both from a third, by few changes, only what was changed
        is looked at. Of two that have nothing in common, and after many changes, all of both is.

        >>> before = Inventory.of({("mug", "berlin"): 12})
        >>> after = before.with_received("mug", "berlin", 8).with_counted("mug", "paris", 3)
        >>> [(row.location, row.quantity) for row in after.changes_since(before).on_hand]
        [('berlin', 8), ('paris', 3)]
        """
        if not isinstance(before, Inventory):
            raise _checks.refuse("before", before, "is not an Inventory; pass one")
        return differing.changes_between(state_of(before), self._state)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Inventory):
            return NotImplemented
        return differing.is_same(self._state, state_of(other))

    def __hash__(self) -> int:
        return differing.hash_of(self._state)

    def __repr__(self) -> str:
        skus = sum(1 for _ in self._state.stock_rows.items())
        orders = sum(1 for _ in self._state.reservations.items())
        return (
            f"<Inventory of {skus} {by_number(skus, 'SKU', 'SKUs')},"
            f" with reservations of {orders} {by_number(orders, 'order', 'orders')}>"
        )

    def __init_subclass__(cls) -> NoReturn:
        raise TypeError("an Inventory is a value and has no subclasses; write functions of it")


state_of: Callable[[Inventory], State] = attrgetter("_state")
"""The state of an inventory: the one way in which the library's other wings come at it."""
_InventoryTwin = _values.twin(Inventory)


def inventory_of(content: State) -> Inventory:
    """The inventory with this state; nothing is checked again."""
    twin = _InventoryTwin()
    twin._state = content  # noqa: SLF001 - its own
    twin.__class__ = Inventory
    inventory: Inventory = twin
    return inventory


# -- How one is built ----------------------------------------------------------------------------


def _built(
    stock: tuple[Stock, ...],
    supplies: tuple[Supply, ...],
    items: tuple[Item, ...],
    locations: tuple[Location, ...],
    reservations: tuple[Reservation, ...],
    claims: tuple[Claim, ...],
    intakes: tuple[Intake, ...],
) -> State:
    """The state with this content, which is checked."""
    _checks.check_members("Inventory.stock", stock, Stock)
    _checks.check_members("Inventory.supplies", supplies, Supply)
    _checks.check_members("Inventory.items", items, Item)
    _checks.check_members("Inventory.locations", locations, Location)
    _checks.check_members("Inventory.reservations", reservations, Reservation)
    _checks.check_members("Inventory.claims", claims, Claim)
    _checks.check_members("Inventory.intakes", intakes, Intake)
    _checks.check_unique("Inventory.supplies", (supply.id for supply in supplies), "supply")
    _checks.check_unique("Inventory.items", (item.sku for item in items), "SKU")
    _checks.check_unique("Inventory.locations", (place.id for place in locations), "location")
    described = {item.sku: item for item in items}
    check_kits("Inventory.items", described, items)
    places = {row.location: undescribed(row.location) for row in stock}
    places.update((place.id, place) for place in locations)
    places = state.in_rank(places.values())
    stock_rows, lots_of_rows = _rows(stock, described, places)
    _check_supplies(supplies, described)
    no_claims, none_claimed = claiming.no_claims()
    content = State(
        stock_rows=stock_rows,
        reservations=Overlay({}),
        made_last=None,
        expiring=Overlay({}),
        lots=lots_of_rows,
        orders_per_day=Overlay({}),
        intakes=Overlay({}),
        limited=frozenset(place.id for place in places.values() if place.capacity is not None),
        items=described,
        supplies=Overlay(state.by_sku(supplies, places)),
        claims=no_claims,
        claims_on=none_claimed,
        locations=places,
    )
    _check_reservations(content, reservations)
    content = reserving.with_reserved(content, *reservations)
    content = capacity.with_intakes_changed(content, intakes)
    return claiming.with_claimed(content, *claims)


def _rows(
    stock: tuple[Stock, ...], described: Mapping[str, Item], places: Mapping[str, Location]
) -> tuple[Overlay[str, tuple[Cell, ...]], Overlay[str, LotRows]]:
    """The stock rows, and the lots in them, as they are stored."""
    _check_rows(stock, described)
    cells: dict[str, list[Cell]] = {}
    in_lots: dict[str, list[LotCell]] = {}
    for row in stock:
        cells.setdefault(row.sku, []).append((row.location, row.on_hand, row.safety, 0))
        for lot in row.lots:
            in_lots.setdefault(row.sku, []).append(to_lot_cell(row.location, lot))
    return (
        Overlay({sku: state.cells_in_rank(of_sku, places) for sku, of_sku in cells.items()}),
        Overlay({sku: to_lot_rows(of_sku) for sku, of_sku in in_lots.items()}),
    )


def _check_rows(stock: tuple[Stock, ...], described: Mapping[str, Item]) -> None:
    """One for each SKU and location, and none for a kit; all that are not so are named."""
    faults: list[InvalidValueError] = []
    keys: set[tuple[str, str]] = set()
    for position, row in enumerate(stock):
        key = row.sku, row.location
        problem = "is a second row for its SKU and location; add them up" if key in keys else ""
        keys.add(key)
        if row.sku in described and described[row.sku].is_kit:
            problem = "is for a kit, which has no stock of its own; give rows for its components"
        if problem:
            faults.append(_checks.refuse(f"Inventory.stock[{position}]", row, problem))
    _checks.refuse_all(faults)


def _check_supplies(supplies: tuple[Supply, ...], described: Mapping[str, Item]) -> None:
    problem = "is for a kit, which has no stock of its own; give supplies of its components"
    _checks.refuse_all(
        [
            _checks.refuse(f"Inventory.supplies[{position}]", supply, problem)
            for position, supply in enumerate(supplies)
            if supply.sku in described and described[supply.sku].is_kit
        ]
    )


def _check_reservations(content: State, reservations: tuple[Reservation, ...]) -> None:
    """Each is for a stock row, and of a lot that is there; all that are not so are named."""
    faults: list[InvalidValueError] = []
    for position, each in enumerate(reservations):
        problem = ""
        if not state.cells_of(content, each.sku, each.location):
            problem = (
                "is for a SKU and location without a stock row; add one, with on_hand=0 if nothing"
                " is there"
            )
        elif each.lot and lots.lot_at(content, each.sku, each.location, each.lot) is None:
            problem = (
                "names a lot that its stock row does not have; add it, with quantity=0 if nothing"
                " is there"
            )
        if problem:
            faults.append(_checks.refuse(f"Inventory.reservations[{position}]", each, problem))
    _checks.refuse_all(faults)
