"""The few errors of the library: malformed input, and plug-ins that broke their contract.

Everything that can happen to a good order is a value (a finding, a short, a backorder), never an
exception. An error here names the offender, the value and what to do about it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

__all__ = [
    "FulfillError",
    "InvalidValueError",
    "PluginError",
    "StockError",
    "UnknownOrderError",
]


class FulfillError(Exception):
    """The base of all errors that the library raises on purpose.

    >>> issubclass(InvalidValueError, FulfillError)
    True
    """


class InvalidValueError(FulfillError, ValueError):
    """A value was refused where it entered.

    Args:
        path: the field that was given the value, such as ``"OrderLine.quantity"``.
        value: the value as the message shows it: its ``repr``, cut at 200 characters.
        problem: what is wrong with it, and what to pass instead.
        record_id: the id of the record that was to be made, if it has one that can be read.
        further_faults: the errors about other fields of the same record.

    >>> error = InvalidValueError("OrderLine.quantity", "1.5", "is not an int; pass whole units")
    >>> print(error)
    OrderLine.quantity: 1.5 is not an int; pass whole units
    >>> print(InvalidValueError("OrderLine.sku", "''", "is empty", "7", [error]))
    2 faults of '7':
      OrderLine.sku: '' is empty
      OrderLine.quantity: 1.5 is not an int; pass whole units
    """

    def __init__(
        self,
        path: str,
        value: str,
        problem: str,
        record_id: str = "",
        further_faults: Iterable[InvalidValueError] = (),
    ) -> None:
        self.further_faults = tuple(further_faults)
        # All of them in args: that is what pickle rebuilds.
        super().__init__(path, value, problem, record_id, self.further_faults)
        self.path = path
        self.value = value
        self.problem = problem
        self.record_id = record_id

    @property
    def sentence(self) -> str:
        """What is wrong with this field alone."""
        return f"{self.path}: {self.value} {self.problem}"

    def __str__(self) -> str:
        if not self.further_faults:
            return self.sentence
        record = repr(self.record_id) if self.record_id else "one value"
        sentences = [each.sentence for each in (self, *self.further_faults)]
        return "\n  ".join([f"{len(sentences)} faults of {record}:", *sentences])


def together(faults: Sequence[InvalidValueError], record_id: str = "") -> InvalidValueError:
    """Some faults as one error, with those that each of them brings along.

    >>> print(together([InvalidValueError(path, "0", "is 0") for path in ("A.b", "A.c")]))
    2 faults of one value:
      A.b: 0 is 0
      A.c: 0 is 0
    """
    first, *rest = [each for fault in faults for each in (fault, *fault.further_faults)]
    return InvalidValueError(first.path, first.value, first.problem, record_id, rest)


class PluginError(FulfillError):
    """A policy raised, or returned what its protocol does not allow.

    There is no safe default for a broken priority, sourcing or notification policy, so the run
    stops. (A verifier that breaks holds its order instead.)

    Args:
        plugin: the name of the policy.
        order_id: the order that it was asked about; if it was asked about several, the first.
        problem: what it did, and what it should have done.
        order_count: how many orders it was asked about together.

    >>> print(PluginError("vip_first", "A-1", "returned None; return a sort key"))
    vip_first, asked about order 'A-1': returned None; return a sort key
    >>> print(PluginError("best", "A-1", "returned a str; return a Plan", 120))
    best, asked about 120 orders: returned a str; return a Plan
    """

    def __init__(self, plugin: str, order_id: str, problem: str, order_count: int = 1) -> None:
        super().__init__(plugin, order_id, problem, order_count)
        self.plugin = plugin
        self.order_id = order_id
        self.problem = problem
        self.order_count = order_count

    def __str__(self) -> str:
        orders = by_number(
            self.order_count, f"order {self.order_id!r}", f"{self.order_count} orders"
        )
        return f"{self.plugin}, asked about {orders}: {self.problem}"


class StockError(FulfillError, ValueError):
    """More units were to be reserved, released, moved or shipped than there are.

    Args:
        order_id: the order whose units they are; empty if they are nobody's.
        line_id: its line; empty if it is about no single line.
        problem: what was asked for and what there is.

    >>> print(StockError("A-1", "1", "cannot release 3 units: 2 are reserved"))
    order 'A-1', line '1': cannot release 3 units: 2 are reserved
    """

    def __init__(self, order_id: str, line_id: str, problem: str) -> None:
        super().__init__(order_id, line_id, problem)
        self.order_id = order_id
        self.line_id = line_id
        self.problem = problem

    def __str__(self) -> str:
        names = (("order", self.order_id), ("line", self.line_id))
        whose = ", ".join([f"{name} {each_id!r}" for name, each_id in names if each_id])
        return f"{whose}: {self.problem}" if whose else self.problem


class UnknownOrderError(FulfillError, KeyError):
    """A result was asked about an order that was not in the batch.

    >>> print(UnknownOrderError("A-9"))
    order 'A-9' was not among the orders of this run
    """

    def __init__(self, order_id: str) -> None:
        super().__init__(order_id)
        self.order_id = order_id

    def __str__(self) -> str:
        return f"order {self.order_id!r} was not among the orders of this run"


def by_number(number: int, one: str, more: str) -> str:
    """The word of a sentence that goes with a number.

    >>> [by_number(number, "is", "are") for number in (0, 1, 2)]
    ['are', 'is', 'are']
    """
    return one if number == 1 else more


def is_written_as_it_reads(text: str) -> bool:
    """Whether a str of a class of its own is the same in a sentence as in a comparison.

    A member of ``class Sku(str, Enum)`` equals ``"mug"``, and is written ``Sku.MUG``: sentences,
    ids of messages and what an event says would be others once its order was stored and loaded.

    >>> from enum import Enum, StrEnum
    >>> kinds = Enum("Sku", {"MUG": "mug"}, type=str), StrEnum("Sku", {"MUG": "mug"})
    >>> [is_written_as_it_reads(kind.MUG) for kind in kinds]
    [False, True]
    """
    plain = str.__str__(text)
    try:
        return f"{text}" == str(text) == plain and text == plain and hash(text) == hash(plain)
    except Exception:  # noqa: BLE001 - the class is the host's
        return False
