"""The verifier that points out a tier which the shop does not know."""

from __future__ import annotations

from builders import CONTEXT, order, refusal, run

from fulfill_core import Customer, Outcome, note
from fulfill_core.priorities import customer_tier
from fulfill_core.verifiers import known_tier

TIERS = known_tier("gold", "silver")


def test_a_tier_that_is_not_known_is_noted() -> None:
    """The order goes on: it is a note, with the tier, cut if it is long."""
    odd = order(customer=Customer(id="C-1", tier="glod"))
    expected = note(
        "customer.unknown_tier",
        field="customer.tier",
        detail="The customer's tier is 'glod', which is not one that the shop knows.",
        evidence="glod",
    )
    assert list(TIERS(odd, context=CONTEXT)) == [expected]
    result = run(odd, verifiers=[TIERS], priority=customer_tier("gold", "silver"))
    assert result["A-1"].findings == (expected,)
    assert result["A-1"].outcome is not Outcome.HELD
    [long] = TIERS(order(customer=Customer(id="C-1", tier="x" * 10_000)), context=CONTEXT)
    assert len(long.detail) < 400


def test_a_tier_that_is_known_is_nothing_to_say() -> None:
    """Each of those that were named."""
    assert TIERS(order(customer=Customer(id="C-1", tier="silver")), context=CONTEXT) == ()


def test_it_is_a_value() -> None:
    """The sequence of the tiers is no difference."""
    same = known_tier("silver", "gold", "gold")
    assert (TIERS, hash(TIERS)) == (same, hash(same))
    assert repr(TIERS) == "known_tier('gold', 'silver')"


def test_tiers_are_text() -> None:
    """What is no name is refused."""
    assert (
        refusal(known_tier, "gold", None)
        == "known_tier(1): None is not text; pass '' if there is none"
    )
