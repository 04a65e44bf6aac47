"""What values share is what attrs gives to each."""

from __future__ import annotations

import attrs

from fulfill_core import _values


@attrs.frozen(kw_only=True)
class Parcel:
    """A value that attrs completes alone."""

    id: str
    units: int = 2
    policy: object = attrs.field(default=len, repr=lambda part: part.__name__)
    tags: object = attrs.field(default=(), hash=False)
    _index: int = attrs.field(default=0, repr=False, eq=False)


@attrs.frozen
class Shared(Parcel):
    """One of the same fields that shares its methods."""

    __eq__, __hash__, __repr__ = _values.BY_FIELDS


@attrs.frozen
class Other(Shared):
    """One of the same fields that shares its methods."""

    __eq__, __hash__, __repr__ = _values.BY_FIELDS


class Anything:
    """It is equal to whatever it is compared with."""

    __hash__ = None  # type: ignore[assignment]

    def __eq__(self, other: object) -> bool:
        return True


def test_the_repr_of_values_is_that_of_attrs() -> None:
    """Fields by their names, those left out that are to be left out, in words of their own if so
    asked.
    """
    assert repr(Parcel(id="P-1")) == "Parcel(id='P-1', units=2, policy=len, tags=())"
    assert repr(Shared(id="P-1")) == "Shared(id='P-1', units=2, policy=len, tags=())"


def test_values_are_equal_as_those_of_attrs() -> None:
    """Of the same class, with equal fields, but for those that are not compared."""
    for kind in (Parcel, Shared):
        value = kind(id="P-1", index=3)
        assert value == kind(id="P-1", index=4)
        assert value != kind(id="P-2", index=3)
        assert value != kind(id="P-1", tags=[])
        assert value != "P-1"
        assert value == Anything()  # the one that is asked first says that it does not know
    assert Shared(id="P-1") != Other(id="P-1")
    assert Shared(id="P-1") != Parcel(id="P-1")


def test_values_are_hashed_as_those_of_attrs() -> None:
    """Equal ones have one hash, and what is not hashed need not be hashable; of another class, the
    same fields have another.
    """
    for kind in (Parcel, Shared):
        assert hash(kind(id="P-1", tags=[])) == hash(kind(id="P-1", index=1))
        assert hash(kind(id="P-1")) != hash(kind(id="P-2"))
    assert hash(Shared(id="P-1")) != hash(Other(id="P-1"))
