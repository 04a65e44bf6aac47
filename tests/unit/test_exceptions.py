"""The errors of the library: they say where, what and how to mend it, and they travel."""

from __future__ import annotations

import pickle

import pytest

from fulfill_core import (
    FulfillError,
    InvalidValueError,
    PluginError,
    StockError,
    UnknownOrderError,
)
from fulfill_core.exceptions import together

ERRORS = [
    InvalidValueError("Order.id", "''", "is empty"),
    PluginError("vip_first", "A-1", "returned None"),
    StockError("A-1", "1", "cannot ship 2 of 'mug'"),
    UnknownOrderError("A-1"),
]


@pytest.mark.parametrize("error", ERRORS, ids=lambda error: type(error).__name__)
def test_every_error_is_a_fulfill_error(error: FulfillError) -> None:
    """Whoever catches `FulfillError` catches all that the library raises on purpose."""
    assert isinstance(error, FulfillError)


@pytest.mark.parametrize("error", ERRORS, ids=lambda error: type(error).__name__)
def test_an_error_comes_back_from_another_process_as_it_was(error: FulfillError) -> None:
    """An error pickles with its message and all its parts."""
    copy = pickle.loads(pickle.dumps(error))  # noqa: S301 - our own
    assert (type(copy), str(copy), vars(copy)) == (type(error), str(error), vars(error))


@pytest.mark.parametrize(
    ("error", "message"),
    [
        (ERRORS[0], "Order.id: '' is empty"),
        (ERRORS[1], "vip_first, asked about order 'A-1': returned None"),
        (ERRORS[2], "order 'A-1', line '1': cannot ship 2 of 'mug'"),
        (StockError("A-1", "", "nothing is reserved"), "order 'A-1': nothing is reserved"),
        (StockError("", "", "cannot transfer units of nobody"), "cannot transfer units of nobody"),
        (ERRORS[3], "order 'A-1' was not among the orders of this run"),
    ],
)
def test_a_message_names_the_offender_first(error: FulfillError, message: str) -> None:
    """The message starts with the field, the plug-in or the order that is to blame."""
    assert str(error) == message


@pytest.mark.parametrize(
    ("error", "builtin"),
    [(ERRORS[0], ValueError), (ERRORS[2], ValueError), (ERRORS[3], KeyError)],
)
def test_errors_are_of_the_builtin_kind_that_callers_expect(
    error: FulfillError, builtin: type[Exception]
) -> None:
    """Wrong values are ValueErrors, an unknown order is a KeyError."""
    assert isinstance(error, builtin)


def test_parts_of_an_error_can_be_read_apart() -> None:
    """A host can put the field beside its form: path, value and problem are attributes."""
    error = ERRORS[0]
    assert isinstance(error, InvalidValueError)
    assert (error.path, error.value, error.problem) == ("Order.id", "''", "is empty")


def test_an_error_of_several_keeps_what_each_of_them_brings_along() -> None:
    """Faults that are told as one are all told, those of a part that had several as well."""
    part = together([InvalidValueError(path, "0", "is 0") for path in ("A.b", "A.c")])
    error = together([part, InvalidValueError("A.d", "0", "is 0")])
    assert str(error).splitlines()[1:] == [f"  A.{name}: 0 is 0" for name in "bcd"]
