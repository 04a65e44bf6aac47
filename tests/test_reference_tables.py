"""The tables of the reference say what the code does: every code, outcome, kind, reason and error.

A table is found by its page and the heading of its first column. A cell is compared without its
back ticks.
"""

from __future__ import annotations

import ast
import inspect
import re
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import NamedTuple

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
    Notification,
    Order,
    OrderLine,
    Outcome,
    Payment,
    Severity,
    ShortReason,
    exceptions,
    process,
)
from fulfill_core.decisions import LateReason, PromiseGap
from fulfill_core.decisions.finding import CONFLICTING_DUPLICATE
from fulfill_core.messages import samples
from fulfill_core.messages.language import COMMON
from fulfill_core.messages.languages import TEXTS_BY_LOCALE
from fulfill_core.messages.renderer import NAMES
from fulfill_core.testing import Batch, batches

PROJECT = Path(__file__).parents[1]
REFERENCE = PROJECT / "docs" / "reference"
HOSTS_OWN = {"people.py": ["code=self.code,"]}
"""Where a code is the host's own: in `Hold`."""
RENDERED = "rendered-messages.md"
AS_SET = ", or as set"
"""How the table says that a severity is a setting of the verifier."""
SEVERITY_OF = {"note": Severity.NOTE, "hold": Severity.HOLD, "reject": Severity.REJECT}
NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)


class Made(NamedTuple):
    """A finding as the source makes it: its code, what it weighs, and whether that is a setting."""

    code: str
    severity: Severity
    is_set: bool


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


def findings_in(source: str, constants: dict[str, object]) -> Iterator[Made]:
    """Every finding that is made by `note`, `hold`, `reject` or `Finding`.

    A code stands there, or the name of a constant. Where the severity is a setting, it is found by
    how that is done: the function in which the finding is made goes on to `attrs.evolve` its
    severity to something that does not stand there, or leaves that to a function which does.
    """
    tree = ast.parse(source)
    functions = [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)]
    weighing = {made.name for made in functions if any(map(is_evolve, ast.walk(made)))}
    as_set = {
        id(node)
        for made in functions
        if made.name in weighing
        or any(called(node) in weighing for node in ast.walk(made) if isinstance(node, ast.Call))
        for node in ast.walk(made)
    }
    for node in ast.walk(tree):
        if not (isinstance(node, ast.Call) and called(node) in {*SEVERITY_OF, "Finding"}):
            continue
        given = {keyword.arg: keyword.value for keyword in node.keywords}
        code = given.get("code", next(iter(node.args), None))
        if code is not None:
            name = constants[code.id] if isinstance(code, ast.Name) else ast.literal_eval(code)
            yield Made(str(name), weight(node, given), id(node) in as_set)


def look_like_codes(source: str, subjects: Iterable[str]) -> set[str]:
    """What stands in quotation marks and could be a code about one of the subjects."""
    code = re.compile(rf"(?:{'|'.join(subjects)})\.[a-z0-9_.]+")
    return {
        node.value
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.Constant)
        and isinstance(node.value, str)
        and code.fullmatch(node.value)
    }


def called(call: ast.Call) -> str:
    """The name of what is called, without what it belongs to; empty if it has none."""
    match call.func:
        case ast.Name(id=name) | ast.Attribute(attr=name):
            return name
        case _:
            return ""


def is_evolve(node: ast.AST) -> bool:
    """Whether it is a call ``attrs.evolve(finding, severity=...)`` with a severity that is set."""
    return (
        isinstance(node, ast.Call)
        and called(node) == "evolve"
        and ast.unparse(node.func) == "attrs.evolve"
        and any(
            keyword.arg == "severity" and not ast.unparse(keyword.value).startswith("Severity.")
            for keyword in node.keywords
        )
    )


def weight(call: ast.Call, given: dict[str | None, ast.expr]) -> Severity:
    """What a call makes a finding weigh: by its name, or by a severity that must stand there."""
    if called(call) in SEVERITY_OF:
        return SEVERITY_OF[called(call)]
    return Severity[ast.unparse(given["severity"]).removeprefix("Severity.")]


def all_findings() -> dict[str, str]:
    """The code of every finding that the library can make, its extras included, and how the table
    says what it weighs.
    """
    constants = vars(fulfill_core.decisions.finding)
    found: dict[str, set[Severity]] = {}
    as_set: set[str] = set()
    for path in sorted((PROJECT / "src" / "fulfill_core").rglob("*.py")):
        if "testing" in path.relative_to(PROJECT).parts:
            continue
        source = path.read_text("utf-8")
        for text in HOSTS_OWN.get(path.name, ()):
            assert text in source  # or the exception is none any more
            source = source.replace(text, "")
        for made in findings_in(source, constants):
            found.setdefault(made.code, set()).add(made.severity)
            as_set |= {made.code} if made.is_set else set()
    return {code: cell(weighs, is_set=code in as_set) for code, weighs in found.items()}


def cell(weighs: Iterable[Severity], *, is_set: bool) -> str:
    """How the table says what a finding weighs: the mildest first; whether that is a setting."""
    names = " or ".join(severity.name for severity in sorted(weighs))
    return f"{names}{AS_SET}" if is_set else names


# -- The tables ------------------------------------------------------------------------------------


def test_every_finding_is_listed_with_its_severity() -> None:
    """The table of findings has each code of the library once, sorted, and no other. One that may
    weigh this or that names all of it, the mildest first, and whether that is a setting.
    """
    listed = [(row["code"].strip("`"), row["severity"]) for row in rows("findings.md", "code")]
    assert listed == sorted(all_findings().items())


def seen_in(source: str) -> Iterator[tuple[str, bool, bool]]:
    """The code of every finding that says what it rests on: whether by evidence, by a measure."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Call) and called(node) in SEVERITY_OF:
            names = {keyword.arg for keyword in node.keywords}
            if names & {"evidence", "measure"}:
                code = ast.literal_eval(node.args[0])
                yield code, "evidence" in names, "measure" in names


def test_what_an_approval_knows_a_finding_by_is_listed() -> None:
    """The table has each code with evidence or a measure once, sorted, with a word for each."""
    paths = sorted((PROJECT / "src" / "fulfill_core").rglob("*.py"))
    sources = [path.read_text("utf-8") for path in paths if path.parent.name != "testing"]
    listed = [
        (row["finding"].strip("`"), row["evidence"] != "", row["measure"] != "")
        for row in rows("findings.md", "finding")
    ]
    assert listed == sorted({seen for source in sources for seen in seen_in(source)})


def test_evidence_is_found_in_the_source() -> None:
    """By its name, whatever is passed; a finding without is passed over."""
    source = """
yield hold("a.b", evidence="x")
note("c.d", measure=3, field="x")
reject("e.f", measure=number, evidence=text)
hold("g.h", detail="x")
other("i.j", evidence="x")
"""
    assert sorted(seen_in(source)) == [
        ("a.b", True, False),
        ("c.d", False, True),
        ("e.f", True, True),
    ]


def test_a_finding_is_found_in_the_source() -> None:
    """A code is read off as it stands, or by the name of its constant; other calls are not."""
    source = """
yield hold("a.b")
note(CODE, field="x")
reject(code="g.h")
Finding(code="i.j", severity=Severity.HOLD)
other("c.d")
hold()
"""
    assert sorted(findings_in(source, {"CODE": "e.f"})) == [
        ("a.b", Severity.HOLD, False),
        ("e.f", Severity.NOTE, False),
        ("g.h", Severity.REJECT, False),
        ("i.j", Severity.HOLD, False),
    ]


def test_a_severity_that_is_a_setting_is_found_in_the_source() -> None:
    """Whether a function changes the severity of what it makes itself, or lets another one do it;
    one that makes it weigh what stands there has no setting.
    """
    source = """
def weighing(finding, severity):
    return attrs.evolve(finding, severity=severity)

def by_another():
    return weighing(hold("a.b"), SEVERITY)

def by_itself(self):
    found = hold("c.d")
    return attrs.evolve(found, severity=self.severity)

def fixed():
    return attrs.evolve(hold("e.f"), severity=Severity.NOTE)
"""
    assert sorted(findings_in(source, {})) == [
        ("a.b", Severity.HOLD, True),
        ("c.d", Severity.HOLD, True),
        ("e.f", Severity.HOLD, False),
    ]


def test_no_code_is_made_in_a_way_that_is_not_noticed() -> None:
    """Whatever looks like a code in a verifier, by what the codes are about, is in the table."""
    listed = set(column("findings.md", "code"))
    subjects = {code.partition(".")[0] for code in listed}
    paths = sorted((PROJECT / "src" / "fulfill_core" / "verifiers").rglob("*.py"))
    seen = set().union(*[look_like_codes(path.read_text("utf-8"), subjects) for path in paths])
    fields = {f"customer.{field.name}" for field in attrs.fields(Customer)}
    assert seen - listed - fields == set()
    assert look_like_codes('make["a.b"]("c.d"), "a.b.", "a.", "xa.b"', {"a"}) == {"a.b", "a.b."}


@pytest.mark.parametrize(
    "source",
    [
        'hold(f"a.{b}")',
        "hold(unknown)",
        'note("a." + b)',
        'Finding(code="a.b", severity=severity)',
        "Finding(code=self.code, severity=Severity.HOLD)",
    ],
)
def test_a_finding_that_cannot_be_read_off_is_noticed(source: str) -> None:
    """What is put together at run time can't be held to a table, so it is not let pass."""
    with pytest.raises((KeyError, ValueError)):
        list(findings_in(source, {}))


@pytest.mark.parametrize("row", rows("findings.md", "code"), ids=lambda row: row["code"])
def test_who_hears_of_a_finding(row: dict[str, str]) -> None:
    """An order with this finding alone makes the messages of its row, beside its confirmation; if
    it may weigh this or that, the row names all that may be said.
    """
    told: set[tuple[str, Audience]] = set()
    for name in row["severity"].removesuffix(AS_SET).split(" or "):
        found = Finding(code=row["code"].strip("`"), severity=Severity[name])
        told |= {(str(message.kind), message.audience) for message in messages_about(found)}
    expected = {(kind, Audience.CUSTOMER) for kind in words(row["customer hears"])}
    expected |= {(kind, Audience.STAFF) for kind in words(row["staff hears"])}
    assert told - {("order.confirmed", Audience.CUSTOMER)} == expected


def messages_about(found: Finding) -> Iterable[Notification]:
    """What is said of an order about which nothing else was found."""

    def finds(order: Order, /, *, context: Context) -> Iterable[Finding]:
        return (found,)

    order = an_order()
    batch, verifiers = [order], [finds]
    if found.code == CONFLICTING_DUPLICATE:
        batch, verifiers = [order, attrs.evolve(order, channel="another")], []
    stock = Inventory.of({("mug", "x"): 9})
    return process(batch, stock, now=NOW, verifiers=verifiers).notifications


def an_order() -> Order:
    """An order that nothing is wrong with."""
    return Order(
        id="A-1",
        placed_at=NOW - timedelta(days=1),  # the staff hears of a machine that does not answer
        customer=Customer(id="C-7", email="ada@example.com"),
        lines=[OrderLine(id="1", sku="mug", quantity=2, unit_price=Decimal(10))],
        currency="EUR",
        ship_to=Address(
            name="Ada", street=["1 Main St"], city="Leeds", postal_code="LS1 4AP", country="GB"
        ),
        payments=[Payment(id="p1", amount=Decimal(20))],
    )


def test_every_outcome_is_listed() -> None:
    """The table of outcomes has each outcome once, in the sequence of the code."""
    assert column("outcomes-and-messages.md", "outcome") == [made.value for made in Outcome]


def test_every_kind_of_message_is_listed() -> None:
    """The table of kinds has each kind once, in the sequence of the code."""
    assert column("outcomes-and-messages.md", "kind") == [kind.value for kind in Kind]


def test_every_message_of_an_outcome_has_a_sample() -> None:
    """Whatever a customer may be told of an outcome can be looked at."""
    to_customers = {
        row["kind"].strip("`")
        for row in rows("outcomes-and-messages.md", "kind")
        if row["audience"] == "customer"
    }
    expected = {
        (row["outcome"].strip("`"), kind)
        for row in rows("outcomes-and-messages.md", "outcome")
        for kind in words(row["the default messages"]) & to_customers
    }
    shown = {(str(each.outcome), str(each.notification.kind)) for each in samples("en")}
    assert sorted(expected - shown) == []


def test_every_text_of_a_language_is_listed() -> None:
    """With the English one; but for those of kinds and plurals, which have a rule."""
    listed = {row["text"].strip("`"): row["English"] for row in rows(RENDERED, "text")}
    assert listed == {key: TEXTS_BY_LOCALE["en"][key] for key in COMMON}


def test_every_name_that_a_template_may_use_is_listed() -> None:
    """And no other."""
    assert column(RENDERED, "name") == sorted(NAMES)


def test_every_reason_for_a_short_is_listed() -> None:
    """The table of reasons has each reason once, in the sequence of the code."""
    assert column("outcomes-and-messages.md", "reason") == [each.value for each in ShortReason]


def test_every_gap_and_every_reason_to_be_late_is_listed() -> None:
    """The tables have each once, in the sequence of the code."""
    assert column("outcomes-and-messages.md", "gap") == [each.value for each in PromiseGap]
    assert column("outcomes-and-messages.md", "late reason") == [each.value for each in LateReason]


def test_every_part_of_a_line_is_listed() -> None:
    """The table of parts has each quantity of `LineStatus` that adds up to what is open."""
    named = [field.name for field in attrs.fields(LineStatus)]
    whole = {"line_id", "sku", "ordered", "expected_at", "cancelled", "shipped", "reopened"}
    parts = [name for name in named if name not in whole]
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
