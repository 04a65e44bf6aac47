"""What the benchmark compares is the same record, and both ways are carried out."""

from __future__ import annotations

import documents

from fulfill_core.decisions import Audience


def test_the_records_are_those_of_a_shop() -> None:
    """After a run people were told something; later, parcels have left and money has moved."""
    after_run, shipped = documents.make(50, 1).values()
    assert any(record.told_to(Audience.CUSTOMER) for record in after_run)
    assert shipped != []
    for record in shipped:
        assert record.history.parcels != ()
        assert record.history.movements != ()


def test_each_way_is_measured_beside_json() -> None:
    """Writing and reading, of each kind of record, a pair of times for each round."""
    figures = list(documents.costs(20, 2, 1))
    assert [(name, kind) for name, kind, _ in figures] == [
        (name, kind) for kind in documents.KINDS for name in ("dumps", "loads")
    ]
    assert [len(pairs) for _, _, pairs in figures] == [2] * 4
