"""Floors are one-way: a wing imports only from floors below its own."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

from .house import FLOORS, PACKAGE, faults_in_all, imports_of, wing_of


def floor_faults(module: str, source: str) -> list[str]:
    """Imports that do not lead down; the modules of one wing may import each other."""
    wing = wing_of(module)
    if wing not in FLOORS:
        return [f"{module} has no floor"]
    faults: list[str] = []
    for origin, name in imports_of(module, source):
        if origin.partition(".")[0] != PACKAGE:
            continue
        target = name if origin == PACKAGE and name in FLOORS else wing_of(origin)
        if target not in FLOORS:
            faults.append(f"{module} imports {origin}, which has no floor")
        elif FLOORS[target] >= FLOORS[wing] and (target != wing or wing == PACKAGE):
            faults.append(f"{module} imports {target}, which is not below it")
    return faults


def test_a_wing_imports_only_from_floors_below_it() -> None:
    """Every module has a floor and imports only from floors below its own, and from its wing."""
    assert faults_in_all(floor_faults) == []


@pytest.mark.parametrize(
    ("module", "source"),
    [
        ("fulfill_core.orders.order", "from fulfill_core.pipeline.run import process"),
        ("fulfill_core.orders.order", "from ..pipeline import process"),
        ("fulfill_core.orders.order", "from .. import pipeline"),
        ("fulfill_core.orders.order", "from fulfill_core import pipeline"),
        ("fulfill_core.orders.order", "import fulfill_core.pipeline.run as pipeline"),
        ("fulfill_core.orders.order", "import fulfill_core"),
        ("fulfill_core.orders.order", "from fulfill_core import process"),
        ("fulfill_core.orders.order", "from fulfill_core._unheard_of import x"),
        ("fulfill_core.orders.order", "def f():\n    from fulfill_core.testing import orders"),
        (
            "fulfill_core.orders.order",
            "if TYPE_CHECKING:\n    from fulfill_core.records.facts import Facts",
        ),
        (
            "fulfill_core.orders.order",
            "try:\n    from fulfill_core import wire\nexcept E:\n    wire = 0",
        ),
        ("fulfill_core.priorities", "from fulfill_core.sourcing import by_rank"),
        ("fulfill_core.verifiers.contact", "from ..sourcing import by_rank"),
        ("fulfill_core._unheard_of", ""),
    ],
)
def test_an_import_that_does_not_lead_down_is_noticed(module: str, source: str) -> None:
    """Upwards, sideways, unknown; absolute, relative, in a function, for types only: all count."""
    assert len(floor_faults(module, source)) == 1


@pytest.mark.parametrize(
    ("module", "source"),
    [
        ("fulfill_core.verifiers.payment", "from fulfill_core.verifiers import contact"),
        ("fulfill_core.verifiers.payment", "from . import contact"),
        ("fulfill_core.verifiers", "from .contact import reachable"),
        ("fulfill_core.verifiers", "from ..protocols import Verifier"),
        ("fulfill_core.testing.laws", "from fulfill_core import process"),
        ("fulfill_core", "from fulfill_core.orders.order import Order"),
        ("fulfill_core.orders.order", "import attrs"),
    ],
)
def test_imports_within_a_wing_and_downwards_are_fine(module: str, source: str) -> None:
    """The modules of one wing may import each other, and anything below."""
    assert floor_faults(module, source) == []


def test_the_package_itself_imports_nothing_from_the_floors_above() -> None:
    """``import fulfill_core`` brings in no edge, no testing module and nothing of any extra."""
    code = "import sys, json, fulfill_core; print(json.dumps(sorted(sys.modules)))"
    run = subprocess.run(
        [sys.executable, "-I", "-c", code], check=True, capture_output=True, text=True
    )
    loaded: list[str] = json.loads(run.stdout)
    above = [
        name
        for name in loaded
        if name.startswith(f"{PACKAGE}.") and FLOORS[wing_of(name)] > FLOORS[PACKAGE]
    ]
    assert above == []
    extras = {"hypothesis", "cattrs", "jinja2", "babel", "sqlalchemy", "rich", "highspy"}
    assert sorted(extras & set(loaded)) == []
