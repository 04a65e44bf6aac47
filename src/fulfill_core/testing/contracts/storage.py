"""The contract of storages."""

from __future__ import annotations

from fulfill_core.testing.contracts.committing import CommitChecks
from fulfill_core.testing.contracts.loading import LoadChecks
from fulfill_core.testing.contracts.outbox import OutboxChecks
from fulfill_core.testing.contracts.suite import check_adapter


class StorageContract(LoadChecks, CommitChecks, OutboxChecks):
    """All that a `Storage` has to hold. Subclass it, and let pytest collect the subclass.

    Override ``open``, which gives a storage with some content, and ``contents``, the back door,
    which reads all of it past the storage. Where it differs: ``reopen``, ``close``,
    ``connections``, ``spoil``; ``capabilities`` for what it can't keep; ``resolve`` for one whose
    members are coroutines.

    >>> from fulfill_core.hosting import InMemoryStorage
    >>> from fulfill_core.testing import Contents
    >>> class TestShelf(StorageContract):
    ...     def open(self, inventory, records):
    ...         return InMemoryStorage(inventory, records)
    ...     def contents(self, storage):
    ...         return Contents(inventory=storage.inventory, records=storage.records.values(),
    ...                         unsent=storage.outbox, sent=storage.sent,
    ...                         decided=storage.decisions)
    """

    def test_it_has_all_members(self) -> None:
        """Each can be called as the loop calls it."""
        check_adapter(storage=self.begin())
