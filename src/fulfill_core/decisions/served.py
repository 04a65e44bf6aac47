"""What one order got in its turn: made turn by turn, kept by a run, and read when somebody asks."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from operator import itemgetter
from typing import Any, NamedTuple, TypeAlias, cast

from fulfill_core.decisions.finding import Finding
from fulfill_core.decisions.rows import AllocationRow, BackorderRow, KitRow, ShortRow
from fulfill_core.inventory.stock import Reservation


class Served(NamedTuple):
    """What one order got in its turn, as the decision keeps it.

    Args:
        allocations: what the run reserved for it.
        backorders: what waits for more stock.
        shorts: what will not come.
        reserved: what was reserved for it before the run, and still is.
        untracked: the ids of its lines that need no stock.
        kits: its lines that ask for kits, and what those are made of.
        remarks: notes on how it was served, which join its findings.
        unusable: what is reserved for it and can't be used.
    """

    allocations: tuple[AllocationRow, ...] = ()
    backorders: tuple[BackorderRow, ...] = ()
    shorts: tuple[ShortRow, ...] = ()
    reserved: tuple[Reservation, ...] = ()
    untracked: tuple[str, ...] = ()
    kits: tuple[KitRow, ...] = ()
    remarks: tuple[Finding, ...] = ()
    unusable: tuple[Reservation, ...] = ()


ServedMembers: TypeAlias = tuple[
    tuple[AllocationRow, ...],
    tuple[BackorderRow, ...],
    tuple[ShortRow, ...],
    tuple[Reservation, ...],
    tuple[str, ...],
    tuple[KitRow, ...],
    tuple[Finding, ...],
    tuple[Reservation, ...],
]
served_of: Callable[[ServedMembers], Served] = partial(cast("Any", tuple).__new__, Served)
"""A `Served` of all its members, in their sequence. Calling the class costs four times as much, and
every order of a run makes one."""
members_of: Callable[[Served], ServedMembers] = cast("Any", tuple)
"""The members of a `Served` as a plain tuple: of atoms, it is nothing to the garbage collector."""
allocations_in: Callable[[ServedMembers], tuple[AllocationRow, ...]] = itemgetter(0)
backorders_in: Callable[[ServedMembers], tuple[BackorderRow, ...]] = itemgetter(1)
reserved_in: Callable[[ServedMembers], tuple[Reservation, ...]] = itemgetter(3)
remarks_in: Callable[[ServedMembers], tuple[Finding, ...]] = itemgetter(6)
unusable_in: Callable[[ServedMembers], tuple[Reservation, ...]] = itemgetter(7)
