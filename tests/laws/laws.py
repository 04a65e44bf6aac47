"""The laws of a run, as functions of the `process` that they hold to them.

Each takes the function under test first, so that the tests can feed the true one and a broken one
alike, then what hypothesis drew for it, and raises an AssertionError when the law is broken.
`CASES` says what each is to be fed with.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from hypothesis import strategies as st

from fulfill_core.testing import inventories, verifiers

from .one_run import (
    law_01_totality,
    law_02_line_conservation,
    law_03_no_oversell,
    law_04_single_truth,
    law_05_check_is_allocate,
    outcomes,
    ship_modes,
)
from .runs import COMMON, OF_STOCK, SEEDS, Law, stock_policies
from .several_runs import (
    law_06_determinism,
    law_07_nobody_is_hurt_from_behind,
    law_08_idempotence,
    law_09_shards,
    law_10_severity_only_grows,
    law_11_inverse,
    law_13_messages,
    shards,
)

CASES: Mapping[Law, tuple[st.SearchStrategy[Any], ...]] = {
    law_01_totality: COMMON,
    law_02_line_conservation: OF_STOCK,
    law_03_no_oversell: OF_STOCK,
    law_04_single_truth: OF_STOCK,
    law_05_check_is_allocate: OF_STOCK,
    law_06_determinism: (*OF_STOCK, SEEDS),
    law_07_nobody_is_hurt_from_behind: (*OF_STOCK, SEEDS),
    law_08_idempotence: OF_STOCK,
    law_09_shards: (shards(), stock_policies()),
    law_10_severity_only_grows: (*COMMON, verifiers()),
    law_11_inverse: OF_STOCK,
    law_13_messages: (*COMMON, inventories()),
    ship_modes: OF_STOCK,
    outcomes: OF_STOCK,
}
