"""A name that is nearly one of the library's is not taken for one of the host's own."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from builders import NOW, refusal

from fulfill_core import Kind
from fulfill_core.messages import Language, Renderer, Shop
from fulfill_core.notifications import Preferences, combined, deliveries
from fulfill_core.protocols.spelling import is_slip, misspelling

SHOP = Shop(name="Tea shop")


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (
            lambda: Preferences(muted=["parcel.shiped"]),
            "'parcel.shiped' is nothing that is ever asked for; write 'parcel.shipped', or name",
        ),
        (lambda: Preferences(muted=["Parcel.Shipped"]), "write 'parcel.shipped'"),
        (
            lambda: deliveries([], now=NOW, may_wait=frozenset({"order.scheduld"})),
            "may_wait: 'order.scheduld' is nothing",
        ),
        (
            lambda: combined([], may_wait=frozenset({"order.erlier"})),
            "may_wait: 'order.erlier' is nothing",
        ),
        (
            lambda: Language(locale="de", texts={"order.confrimed.opening": "Danke"}),
            "Language.texts: 'order.confrimed' is nothing that is ever asked for; write",
        ),
        (
            lambda: Language(locale="de", texts={"label.trackng": "Sendung"}),
            "Language.texts: 'label.trackng' is nothing",
        ),
        (
            lambda: Renderer(shop=SHOP, templates={"order.confrimed.html": "x"}),
            "Renderer.templates: 'order.confrimed' is nothing that is ever asked for; write",
        ),
        (lambda: Renderer(shop=SHOP, templates={"mesage.txt": "x"}), "write 'message'"),
    ],
)
def test_a_slip_of_the_finger_is_refused(make: Callable[[], object], message: str) -> None:
    """Nobody would ever ask for it, and the customer would get what they did not want."""
    assert message in refusal(make)


@pytest.mark.parametrize("kind", ["shop.call", "order.reserved", "order.unconfirmed", "order.news"])
def test_a_word_of_the_hosts_own_is_taken(kind: str) -> None:
    """Hosts have kinds beside the library's; what goes on behind one of those is no slip."""
    assert kind in Preferences(muted=[kind]).muted
    texts = {f"{kind}.subject": "Hello", f"{kind}.opening": "Hello"}
    assert len(Language(locale="en", texts=texts).texts) == len(texts)
    renderer = Renderer(shop=SHOP, templates={f"{kind}.html": "x"})
    assert f"{kind}.html" in renderer.templates


def test_all_kinds_of_the_library_are_taken() -> None:
    """However near some of them are to each other."""
    assert Preferences(muted=list(Kind)).muted == frozenset(Kind)


def test_a_name_that_is_there_as_well_was_not_meant() -> None:
    """A template that another one extends may be called nearly as that one."""
    templates = {"messages.html": "x", "message.html": "{% extends 'messages.html' %}"}
    assert Renderer(shop=SHOP, templates=templates).templates.keys() == templates.keys()
    assert misspelling(["mesage"], ["message"]) == ("mesage", "message")
    assert misspelling(["mesage", "message"], ["message"]) is None


@pytest.mark.parametrize(
    ("word", "is_one"),
    [
        ("order.confirmed", True),
        ("order.confrimed", True),  # two letters exchanged
        ("order.confirme", True),  # one missing
        ("order.conffirmed", True),  # one too many
        ("order.konfirmed", True),  # another one
        ("ORDER.CONFIRMED", True),
        ("order.confirmedly", False),
        ("order.affirmed", False),
        ("parcel.confirmed", False),
    ],
)
def test_a_slip_changes_a_letter_or_two(word: str, is_one: bool) -> None:
    """In one place; more of them make another word."""
    assert is_slip(word, "order.confirmed") is is_one
