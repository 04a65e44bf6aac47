"""Whatever an event, or the stock beside it, says wrongly is refused by its path as it is made."""

from __future__ import annotations

from typing import Any

import attrs
import pytest
from some_events import AT, EVENTS, event
from story import Story, line

from fulfill_core import InvalidValueError, Inventory
from fulfill_core import lifecycle as all_of
from fulfill_core.lifecycle import Event, advance, replay

NOTHING_OF_THE_SORT = 5.5
"""Neither a text, a Decimal, a time, a truth value, nor rows: no field may hold it."""
FIELDS = [(type(each), field.name) for each in EVENTS for field in attrs.fields(type(each))]


@pytest.mark.parametrize(("kind", "name"), FIELDS)
def test_each_field_of_each_event_is_checked(kind: type[Event], name: str) -> None:
    """The error names the event and the field, so that whoever sent it can mend it."""
    with pytest.raises(InvalidValueError) as error:
        attrs.evolve(event(kind), **{name: NOTHING_OF_THE_SORT})
    assert error.value.path.startswith(f"{kind.__name__}.{name}")


@pytest.mark.parametrize("kind", [all_of.Counted, all_of.StockReceived])
@pytest.mark.parametrize(
    ("row", "path"),
    [((5.5, "x", 1), "(SKU)"), (("mug", "", 1), "(location)"), (("mug", 5.5, 1), "(location)")],
)
def test_a_place_of_the_stock_has_two_names(
    kind: type[Event], row: tuple[Any, ...], path: str
) -> None:
    """A SKU and a location, neither of them empty."""
    with pytest.raises(InvalidValueError) as error:
        event(kind, units=[row])
    assert error.value.path == f"{kind.__name__}.units {path}"


@pytest.mark.parametrize(
    ("content", "path"),
    [
        ({"added": [line("2"), line("2", 3)]}, "Amended.added[1]"),
        ({"ordered": {"": 1}}, "Amended.ordered (line)"),
    ],
)
def test_an_amendment_says_one_thing_of_a_line(content: dict[str, Any], path: str) -> None:
    """A line that has an id, and is added once."""
    with pytest.raises(InvalidValueError) as error:
        event(all_of.Amended, **content)
    assert error.value.path == path


def test_whoever_loses_a_parcel_says_what_is_lost() -> None:
    """All of it has arrived by default, but is not lost: each unit goes again, or is paid back."""
    with pytest.raises(InvalidValueError, match="such as all of its parcel") as error:
        all_of.Lost(id="e1", order_id="A-1", at=AT, parcel="p1", lines={})
    assert error.value.path == "Lost.lines"


@pytest.mark.parametrize("beside", ["counted", "reserved"])
def test_what_is_found_in_the_stock_beside_an_event_is_checked_like_it(beside: str) -> None:
    """Rows of a SKU, a location and units."""
    with pytest.raises(InvalidValueError) as error:
        advance(
            Story().record,
            event(all_of.Tracked),
            Inventory(),
            now=AT,
            **{beside: [("mug", "", 1)]},
        )
    assert error.value.path == f"{beside} (location)"


NAMES = ("ref", "replaces", "fulfilment", "line_id")


@pytest.mark.parametrize(("kind", "name"), [(kind, name) for kind, name in FIELDS if name in NAMES])
def test_a_name_that_nobody_can_see_is_none(kind: type[Event], name: str) -> None:
    """A blank that was meant as no number would name a parcel or a return, and each next one."""
    with pytest.raises(InvalidValueError, match="at least one visible character"):
        attrs.evolve(event(kind), **{name: " "})


def test_an_event_of_another_order_is_named_by_its_position() -> None:
    """Whoever replays a file of events finds it there."""
    strange = event(all_of.Tracked, order_id="A-2")
    with pytest.raises(InvalidValueError) as error:
        replay(Story().record, [event(all_of.Tracked), strange])
    assert error.value.path == "events[1].order_id"
    with pytest.raises(InvalidValueError) as error:
        advance(Story().record, strange, Inventory(), now=AT)
    assert error.value.path == "event.order_id"
