"""The shared checks: what they let in, what they refuse, and in which words."""

from __future__ import annotations

import pickle
from collections.abc import Callable
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from decimal import Decimal, localcontext
from enum import Enum, IntEnum, StrEnum
from typing import Any

import attrs
import pytest
from builders import NOW, refusal

from fulfill_core import Address, Claim, FrozenMap, OrderLine, Reservation, _values
from fulfill_core import _checks as fields


class Dozen(IntEnum):
    ONE = 12


class Sku(str, Enum):  # noqa: UP042 - not a StrEnum is the point
    MUG = "mug"


class PlainSku(StrEnum):
    MUG = "mug"


class Unwritable(str):
    __slots__ = ()

    def __str__(self) -> str:
        raise RuntimeError("no")


class BrokenZone(tzinfo):
    def utcoffset(self, _: datetime | None) -> timedelta:
        raise RuntimeError("no table")


class Nanoseconds(datetime):
    def isoformat(self, sep: str = "T", timespec: str = "auto") -> str:
        return super().isoformat(sep, timespec).replace("+", "123+")


OTHERWISE = "is of a class whose text is written otherwise than it reads; pass a plain str"


class Unshowable:
    def __repr__(self) -> str:
        raise RuntimeError("no")


CHECKS: list[tuple[Callable[..., object], tuple[Any, ...], str]] = [
    (fields.check_text, (3,), "here: 3 is not text; pass a str"),
    (fields.check_text, (None,), "here: None is not text; pass '' if there is none"),
    (fields.check_text, (b"mug",), "here: b'mug' is not text; pass a str"),
    (fields.check_id, (7,), "here: 7 is not an id; pass a str, such as 'A-17'"),
    (fields.check_id, (17850.0,), "here: 17850.0 is not an id; pass a str, such as 'A-17'"),
    (fields.check_id, (None,), "here: None is not an id; pass a str, such as 'A-17'"),
    (
        fields.check_id,
        ("",),
        "here: '' is empty; pass at least one visible character",
    ),
    (
        fields.check_id,
        (" \t\n\xa0",),
        r"here: ' \t\n\xa0' is empty; pass at least one visible character",
    ),
    (
        fields.check_money,
        (9.9,),
        "here: 9.9 is not a Decimal; pass money as Decimal('9.90'), never a float",
    ),
    (
        fields.check_money,
        (9,),
        "here: 9 is an int; pass Decimal(9), or from_minor_units(9, 2) if it counts cents",
    ),
    (
        fields.check_money,
        ("9.90",),
        "here: '9.90' is not a Decimal; pass money as Decimal('9.90'), never a float",
    ),
    (
        fields.check_money,
        (Decimal("-0.01"),),
        "here: Decimal('-0.01') is not an amount; pass a finite Decimal of zero or more",
    ),
    (
        fields.check_money,
        (Decimal("NaN"),),
        "here: Decimal('NaN') is not an amount; pass a finite Decimal of zero or more",
    ),
    (
        fields.check_money,
        (Decimal("sNaN"),),
        "here: Decimal('sNaN') is not an amount; pass a finite Decimal of zero or more",
    ),
    (
        fields.check_money,
        (Decimal("Infinity"),),
        "here: Decimal('Infinity') is not an amount; pass a finite Decimal of zero or more",
    ),
    (
        fields.check_money,
        (Decimal("1E15"),),
        "here: Decimal('1E+15') has more than 15 digits on a side of the point",
    ),
    (
        fields.check_money,
        (Decimal("1E-16"),),
        "here: Decimal('1E-16') has more than 15 digits on a side of the point",
    ),
    (fields.check_int, (1.5,), "here: 1.5 is not an int; pass a whole number"),
    (fields.check_int, (2.0,), "here: 2.0 is not an int; pass a whole number"),
    (fields.check_int, (True,), "here: True is not an int; pass a whole number"),
    (fields.check_int, ("2",), "here: '2' is not an int; pass a whole number"),
    (
        fields.check_int,
        (Decimal(2),),
        "here: Decimal('2') is not an int; pass a whole number",
    ),
    (
        fields.check_int,
        (Dozen.ONE,),
        "here: <Dozen.ONE: 12> is not an int; pass a whole number",
    ),
    (
        fields.check_int,
        (10**15 + 1,),
        "here: 1000000000000001 is more than 10**15; no warehouse holds that",
    ),
    (
        fields.check_int,
        (-(10**15) - 1,),
        "here: -1000000000000001 is more than 10**15; no warehouse holds that",
    ),
    (
        fields.check_int,
        (10**5000,),
        "here: <int that cannot be shown> is more than 10**15; no warehouse holds that",
    ),
    (fields.check_bool, (1,), "here: 1 is not a bool; pass True or False"),
    (fields.check_bool, ("FALSE",), "here: 'FALSE' is not a bool; pass True or False"),
    (fields.check_bool, (None,), "here: None is not a bool; pass True or False"),
    (
        fields.check_aware,
        ("2026-03-02",),
        "here: '2026-03-02' is not a datetime; pass an aware datetime",
    ),
    (
        fields.check_aware,
        (NOW.date(),),
        "here: datetime.date(2026, 3, 2) is not a datetime; pass an aware datetime",
    ),
    (
        fields.check_aware,
        (datetime(2026, 3, 2),),  # noqa: DTZ001 - naive is the point
        (
            "here: datetime.datetime(2026, 3, 2, 0, 0) is naive; pass it with a tzinfo, such as"
            " timezone.utc"
        ),
    ),
    (
        fields.check_aware,
        (datetime(9999, 12, 31, 23, tzinfo=timezone(timedelta(hours=-5), "EST")),),
        (
            "here: datetime.datetime(9999, 12, 31, 23, 0, tzinfo=datetime.timezone("
            "datetime.timedelta(days=-1, seconds=68400), 'EST')) is off the calendar in UTC; pass a"
            " year from 2 to 9998"
        ),
    ),
    (
        fields.check_code,
        ("EURO", 3, "EUR"),
        "here: 'EURO' is not a code of 3 letters, such as 'EUR'",
    ),
    (fields.check_code, ("€€€", 3, "EUR"), "here: '€€€' is not a code of 3 letters, such as 'EUR'"),
    (fields.check_code, ("E1R", 3, "EUR"), "here: 'E1R' is not a code of 3 letters, such as 'EUR'"),
    (fields.check_code, ("äöü", 3, "EUR"), "here: 'äöü' is not a code of 3 letters, such as 'EUR'"),
    (fields.check_code, (12, 2, "DE"), "here: 12 is not a code of 2 letters, such as 'DE'"),
    (fields.check_code, ("DEU", 2, "DE"), "here: 'DEU' is not a code of 2 letters, such as 'DE'"),
    (fields.check_member, ("x", OrderLine), "here: 'x' is not of type OrderLine; pass one"),
    (
        fields.check_members,
        ("mug", OrderLine),
        "here: 'mug' is not a collection of OrderLine; pass a list or tuple",
    ),
    (fields.check_members, (("a", 3), str), "here[1]: 3 is not of type str; pass one"),
    (
        fields.check_rows,
        ("ab", "line", "units"),
        "here: 'ab' is no collection of rows; pass a list of (line, units)",
    ),
    (
        fields.check_rows,
        ((("a", 1), "ab"), "line", "units"),
        "here[1]: 'ab' is not a row of 2 members; pass (line, units)",
    ),
    (
        fields.check_rows,
        ((("a", 1), ("a",)), "line", "units"),
        "here[1]: ('a',) is not a row of 2 members; pass (line, units)",
    ),
    (
        fields.check_unique,
        (("a", "b", "a"), "id"),
        "here[2]: 'a' was given before; each id comes once",
    ),
    (
        fields.check_words,
        ("gift",),
        "here: 'gift' is not a collection of words; pass a set or a list of str",
    ),
    (fields.check_words, (frozenset([3]),), "here: 3 is not text; pass a str"),
    (
        fields.check_frozen_map,
        ("wrap",),
        "here: 'wrap' is not a mapping; pass a dict of str to str",
    ),
]


@pytest.mark.parametrize(
    ("check", "args", "message"), CHECKS, ids=[message for _, _, message in CHECKS]
)
def test_refusals(check: Callable[..., object], args: tuple[Any, ...], message: str) -> None:
    """What is refused is named with its path, its value and the fix."""
    assert refusal(check, "here", *args) == message


def test_too_few_is_told_with_the_limit() -> None:
    """A number below the limit is refused with the limit."""
    assert refusal(fields.check_int, "here", 0, at_least=1) == "here: 0 is below 1; pass 1 or more"


@pytest.mark.parametrize(
    ("check", "args"),
    [
        (fields.check_text, ("",)),
        (fields.check_id, ("A-17",)),
        (fields.check_money, (Decimal(0),)),
        (fields.check_money, (Decimal("-0"),)),
        (fields.check_money, (Decimal("999999999999999.000000000000001"),)),
        (fields.check_int, (-3,)),
        (fields.check_int, (10**15,)),
        (fields.check_bool, (False,)),
        (fields.check_aware, (NOW,)),
        (fields.check_aware, (datetime.max.replace(tzinfo=UTC),)),
        (fields.check_aware, (datetime.min.replace(tzinfo=UTC),)),
        (fields.check_member, (Dozen.ONE, IntEnum)),
        (fields.check_members, ((), str)),
        (fields.check_rows, ((("a", "b"),), "line", "units")),
        (fields.check_unique, (("a", "b"), "id")),
        (fields.check_words, (frozenset(["gift"]),)),
        (fields.check_frozen_map, (FrozenMap({"wrap": "yes"}),)),
    ],
)
def test_what_is_well_formed_passes(check: Callable[..., None], args: tuple[Any, ...]) -> None:
    """A check says nothing about what is well formed, up to and including the limits."""
    assert check("here", *args) is None


def test_a_code_comes_back_in_upper_case() -> None:
    """Codes are told apart by their letters, not by their case."""
    assert fields.check_code("here", "eur", 3, "EUR") == "EUR"


def test_a_long_value_is_cut_in_its_error() -> None:
    """An error shows 200 characters of a value's repr, and how many there are."""
    error = fields.refuse("here", "x" * 10_000, "is too much")
    assert str(error) == f"here: '{'x' * 199}... (10002 characters) is too much"


def test_a_value_of_200_characters_is_shown_whole() -> None:
    """A repr of exactly 200 characters is not cut."""
    error = fields.refuse("here", "x" * 198, "is odd")
    assert error.value == f"'{'x' * 198}'"


def test_a_long_value_is_cut_whatever_is_wrong_with_it() -> None:
    """No message repeats the value in full beside the cut one."""
    assert len(refusal(fields.check_id, "here", ["x"] * 10_000)) < 300


def test_a_value_that_cannot_be_shown_is_refused_all_the_same() -> None:
    """A broken repr does not hide what is wrong."""
    assert (
        refusal(fields.check_text, "here", Unshowable())
        == "here: <Unshowable that cannot be shown> is not text; pass a str"
    )


@pytest.mark.parametrize(
    ("amount", "text"),
    [
        ("5", "5"),
        ("5.00", "5"),
        ("1E+2", "100"),
        ("19.8", "19.80"),
        ("19.800", "19.80"),
        ("0.125", "0.125"),
        ("0.1250", "0.125"),
        ("-3.5", "-3.50"),
        ("123456789012345.678", "123456789012345.678"),
    ],
)
def test_money_in_a_sentence(amount: str, text: str) -> None:
    """Equal amounts read the same: whole, with two digits, or with as many as they need."""
    assert fields.money_text(Decimal(amount)) == text


def test_money_in_a_sentence_is_not_touched_by_the_hosts_context() -> None:
    """A host that calculates with three digits still reads the amount to the cent."""
    with localcontext(prec=3):
        assert fields.money_text(Decimal("12345.67")) == "12345.67"


@pytest.mark.parametrize(
    ("convert", "given", "kept"),
    [
        (fields.to_tuple, ["a", "b"], ("a", "b")),
        (fields.to_tuple, iter("ab"), ("a", "b")),
        (fields.to_tuple, "ab", "ab"),
        (fields.to_tuple, 3, 3),
        (fields.to_texts, ["a"], ("a",)),
        (fields.to_frozenset, ["a", "a"], frozenset("a")),
        (fields.to_frozenset, "ab", "ab"),
        (fields.to_frozenset, None, None),
        (fields.to_frozenset, [["a"]], [["a"]]),
        (fields.to_frozen_map, {"a": "b"}, FrozenMap({"a": "b"})),
        (fields.to_frozen_map, FrozenMap({"a": "b"}), FrozenMap({"a": "b"})),
        (fields.to_frozen_map, "ab", "ab"),
    ],
)
def test_what_is_no_collection_stays_for_the_check(
    convert: Callable[[Any], object], given: object, kept: object
) -> None:
    """A converter makes collections immutable and leaves the rest to be refused by name."""
    assert convert(given) == kept


def test_frozen_map_is_a_mapping() -> None:
    """A FrozenMap reads like the dict that it was made of."""
    gift = FrozenMap({"wrap": "yes", "card": "no"})
    assert (gift["wrap"], gift.get("x"), list(gift), len(gift), dict(gift)) == (
        "yes",
        None,
        ["wrap", "card"],
        2,
        {"wrap": "yes", "card": "no"},
    )


def test_frozen_map_of_nothing_is_empty() -> None:
    """Without content it is empty."""
    assert dict(FrozenMap()) == {}


def test_frozen_map_is_a_key() -> None:
    """Equal maps are one key, in whatever sequence they were written."""
    one, other = FrozenMap({"a": "1", "b": "2"}), FrozenMap({"b": "2", "a": "1"})
    assert {one: "found"}[other] == "found"


def test_frozen_map_does_not_follow_the_dict_it_was_made_of() -> None:
    """What the host changes later changes nothing here."""
    content = {"wrap": "yes"}
    gift = FrozenMap(content)
    content["wrap"] = "no"
    assert gift["wrap"] == "yes"


def test_frozen_map_shows_and_pickles() -> None:
    """It shows as the dict that makes it again where it is passed; and it pickles."""
    gift = FrozenMap({"wrap": "yes"})
    assert repr(gift) == "{'wrap': 'yes'}"
    assert pickle.loads(pickle.dumps(gift)) == gift  # noqa: S301 - our own


def test_frozen_map_cannot_be_written_to() -> None:
    """There is no way to set or delete a key."""
    with pytest.raises(TypeError, match="does not support item assignment"):
        FrozenMap({})["a"] = "b"


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ({1: "x"}, "here (key): 1 is not text; pass a str"),
        ({"wrap": True}, "here['wrap']: True is not text; pass a str"),
        ({"wrap": None}, "here['wrap']: None is not text; pass '' if there is none"),
    ],
)
def test_a_frozen_map_holds_text_only(content: dict[Any, Any], message: str) -> None:
    """Keys and values are str: a number or a null is named with its key."""
    assert refusal(fields.check_frozen_map, "here", FrozenMap(content)) == message


def test_a_value_made_of_a_twin_is_like_any_other() -> None:
    """What the library makes without checks is equal to, hashes and shows as the checked value,
    is of its class and is as frozen.
    """
    checked = Reservation(order_id="A", line_id="1", sku="mug", location="x", quantity=2)
    made = _values.twin(Reservation)()
    for name in Reservation.__slots__:
        setattr(made, name, getattr(checked, name))
    made.__class__ = Reservation
    assert (made, hash(made), repr(made), type(made)) == (
        checked,
        hash(checked),
        repr(checked),
        Reservation,
    )
    with pytest.raises(attrs.exceptions.FrozenInstanceError):
        made.quantity = 3
    assert pickle.loads(pickle.dumps(made)) == checked  # noqa: S301 - our own


@pytest.mark.parametrize("check", [fields.check_text, fields.check_id])
@pytest.mark.parametrize(
    ("text", "shown"), [(Sku.MUG, "<Sku.MUG: 'mug'>"), (Unwritable("mug"), "'mug'")]
)
def test_text_is_written_as_it_reads(check: Callable[..., None], text: str, shown: str) -> None:
    """A str that is another text in a sentence is refused: stored and loaded it were another."""
    assert refusal(check, "here", text) == f"here: {shown} {OTHERWISE}"
    assert check("here", PlainSku.MUG) is None


def test_each_line_of_a_street_is_written_as_it_reads() -> None:
    """The line of a street that is another text in a sentence is named by its position."""
    expected = f"Address.street[1]: <Sku.MUG: 'mug'> {OTHERWISE}"
    assert refusal(Address, name="Ada", street=["1", Sku.MUG], city="Dublin") == expected


def test_a_time_zone_that_fails_is_the_fault_of_its_instant() -> None:
    """An instant whose tzinfo raises is refused with the path and what the tzinfo says."""
    message = refusal(fields.check_aware, "here", NOW.replace(tzinfo=BrokenZone()))
    problem = "has a tzinfo that fails, with RuntimeError: no table; pass a zoneinfo.ZoneInfo"
    assert message.startswith("here: datetime.datetime(2026, ")
    assert message.endswith(problem)


def test_an_instant_is_kept_as_a_plain_one() -> None:
    """An instant of a class that writes it in another way is kept as any other."""
    instant = fields.in_utc(
        "here", Nanoseconds(2026, 3, 2, 10, tzinfo=timezone(timedelta(hours=1)))
    )
    assert (type(instant), instant) == (datetime, datetime(2026, 3, 2, 9, tzinfo=UTC))
    assert type(fields.in_utc("here", Nanoseconds(2026, 3, 2, tzinfo=UTC))) is datetime
    claim = Claim(
        order_id="A-1",
        line_id="1",
        sku="mug",
        supply_id="s1",
        quantity=1,
        made_at=Nanoseconds(2026, 3, 2, tzinfo=UTC),
    )
    assert type(claim.made_at) is datetime
