"""The pictures of the documentation show what the library says."""

from __future__ import annotations

from xml.etree import ElementTree as ET

import pictures
import pytest
import svg

from fulfill_core import Result
from fulfill_core.protocols import RunStage


def test_the_flow_has_every_stage_and_every_input() -> None:
    """All that `process` decides by goes into one stage of a run, in the sequence of the stages."""
    given = [name for names, _ in pictures.FLOW.values() for name in names.split(", ")]
    assert list(pictures.FLOW) == list(RunStage)
    assert sorted(given) == sorted(pictures.inputs())


def test_the_bars_add_up() -> None:
    """What is on hand is safety, reserved or available; what is to come is claimed or free."""
    rows = pictures.bars(pictures.shelf(), "mug")
    assert rows == {
        "on hand: 12": {"safety": 2, "reserved": 4, "available": 6},
        "to come on 9 March: 6": {"claimed": 2, "free": 4},
    }
    assert [sum(shares.values()) for shares in rows.values()] == [12, 6]


def test_the_time_line_shows_a_run() -> None:
    """Two are served at once; the others wait for supplies with a day, none for more than comes."""
    stock, decisions = pictures.waiting()
    waiting = [row for decision in decisions for row in decision.backorders]
    assert sum(row.quantity for decision in decisions for row in decision.allocations) == 2
    assert all(row.expected_at for row in waiting)
    for supply in stock.supplies():
        assert sum(row.quantity for row in waiting if row.supply_id == supply.id) <= supply.quantity


def test_the_house_has_every_wing() -> None:
    """Each wing with public names has its box, below those that may import it."""
    rows = pictures.floors()
    assert [row for row in rows if "fulfill_core" in row] == [["fulfill_core"]]
    assert rows[0] == ["exceptions"]
    assert {"orders", "inventory", "pipeline", "lifecycle", "wire"} <= {
        wing for row in rows for wing in row
    }


def test_the_loop_names_what_a_run_gives() -> None:
    """What the picture leaves unsaid is there: records that changed, the stock, the messages."""
    assert [name for name, _ in pictures.LOOP] == ["read", "decide", "store", "send"]
    assert all(hasattr(Result, name) for name in ("changed_records", "changes", "notifications"))


@pytest.mark.parametrize("name", pictures.PICTURES)
def test_a_picture_says_in_words_what_it_shows(name: str) -> None:
    """It is well-formed, keeps to its room, and has a title and a description."""
    figure = ET.fromstring(pictures.PICTURES[name]())  # noqa: S314 - our own
    [drawing] = [each for each in figure if each.tag.endswith("svg")]
    tags = {each.tag.rpartition("}")[2]: each for each in drawing}
    assert drawing.get("role") == "img"
    assert len(str(drawing.get("aria-label"))) > 40
    assert tags["title"].text
    assert str(tags["desc"].text).endswith(".")
    height = float(str(drawing.get("viewBox")).split()[3])
    for each in drawing.iter():
        if each.tag.endswith("rect"):
            x, y, width, tall = (float(each.attrib[key]) for key in ("x", "y", "width", "height"))
            assert x >= 0 <= y
            assert x + width <= svg.WIDTH
            assert y + tall <= height


def test_words_are_wrapped_at_blanks() -> None:
    """No line is longer than it may be, but for a word that is."""
    assert svg.wrapped("a bc def", 4) == ["a bc", "def"]
    assert svg.wrapped("abcdef g", 4) == ["abcdef", "g"]


def test_words_are_escaped() -> None:
    """Whatever they are, they are no markup."""
    assert "<b>" not in svg.text(0, 0, "<b>") + svg.box(0, 0, 9, 9, "<b>")
    assert '"' not in svg.picture(9, [], title='"', description="'").split("aria-label=")[1][1:8]
