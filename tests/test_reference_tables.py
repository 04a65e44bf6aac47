"""The tables of the reference say what the code does: every code, outcome, kind, reason and error.

A table is found by its page and the heading of its first column. A cell is compared without its
back ticks.
"""

from __future__ import annotations

import ast
import inspect
import re
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import attrs
import pytest
from hypothesis import given

import fulfill_core
from fulfill_core import (
    Address,
    Audience,
    Context,
    Customer,
    Decision,
    Finding,
    Inventory,
    Kind,
    LineStatus,
    Order,
    OrderLine,
    Outcome,
    Payment,
    Severity,
    ShortReason,
    exceptions,
    process,
)
from fulfill_core.testing import Batch, batches

PROJECT = Path(__file__).parents[1]
REFERENCE = PROJECT / "docs" / "reference"
SEVERITY_OF = {"note": Severity.NOTE, "hold": Severity.HOLD, "reject": Severity.REJECT}
NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)


def table(page: str, heading: str) -> list[dict[str, str]]:
    """The rows of the table on *page* whose first column is headed so, by heading."""
    blocks = re.findall(r"(?:^\|.*\|\n)+", page, re.MULTILINE)
    for block in blocks:
        head, _, *rows = (
            [cell.strip() for cell in re.split(r"(?<!\\)\|", line)[1:-1]]
            for line in block.splitlines()
        )
        if head[0] == heading:
            return [dict(zip(head, row, strict=True)) for row in rows]
    message = f"there is no table that begins with {heading!r}"
    raise LookupError(message)


def rows(page: str, heading: str) -> list[dict[str, str]]:
    """The rows of a table on a page of the reference."""
    return table((REFERENCE / page).read_text("utf-8"), heading)


def words(cell: str) -> set[str]:
    """What stands in back ticks in a cell."""
    return set(re.findall(r"`([^`]+)`", cell))


def column(page: str, heading: str) -> list[str]:
    """The first column of a table, without its back ticks."""
    return [row[heading].strip("`") for row in rows(page, heading)]


def findings_in(source: str, constants: dict[str, object]) -> Iterator[tuple[str, Severity]]:
    """Every code that is passed to `note`, `hold` or `reject`, as it stands or by its name."""
    for node in ast.walk(ast.parse(source)):
        if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.args):
            continue
        if node.func.id in SEVERITY_OF:
            code = node.args[0]
            if isinstance(code, ast.Name):
                yield str(constants[code.id]), SEVERITY_OF[node.func.id]
            else:
                yield ast.literal_eval(code), SEVERITY_OF[node.func.id]


def all_findings() -> set[tuple[str, Severity]]:
    """Every finding that the library can make."""
    constants = vars(fulfill_core._finding)
    return {
        found
        for path in sorted((PROJECT / "src" / "fulfill_core").rglob("*.py"))
        if path.parent.name != "testing"
        for found in findings_in(path.read_text("utf-8"), constants)
    }


# -- The tables ------------------------------------------------------------------------------------


def test_every_finding_is_listed_with_its_severity() -> None:
    """The table of findings has each code of the library once, sorted, and no other."""
    listed = [
        (row["code"].strip("`"), Severity[row["severity"]]) for row in rows("findings.md", "code")
    ]
    assert listed == sorted(all_findings())


def test_a_finding_is_found_in_the_source() -> None:
    """A code is read off as it stands, or by the name of its constant; other calls are not."""
    source = 'yield hold("a.b")\nnote(CODE, field="x")\nother("c.d")\nhold()\n'
    found = sorted(findings_in(source, {"CODE": "e.f"}))
    assert found == [("a.b", Severity.HOLD), ("e.f", Severity.NOTE)]


@pytest.mark.parametrize("row", rows("findings.md", "code"), ids=lambda row: row["code"])
def test_who_hears_of_a_finding(row: dict[str, str]) -> None:
    """An order with this finding alone makes the messages of its row, beside its confirmation."""

    def finds(order: Order, /, *, context: Context) -> Iterable[Finding]:
        return (Finding(code=row["code"].strip("`"), severity=Severity[row["severity"]]),)

    order = an_order()
    batch, verifiers = [order], [finds]
    if row["code"] == "`order.conflicting_duplicate`":
        batch, verifiers = [order, attrs.evolve(order, channel="another")], []
    result = process(batch, Inventory.of({("mug", "x"): 9}), now=NOW, verifiers=verifiers)
    told = {(str(message.kind), message.audience) for message in result.notifications}
    expected = {(kind, Audience.CUSTOMER) for kind in words(row["customer hears"])}
    expected |= {(kind, Audience.STAFF) for kind in words(row["staff hears"])}
    assert told - {("order.confirmed", Audience.CUSTOMER)} == expected


def an_order() -> Order:
    """An order that nothing is wrong with."""
    return Order(
        id="A-1",
        placed_at=NOW,
        customer=Customer(id="C-7", email="ada@example.com"),
        lines=[OrderLine(id="1", sku="mug", quantity=2, unit_price=Decimal(10))],
        currency="EUR",
        ship_to=Address(name="Ada", street=["1 Main St"], city="Leeds", country="GB"),
        payments=[Payment(id="p1", amount=Decimal(20))],
    )


def test_every_outcome_is_listed() -> None:
    """The table of outcomes has each outcome once, in the sequence of the code."""
    assert column("outcomes-and-messages.md", "outcome") == [made.value for made in Outcome]


def test_every_kind_of_message_is_listed() -> None:
    """The table of kinds has each kind once, in the sequence of the code."""
    assert column("outcomes-and-messages.md", "kind") == [kind.value for kind in Kind]


def test_every_reason_for_a_short_is_listed() -> None:
    """The table of reasons has each reason once, in the sequence of the code."""
    assert column("outcomes-and-messages.md", "reason") == [each.value for each in ShortReason]


def test_every_part_of_a_line_is_listed() -> None:
    """The table of parts has each quantity of `LineStatus` that adds up to what was ordered."""
    named = [field.name for field in attrs.fields(LineStatus)]
    parts = [name for name in named if name not in {"line_id", "sku", "ordered", "expected_at"}]
    assert column("outcomes-and-messages.md", "part of `LineStatus`") == parts


def test_every_severity_is_listed() -> None:
    """The table of severities has each severity once, the mildest first."""
    assert column("findings.md", "severity") == [severity.name for severity in Severity]


def test_every_error_is_listed_with_what_it_is_and_carries() -> None:
    """The table of errors has each error once, with its other base and its attributes."""
    listed = [
        (row["error"].strip("`"), row["also a"].strip("`"), words(row["what it carries"]))
        for row in rows("errors.md", "error")
    ]
    assert listed == [
        (name, other_base(getattr(exceptions, name)), carried(getattr(exceptions, name)))
        for name in exceptions.__all__
    ]


def other_base(error: type[Exception]) -> str:
    """The built-in exception that an error is as well; empty if there is none."""
    return "".join(base.__name__ for base in error.__bases__ if base.__module__ == "builtins")


def carried(error: type[Exception]) -> set[str]:
    """The attributes that an error is made of."""
    own = vars(error).get("__init__")
    return set(inspect.signature(own).parameters) - {"self"} if own else set()


# -- What the table of outcomes says, on random runs -----------------------------------------------

OUTCOMES = {
    Outcome(row["outcome"].strip("`")): row for row in rows("outcomes-and-messages.md", "outcome")
}
AUDIENCES = {
    row["kind"].strip("`"): Audience(row["audience"])
    for row in rows("outcomes-and-messages.md", "kind")
}


def contradictions(decision: Decision, kinds: set[str]) -> list[str]:
    """What a decision and its messages have that the row of its outcome does not allow."""
    row = OUTCOMES[decision.outcome]
    ranked = "yes" if decision.rank is not None else "no"
    found = [] if ranked == row["rank"] else [f"rank: {decision.rank}"]
    return found + sorted(kinds - words(row["the default messages"]))


@given(batches())
def test_outcomes_have_the_ranks_and_messages_of_their_row(batch: Batch) -> None:
    """An outcome has a rank or none, as its row says, and makes only the messages it names, for
    the audience that is theirs.
    """
    result = process(batch.orders, batch.inventory, now=batch.now, facts=batch.facts)
    for decision in result.decisions:
        about = [made for made in result.notifications if made.order_id == decision.id]
        assert contradictions(decision, {str(made.kind) for made in about}) == []
        assert all(AUDIENCES[made.kind] is made.audience for made in about)


def test_a_contradiction_is_noticed() -> None:
    """A rank that should not be, and a message that the row does not name."""
    held = Decision(order=an_order(), outcome=Outcome.HELD, rank=0)
    assert contradictions(held, {"order.on_hold", "order.confirmed"}) == [
        "rank: 0",
        "order.confirmed",
    ]


def test_a_table_that_is_not_there_is_noticed() -> None:
    """A table is found by the heading of its first column, or it is an error."""
    page = "| a | b |\n|---|---|\n| `x` | 1 |\n"
    assert table(page, "a") == [{"a": "`x`", "b": "1"}]
    with pytest.raises(LookupError, match="'c'"):
        table(page, "c")
