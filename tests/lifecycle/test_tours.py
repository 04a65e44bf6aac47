"""Where a parcel is on its last way is what its carrier said last of it, however late it is heard.

That is: out for delivery, not delivered and up to its customer, or waiting to be picked up.
"""

from __future__ import annotations

from datetime import timedelta
from itertools import permutations

import pytest
from story import NOON, Story

from fulfill_core.lifecycle import Delivered, DeliveryFailed, Shipped, Tracked

OUT, READY, FAILED, GOT = "out_for_delivery", "ready_for_pick_up", "delivery_failed", "delivered"


def told_of(*words: tuple[str, int], tell: bool = True) -> list[str]:
    """What a customer hears of a parcel of which this is said, with its hours, in this sequence."""
    story = Story()
    story.happened(Shipped, parcel="p1", location="x", lines={"1": 2}, at=NOON)
    kinds: list[str] = []
    for word, hour in words:
        about = {"parcel": "p1", "at": NOON + timedelta(hours=hour)}
        if word == FAILED:
            step = story.happened(DeliveryFailed, asks_customer=True, tell=tell, **about)
        elif word == GOT:
            step = story.happened(Delivered, **about)
        else:
            step = story.happened(Tracked, stage=word, **about)
        kinds += [each.kind.removeprefix("parcel.") for each in step.notifications]
    return kinds


@pytest.mark.parametrize(
    ("words", "kinds"),
    [
        # What waited to be picked up goes out again, and is brought.
        (
            [(OUT, 1), (FAILED, 2), (READY, 3), (OUT, 24), (GOT, 25)],
            [OUT, FAILED, READY, OUT, GOT],
        ),
        # It waits once more after a tour; a failure there leaves it where it can be picked up.
        (
            [(READY, 3), (OUT, 24), (READY, 26), (FAILED, 50), (GOT, 60)],
            [READY, OUT, READY, FAILED, "picked_up"],
        ),
        # A failure from before the tour that is known, or that waits by now, is overtaken.
        ([(OUT, 1), (OUT, 24), (FAILED, 2)], [OUT]),
        ([(OUT, 1), (READY, 24), (FAILED, 2)], [OUT, READY]),
        # So is a tour from before a failure, and the older of two failures.
        ([(FAILED, 2), (OUT, 1)], [FAILED]),
        ([(FAILED, 26), (FAILED, 2)], [FAILED]),
        # Where only the day is known, a tour fails after it began, and then the parcel waits.
        ([(OUT, 1), (FAILED, 1), (READY, 1)], [OUT, FAILED, READY]),
        ([(READY, 1), (FAILED, 1), (OUT, 1), (GOT, 2)], [READY, "picked_up"]),
    ],
)
def test_what_its_carrier_said_last_of_a_parcel_is_told(
    words: list[tuple[str, int]], kinds: list[str]
) -> None:
    """What is older is on record, and no news."""
    assert told_of(*words) == kinds


def test_what_nobody_heard_had_come_to_an_end_has_not_begun_again() -> None:
    """A tour after one that failed is told if the failure was."""
    words = (OUT, 1), (FAILED, 2), (OUT, 24)
    assert told_of(*words) == [OUT, FAILED, OUT]
    assert told_of(*words, tell=False) == [OUT]


def test_where_a_parcel_is_follows_of_all_that_was_said_in_any_sequence() -> None:
    """The last tour, failure and pick-up each have their time."""
    words = [(OUT, 1), (FAILED, 2), (READY, 3), (OUT, 24)]
    parcels = set()
    for some in permutations(words):
        story = Story()
        for word, hour in some:
            about = {"parcel": "p1", "at": NOON + timedelta(hours=hour)}
            if word == FAILED:
                story.happened(DeliveryFailed, asks_customer=True, **about)
            else:
                story.happened(Tracked, stage=word, **about)
        parcels.add(story.record.history.parcels)
    [[parcel]] = parcels
    hours = [
        None if at is None else (at - NOON) / timedelta(hours=1)
        for at in (parcel.out_at, parcel.failed_at, parcel.ready_at)
    ]
    assert hours == [24, 2, 3]
