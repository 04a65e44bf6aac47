"""Chunks of a batch: what a map may send to another process, and what has to come back of it.

A chunk travels as rows (`orders.rows`), not as objects: of its orders, or of their records, which
have the orders in them. See docs/how-to/run-in-parallel.md.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from typing import Any, NamedTuple, TypeAlias, TypeVar, cast

from fulfill_core import records as records_wing
from fulfill_core.exceptions import FulfillError, PluginError, by_number
from fulfill_core.orders.order import Order
from fulfill_core.orders.rows import Row, order_of, order_row, travels_as
from fulfill_core.pipeline.failing import Tally
from fulfill_core.protocols.plugins import is_iterable, kind_of, name_of
from fulfill_core.records.facts import Context

T = TypeVar("T")

MapFunction: TypeAlias = Callable[..., Iterable[Any]]
Answer: TypeAlias = tuple[str, T, Tally]
"""What comes back of a chunk: the id of its first order, by which it is known again; what came of
its orders; and how the verifiers answered."""

_MOST = 500
"""Orders: some 5 ms of work with the ready-made rules, and of a batch of ten thousand each of a few
processes gets as many as the others."""


class Chunk(NamedTuple):
    """Some orders of a batch, one at least, and their records, as far as they have some."""

    orders: tuple[Order, ...]
    records: tuple[records_wing.OrderRecord, ...]


def chunks_of(orders: Sequence[Order], context: Context) -> list[Chunk]:
    """Some orders of a batch in chunks, each with the records of its own orders and no others."""
    groups = [tuple(orders[start : start + _MOST]) for start in range(0, len(orders), _MOST)]
    return [Chunk(members, context.records_of(members)) for members in groups]


def _chunk_row(chunk: Chunk) -> Row:
    """A chunk as a row: per order its row, or that of its record; what has none is in it itself."""
    record_by_id = {record.order.id: record for record in chunk.records}
    if not record_by_id:
        return tuple([order_row(order) or order for order in chunk.orders]), ()
    # Not at once: most chunks stay in this process.
    from fulfill_core.records.rows import record_row  # noqa: PLC0415 - as said

    rows: list[object] = []
    places: list[int] = []
    for place, order in enumerate(chunk.orders):
        record = record_by_id.get(order.id)
        if record is None:
            rows.append(order_row(order) or order)
        else:
            places.append(place)
            rows.append(record_row(record) or record)
    return tuple(rows), tuple(places)


def _chunk_of(row: Row) -> Chunk:
    """The chunk of a row."""
    rows, places = row
    members: list[Any] = list(rows)
    records: list[records_wing.OrderRecord] = []
    if places:
        # Not at once, as above.
        from fulfill_core.records.rows import record_of  # noqa: PLC0415 - as said

        for place in places:
            record = members[place]
            is_value = isinstance(record, records_wing.OrderRecord)
            records.append(record if is_value else record_of(record))
            members[place] = records[-1].order
    orders = [each if isinstance(each, Order) else order_of(each) for each in members]
    return Chunk(tuple(orders), tuple(records))


travels_as(Chunk, _chunk_row, _chunk_of)


def mapped(
    map_function: MapFunction, call: Callable[[Chunk], Answer[T]], chunks: list[Chunk]
) -> Generator[Answer[T]]:
    """What the map returns for each chunk, one after the other; anything else is named.

    What a rule raises, or the process that it runs in, goes through as it is. If that process is
    gone, the error says with which orders.

    Raises:
        PluginError: the map returned something else, too few results, or not in sequence.
    """
    answers = map_function(call, chunks)
    ids = [chunk.orders[0].id for chunk in chunks]
    if not is_iterable(answers):
        first_id = ids[0] if ids else ""
        problem = f"returned {kind_of(answers)}; return the results one by one, as map does"
        raise PluginError(name_of(map_function), first_id, problem)
    count = 0
    # What never ends is not read on.
    for order_id, answer in zip(ids, _answers_of(answers, chunks), strict=False):
        if not (isinstance(answer, tuple) and answer and isinstance(answer[-1], Tally)):
            kind = kind_of(cast("object", answer))
            problem = f"gave {kind} for a chunk; give what the function returned for it"
            raise PluginError(name_of(map_function), order_id, problem)
        # A map that returns chunks as they are done would give orders the findings of others.
        if answer[0] != order_id:
            problem = "returned the chunks in another sequence; keep it"
            raise PluginError(name_of(map_function), order_id, problem)
        count += 1
        yield answer
    if count < len(chunks):
        problem = f"gave {count} results for {len(chunks)} chunks; give one for each"
        raise PluginError(name_of(map_function), ids[count], problem)


def _answers_of(answers: Iterable[T], chunks: Sequence[Chunk]) -> Iterator[T]:
    """The answers; what is raised in the place of one says of which orders it would have been."""
    count = 0
    try:
        for answer in answers:
            count += 1
            yield answer
    except FulfillError:
        raise  # it says itself what is wrong
    except Exception as error:
        orders = chunks[count].orders
        noun = by_number(len(orders), "order", "orders")
        error.add_note(
            f"While {len(orders)} {noun} from {orders[0].id!r} on"
            f" {by_number(len(orders), 'was', 'were')} verified and ranked; nothing was decided."
        )
        raise
