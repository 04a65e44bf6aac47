"""Functions of the host that break, settings that are refused, and policies as values."""

from __future__ import annotations

import pickle
from collections.abc import Callable
from datetime import time, timedelta
from typing import Any

import pytest
from builders import refusal
from some_promises import (
    AT_TWO,
    BERLIN,
    DAY,
    NOW,
    OFFICE,
    OSLO,
    POLICY,
    TRANSIT,
    decision,
    promised,
    taken,
)

from fulfill_core import Context, Order
from fulfill_core.promises import Origin, from_calendars

# -- The host's own functions ----------------------------------------------------------------------


def raises(order: Order, location: str = "") -> Any:
    """It breaks."""
    raise KeyError(location)


def gives(value: Any) -> Callable[..., Any]:
    """A function that returns it."""

    def function(order: Order, location: str = "") -> Any:
        return value

    return function


@pytest.mark.parametrize(
    ("options", "problem"),
    [
        (
            {"transit": raises},
            (
                "raises, asked about order 'A-1': raised KeyError('berlin');"
                " a function of a promise must not raise"
            ),
        ),
        (
            {"transit": gives("2 days")},
            (
                "function, asked about order 'A-1': returned '2 days'; return a timedelta, an int"
                " of working days, or None: it is no length of time; pass a timedelta, or an int of"
                " working days"
            ),
        ),
        (
            {"transit": gives(-DAY)},
            (
                "function, asked about order 'A-1': returned datetime.timedelta(days=-1); return a"
                " timedelta, an int of working days, or None: it is below zero; pass a timedelta of"
                " zero or more"
            ),
        ),
        (
            {"transit": gives(2)},
            (
                "function, asked about order 'A-1': returned 2; return a timedelta: there is no"
                " destination, whose working days could be counted"
            ),
        ),
        (
            {"carrier": gives(7)},
            "function, asked about order 'A-1': returned 7; return the name of a carrier, a str",
        ),
        (
            {"destination": gives("GB")},
            "function, asked about order 'A-1': returned 'GB'; return a BusinessCalendar or None",
        ),
        (
            {"destination": raises},
            (
                "raises, asked about order 'A-1': raised KeyError('');"
                " a function of a promise must not raise"
            ),
        ),
    ],
)
def test_a_function_that_breaks_is_named(options: dict[str, Any], problem: str) -> None:
    """With the order that it was asked about, and what it did."""
    content: dict[str, Any] = {"transit": TRANSIT, **options}
    policy = from_calendars({"berlin": BERLIN}, content.pop("transit"), **content)
    assert refusal(policy, decision(taken()), context=Context(now=NOW)) == problem


# -- Bad settings ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"calendar": None}, "Origin.calendar: None is not of type BusinessCalendar; pass one"),
        ({"cut_off": time(14)}, "Origin.cut_off: datetime.time(14, 0) is not of type CutOff"),
        ({"handling": 2}, "Origin.handling: 2 is not a timedelta"),
        ({"by_carrier": {"": AT_TWO}}, "Origin.by_carrier (key): '' is empty"),
        ({"by_carrier": {"ups": None}}, "Origin.by_carrier['ups']: None is not of type CutOff"),
        ({"by_carrier": 3}, "Origin.by_carrier: 3 is not a mapping from str to CutOff; pass one"),
    ],
)
def test_a_bad_origin_is_refused(settings: dict[str, Any], message: str) -> None:
    """By field and value."""
    assert refusal(Origin, **{"calendar": OFFICE, **settings}).startswith(message)


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"origins": ["berlin"]}, "origins: ['berlin'] is not a mapping from str to Origin"),
        ({"origins": {"berlin": OFFICE}}, "origins['berlin']: BusinessCalendar("),
        ({"origins": {3: BERLIN}}, "origins (key): 3 is not an id"),
        ({"otherwise": OFFICE}, "otherwise: BusinessCalendar("),
        ({"destination": "GB"}, "destination: 'GB' can't be called"),
        ({"carrier": "ups"}, "carrier: 'ups' can't be called"),
        ({"transit": None}, "transit: None is no table and no function; pass a mapping"),
        ({"transit": {"berlin": 2.5}}, "transit['berlin']: 2.5 is no length of time"),
        ({"transit": {"berlin": True}}, "transit['berlin']: True is no length of time"),
        ({"transit": {"berlin": -1}}, "transit['berlin']: -1 is below 0"),
        ({"transit": {"berlin": -DAY}}, "transit['berlin']: datetime.timedelta(days=-1) is below"),
        ({"transit": {"berlin": 2}}, "transit['berlin']: 2 is in working days; pass a destination"),
        ({"transit": {3: DAY}}, "transit (key): 3 is not text"),
        ({"transit": {("a", "b", "c"): DAY}}, "transit (key): ('a', 'b', 'c') is no pair of"),
        ({"transit": {("a", "Germany"): DAY}}, "transit (key): 'Germany' is not a code of 2"),
        ({"transit": {("a", "de"): DAY}}, "transit (key): 'de' is not in capitals; pass 'DE'"),
        ({"transit": (1, 2)}, "transit[0]: 1 is not a row of 2 members"),
    ],
)
def test_a_bad_setting_is_refused(settings: dict[str, Any], message: str) -> None:
    """By name and value."""
    content: dict[str, Any] = {"origins": {"berlin": BERLIN}, "transit": TRANSIT, **settings}
    origins, transit = content.pop("origins"), content.pop("transit")
    told = refusal(from_calendars, origins, transit, **content)
    assert told.startswith(f"from_calendars.{message}")


def test_a_policy_is_a_value() -> None:
    """Equal settings make equal policies, in whatever sequence they are given; they travel."""
    other = from_calendars({"oslo": OSLO, "berlin": BERLIN}, dict(reversed(TRANSIT.items())))
    promised(taken(), policy=other)
    assert (other, hash(other)) == (POLICY, hash(POLICY))
    assert pickle.loads(pickle.dumps(other)) == POLICY  # noqa: S301 - our own bytes
    assert from_calendars({"berlin": BERLIN}, raises, destination=OFFICE, otherwise=OSLO) != POLICY
    assert repr(from_calendars({"oslo": OSLO}, {"oslo": DAY}, carrier=raises)) == (
        "from_calendars(origins=['oslo'], transit=(('oslo', datetime.timedelta(days=1)),),"
        " otherwise=None, destination=None, carrier=raises)"
    )
    assert repr(from_calendars({"berlin": BERLIN}, raises, destination=OFFICE, otherwise=OSLO)) == (
        "from_calendars(origins=['berlin'], transit=raises, otherwise=<Origin>,"
        " destination=<BusinessCalendar>, carrier=None)"
    )


def test_what_it_remembers_has_an_end() -> None:
    """A policy that lives for years asks its calendars again now and then, and says the same."""
    policy = from_calendars({"berlin": BERLIN}, {"berlin": DAY})
    asked = [NOW + number * timedelta(minutes=7) for number in range(1_100)]
    first = [promised(taken(), policy=policy, now=now).ships_at for now in asked]
    assert first == [promised(taken(), policy=policy, now=now).ships_at for now in asked]
    assert len(policy._memory) <= 1_000
