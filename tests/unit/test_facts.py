"""What the host knows: approvals, and what plug-ins are told."""

from __future__ import annotations

from datetime import timedelta

from builders import NOW

from fulfill_core import Approval, Context, Facts


def approval(order_id: str, by: str, hours: int = 0) -> Approval:
    """An approval of one code, some hours from now."""
    return Approval(
        order_id=order_id, fingerprint="f", codes=["a.b"], by=by, at=NOW + timedelta(hours=hours)
    )


def test_approvals_are_found_by_order_the_oldest_first() -> None:
    """However they are listed, an order's approvals come by time, then by person."""
    late, early, same = approval("A", "Ada", 2), approval("A", "Eve", 1), approval("A", "Bob", 1)
    facts = Facts(approvals=[late, early, approval("B", "Ada"), same])
    assert facts.approvals_of("A") == (same, early, late)


def test_an_order_without_approvals_has_none() -> None:
    """An unknown order has no approvals: that is no error."""
    assert Facts().approvals_of("A") == ()


def test_facts_are_values() -> None:
    """Facts of the same content are equal and one key."""
    one, other = (Facts(approvals=[approval("A", "Ada")]) for _ in range(2))
    assert {one: "found"}[other] == "found"


def test_a_context_keeps_what_it_was_given_as_a_set() -> None:
    """Duplicates may be given as any collection of ids."""
    assert Context(now=NOW, duplicates=["A", "A"]).duplicates == frozenset("A")
