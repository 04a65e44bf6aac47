"""Law 14, round trip: what is written is read as it was; what is malformed is refused whole."""

from __future__ import annotations

import json
from typing import Any
from zoneinfo import ZoneInfo

import some_documents
from effort import FEWER
from hypothesis import given
from hypothesis import strategies as st

from fulfill_core import Facts, InvalidValueError, Inventory, OrderRecord, process
from fulfill_core.testing import Batch, batches, facts, inventories, records
from fulfill_core.wire import Reading, dumps, from_json, loads, to_json
from fulfill_core.wire.reading import value_of
from fulfill_core.wire.shapes import One

READING = Reading(zone_of=ZoneInfo)
DOCUMENTS = [to_json(example) for example in some_documents.EXAMPLES]
KINDS = [type(example) for example in some_documents.EXAMPLES]
HEADING = ("schema_version", "type")
JUNK: list[Any] = [None, True, -1, 10**16, 1.5, "", "\ud800", "x" * 300, [], [[]], {}, {"": {}}]


def has_round_trip(value: object) -> bool:
    """Whether a value is read as it was written, and written again as it was."""
    text = dumps(value)
    other: object = loads(text, type(value), READING)
    return other == value and hash(other) == hash(value) and dumps(other) == text


@given(records())
def test_a_record_is_read_as_it_was_written(record: OrderRecord) -> None:
    """``loads(dumps(record)) == record``, and the same record is the same text."""
    assert has_round_trip(record)


@given(inventories(), facts())
def test_stock_and_facts_are_read_as_they_were_written(inventory: Inventory, known: Facts) -> None:
    """However an inventory came about: lots, claims, kits, fences, what was changed since."""
    assert has_round_trip(inventory)
    assert has_round_trip(known)


@given(inventories())
def test_equal_stock_is_the_same_text(inventory: Inventory) -> None:
    """In whatever sequence its rows, supplies, reservations and the like were passed."""
    document = to_json(inventory)
    content = {name: rows[::-1] for name, rows in document.items() if isinstance(rows, list)}
    assert dumps(from_json({**document, **content}, Inventory, READING)) == dumps(inventory)


@FEWER
@given(batches())
def test_what_a_run_gives_is_read_as_it_was_written(batch: Batch) -> None:
    """Decisions, messages, records, changes and the stock afterwards, of any run."""
    result = process(batch.orders, batch.inventory, now=batch.now, facts=batch.facts)
    values = [
        *result.decisions,
        *result.notifications,
        *result.records,
        result.changes,
        result.inventory,
    ]
    assert [value for value in values if not has_round_trip(value)] == []


def places_in(document: Any) -> list[tuple[Any, Any]]:
    """Every place of a document at which something stands: what it is in, and where there."""
    inner: list[tuple[Any, Any]] = []
    if isinstance(document, dict):
        inner = [(document, key) for key in document]
    elif isinstance(document, list):
        inner = [(document, position) for position in range(len(document))]
    return [*inner, *[each for owner, key in inner for each in places_in(owner[key])]]


FLAWS = st.lists(st.tuples(st.integers(0), st.sampled_from(JUNK)), min_size=1, max_size=4)


@given(st.integers(0, len(DOCUMENTS) - 1), FLAWS, st.booleans())
def test_whatever_is_wrong_is_refused_by_its_path(
    number: int, flaws: list[tuple[int, Any]], is_lax: bool
) -> None:
    """A document in which something else stands somewhere is read, or refused in one error that
    names what stands there; nothing else is raised, whatever it is. Both ways of reading agree.
    """
    document = json.loads(json.dumps(DOCUMENTS[number]))
    for place, junk in flaws:
        places = places_in(document)
        owner, key = places[place % len(places)]
        if isinstance(owner, dict) and place % 7 == 0:
            key = f"{key}?"  # one more, of which nobody knows
        owner[key] = json.loads(json.dumps(junk))
    reading = Reading(zone_of=ZoneInfo, is_lax=is_lax)
    try:
        value = from_json(document, KINDS[number], reading)
    except InvalidValueError as error:
        faults = [error, *error.further_faults]
        assert len({(fault.path, fault.problem) for fault in faults}) == len(faults)
        assert all(fault.path and fault.problem for fault in faults)
    else:
        assert has_round_trip(value)
        content = {key: each for key, each in document.items() if key not in HEADING}
        assert value_of(content, One(KINDS[number]), reading, is_suspect=True) == value
