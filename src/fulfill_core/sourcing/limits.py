"""Limits to where an order is served from: which locations may, and how many."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Protocol

import attrs

from fulfill_core import _checks
from fulfill_core.inventory.stock import Location
from fulfill_core.orders.order import Order
from fulfill_core.protocols import Candidate, Demand, SourcingPolicy
from fulfill_core.protocols.plug_points import trusted_demand
from fulfill_core.protocols.plugins import name_of
from fulfill_core.protocols.roles import SOURCING, check_plugin
from fulfill_core.records.facts import Context
from fulfill_core.sourcing.shipments import fewest_shipments
from fulfill_core.sourcing.whole_order import DEFAULT_SOURCING, with_remarks_of


class Allowed(Protocol):
    """Whether a location may serve an order at all: destination, dangerous goods, pick-up point.

    >>> def no_hazmat_from_stores(location, order, /):
    ...     return not ("hazmat" in order.tags and location.id.startswith("store-"))
    >>> allowed: Allowed = no_hazmat_from_stores
    """

    def __call__(self, location: Location, order: Order, /) -> bool: ...


@attrs.frozen(weakref_slot=False)
class only_where:  # noqa: N801 - it is used as the function that it makes
    """Only locations that may serve the order; the others are left out.

    Args:
        is_allowed: a function of a `Location` and the `Order`.
        then: the policy that chooses among those that may.

    >>> def domestic(location, order, /):
    ...     return location.name == order.ship_to.country
    >>> only_where(domestic)
    only_where(is_allowed=domestic, then=whole_order_first(otherwise=by_rank))
    """

    is_allowed: Allowed = attrs.field(repr=name_of)
    then: SourcingPolicy = attrs.field(default=DEFAULT_SOURCING, repr=name_of)

    def __attrs_post_init__(self) -> None:
        _checks.check_callable("only_where.is_allowed", self.is_allowed)
        check_plugin("only_where.then", self.then, SOURCING)

    def __call__(
        self, demand: Demand, candidates: Sequence[Candidate], /, *, context: Context
    ) -> Iterable[Candidate]:
        order = demand.order
        fit = tuple([each for each in candidates if self.is_allowed(each.location, order)])
        return self.then(demand, fit, context=context) if fit else ()


@attrs.frozen(weakref_slot=False)
class unless_rejected:  # noqa: N801 - it is used as the function that it makes
    """Not from a location that has rejected a pick list of the order today, by its own calendar.

    It looks at the order's record (`Fulfilment.rejected_at`); tomorrow the location is asked again.

    Args:
        then: the policy that chooses among the others.

    >>> unless_rejected()
    unless_rejected(then=whole_order_first(otherwise=by_rank))
    """

    then: SourcingPolicy = attrs.field(default=DEFAULT_SOURCING, repr=name_of)

    def __attrs_post_init__(self) -> None:
        check_plugin("unless_rejected.then", self.then, SOURCING)

    def __call__(
        self, demand: Demand, candidates: Sequence[Candidate], /, *, context: Context
    ) -> Iterable[Candidate]:
        record = context.record_of(demand.order.id)
        rejected_at = {
            each.location: each.rejected_at
            for each in (() if record is None else record.history.fulfilments)
            if each.rejected_at is not None
        }
        if not rejected_at:
            return self.then(demand, candidates, context=context)
        fit: list[Candidate] = []
        for candidate in candidates:
            instant, place = rejected_at.get(candidate.id), candidate.location
            if instant is None or place.day_of(instant) != place.day_of(context.now):
                fit.append(candidate)
        return self.then(demand, tuple(fit), context=context) if fit else ()


@attrs.frozen(weakref_slot=False)
class pick_up_at:  # noqa: N801 - it is used as the function that it makes
    """An order that the customer picks up is served at that location, or not at all.

    Args:
        attribute: the order's attribute that names the location's id; orders without it are not
            picked up.
        otherwise: the policy for those.

    >>> pick_up_at("pick_up")
    pick_up_at(attribute='pick_up', otherwise=whole_order_first(otherwise=by_rank))
    """

    attribute: str
    otherwise: SourcingPolicy = attrs.field(default=DEFAULT_SOURCING, repr=name_of)

    def __attrs_post_init__(self) -> None:
        _checks.check_id("pick_up_at.attribute", self.attribute)
        check_plugin("pick_up_at.otherwise", self.otherwise, SOURCING)

    def __call__(
        self, demand: Demand, candidates: Sequence[Candidate], /, *, context: Context
    ) -> Iterable[Candidate]:
        place = demand.order.attributes.get(self.attribute)
        if place is None:
            return self.otherwise(demand, candidates, context=context)
        return tuple([candidate for candidate in candidates if candidate.id == place])


_FEWEST = fewest_shipments()


@attrs.frozen(weakref_slot=False)
class at_most_shipments:  # noqa: N801 - it is used as the function that it makes
    """A hard limit: the order leaves from no more than so many locations; the rest is not sourced.

    Locations that have units reserved for the order count, in each run: it goes on being served
    from those, and from as many others as the limit leaves.

    Args:
        limit: the number of locations, 1 or more.
        policy: the policy that chooses. If it chooses more, as few of them are kept as can give all
            that they can together; if those are still too many, the ones that give most.

    >>> from fulfill_core.sourcing import whole_order_first
    >>> at_most_shipments(2, whole_order_first())
    at_most_shipments(limit=2, policy=whole_order_first(otherwise=by_rank))
    """

    limit: int
    policy: SourcingPolicy = attrs.field(default=fewest_shipments(), repr=name_of)

    def __attrs_post_init__(self) -> None:
        _checks.check_int("at_most_shipments.limit", self.limit, at_least=1)
        check_plugin("at_most_shipments.policy", self.policy, SOURCING)

    def __call__(
        self, demand: Demand, candidates: Sequence[Candidate], /, *, context: Context
    ) -> Iterable[Candidate]:
        limit = max(0, self.limit - len(demand.places))
        if not limit:
            candidates = tuple([each for each in candidates if each.id in demand.places])
            return self.policy(demand, candidates, context=context) if candidates else ()
        choice = self.policy(demand, candidates, context=context)
        ordered = tuple(choice)
        further = [each for each in ordered if each.id not in demand.places]
        if len(further) <= limit:
            return with_remarks_of(choice, ordered)
        rest = demand
        # What has units reserved has a place among the few anyway: only the rest is chosen anew.
        places_reserved = tuple([each for each in candidates if each.id in demand.places])
        if places_reserved:
            rest = _without(demand, places_reserved)
            candidates_beside = tuple([each for each in candidates if each not in places_reserved])
            if not rest.needs:
                return self.policy(demand, places_reserved, context=context)
            choice = self.policy(rest, candidates_beside, context=context)
            further = list(choice)
            ordered = (*places_reserved, *further)
        best = tuple(_FEWEST(rest, further, context=context))
        if len(best) > limit:  # not all can be had from so few: what they give most of
            best = tuple(sorted(further, key=lambda each: -_served(each, demand))[:limit])
        return with_remarks_of(
            choice,
            tuple([each for each in ordered if each.id in demand.places or each in best]),
        )


def _without(demand: Demand, candidates: Sequence[Candidate]) -> Demand:
    """What is needed beyond what these locations can give."""
    missing = [
        (sku, units - sum([each.available(sku) for each in candidates]))
        for sku, units in demand.needs
    ]
    needs = tuple([(sku, units) for sku, units in missing if units > 0])
    return trusted_demand(demand.order, needs, demand.places)


def _served(candidate: Candidate, demand: Demand) -> int:
    """Units of what is needed that a location can give."""
    return sum([min(units, candidate.available(sku)) for sku, units in demand.needs])
