"""Phone numbers by the numbering plans that `phonenumbers` publishes with its tests.

Those plans are made up: they have the Bahamas, and no Switzerland. They are code of that package
and no part of this project. To see that our verdict is the package's own by them too, unpack its
source distribution, of the version that is installed, and name the folder:

    python tests/numbering_plans.py FOLDER

It prints nothing and exits with 0 if the verdicts agree.
"""

from __future__ import annotations

import importlib
import sys
import types
from pathlib import Path

HERE = Path(__file__).resolve().parent


def main(folder: str) -> None:
    """Put the plans in the place of the real ones, and compare the verdicts on all numbers."""
    plans = min(Path(folder).rglob("testmetadatatest.py"))
    tests = types.ModuleType("tests")  # not its own: that imports what the lite package lacks
    tests.__path__ = [str(plans.parent)]
    sys.modules["tests"] = tests
    importlib.import_module("tests.testmetadatatest").insert_test_metadata()
    sys.path.insert(0, str(HERE / "unit"))
    published = importlib.import_module("test_contact_published")
    for number, verdict in (("+1 242 365 1234", "+12423651234"), ("+41 44 668 18 00", "refused")):
        if published.our_phone(number, "") != verdict:
            sys.exit(f"{number} is not judged by the plans in {plans.parent}")
    if differing := published.disagreements():
        sys.exit(f"other verdicts than the package's: {differing}")


if __name__ == "__main__":
    main(*sys.argv[1:])
