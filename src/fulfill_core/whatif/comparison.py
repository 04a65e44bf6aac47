"""`compare`: the same orders under several settings, side by side, before a customer sees it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from typing import Any

import attrs

from fulfill_core import _checks
from fulfill_core.exceptions import by_number
from fulfill_core.inventory.inventory import Inventory
from fulfill_core.orders.order import Order
from fulfill_core.pipeline.result import Result
from fulfill_core.pipeline.run import Runs
from fulfill_core.pipeline.settings import Settings, settings_of
from fulfill_core.protocols import ProgressFunction, RunStage
from fulfill_core.protocols.reporting import check_progress
from fulfill_core.records.order_record import OrderRecord
from fulfill_core.whatif import page, tables
from fulfill_core.whatif.differences import Contrast, Difference, UnitShift, contrast_of
from fulfill_core.whatif.figures import Figures, figures_of
from fulfill_core.whatif.standing import standings_of


@attrs.frozen(kw_only=True, weakref_slot=False)
class Trial:
    """One of the settings that were compared, and what came of it.

    Args:
        name: what the caller calls the settings.
        settings: the settings.
        result: what `process` made of the orders under them.

    >>> from datetime import timezone
    >>> now = datetime(2026, 3, 2, tzinfo=timezone.utc)
    >>> compare([], Inventory(), {"today": {}}, now=now).trials[0].name
    'today'
    """

    name: str
    settings: Settings
    result: Result


@attrs.frozen(kw_only=True, weakref_slot=False, repr=False)
class Comparison:
    """What came of the same orders and stock under several settings; `compare` makes it.

    It keeps the results; all else is worked out when it is asked for, each time. `str` is a table
    of the figures, `to_html` a page. ``comparison["gold first"]`` is the result of a run, for
    `fulfill_core.explain` and all else that takes one.

    Args:
        trials: one per settings, in the sequence in which they were passed. The first one is what
            the others are compared with.

    >>> from datetime import timezone
    >>> now = datetime(2026, 3, 2, tzinfo=timezone.utc)
    >>> comparison = compare([], Inventory(), {"today": {}, "all": {"whole": True}}, now=now)
    >>> comparison, comparison["all"].decisions, comparison.differences
    (<Comparison: 0 orders under 'today', 'all'>, Decisions(), ())
    """

    trials: tuple[Trial, ...]

    def __getitem__(self, name: str) -> Result:
        """The result under the settings of this name.

        Raises:
            InvalidValueError: there are none of this name.
        """
        for trial in self.trials:
            if trial.name == name:
                return trial.result
        names = ", ".join(map(repr, self.names))
        raise _checks.refuse("Comparison", name, f"is no name of settings; there are {names}")

    # By its names it would be a mapping of results, by position a sequence of trials.
    __iter__ = None
    __contains__ = None

    @property
    def names(self) -> tuple[str, ...]:
        """The names of the settings, in the sequence in which they were passed."""
        return tuple([trial.name for trial in self.trials])

    @property
    def figures(self) -> tuple[Figures, ...]:
        """The figures of each run."""
        return figures_of([(trial.name, trial.result) for trial in self.trials])

    @property
    def shifts(self) -> tuple[UnitShift, ...]:
        """Which order has units that another one has under the first settings, by SKU."""
        return tuple([shift for contrast in self._contrasts() for shift in contrast.shifts])

    @property
    def differences(self) -> tuple[Difference, ...]:
        """The orders that come out otherwise than under the first settings, and why.

        By settings; those of one go by rank, orders outside the queue last.
        """
        return tuple(
            [each for contrast in self._contrasts() for each in contrast.differences()],
        )

    def _contrasts(self) -> Iterator[Contrast]:
        """How all settings but the first differ from those."""
        first, *further_trials = self.trials
        for trial in further_trials:
            yield contrast_of(trial.name, first.result, trial.result)

    def rows(self) -> list[dict[str, Any]]:
        """One plain dict per order and settings, as for ``pandas.DataFrame(comparison.rows())``."""
        return [
            tables.order_row(trial.name, standing)
            for trial in self.trials
            for standing in standings_of(trial.result)
        ]

    def figure_rows(self) -> list[dict[str, Any]]:
        """One plain dict per settings and group: all orders, each tier, each channel."""
        return [row for figures in self.figures for row in tables.figure_rows(figures)]

    def to_html(self, *, title: str = "What if") -> str:
        """One page that stands for itself: tables and plots, without a script, a font or a link.

        It lists the orders that differ as long as it stays small, and says how many it leaves out.

        Args:
            title: its heading.
        """
        _checks.check_text("title", title)
        contrasts = list(self._contrasts())
        return page.page_of(
            title,
            self.figures,
            [each for contrast in contrasts for each in contrast.differences()],
            [shift for contrast in contrasts for shift in contrast.shifts],
        )

    def __str__(self) -> str:
        return tables.text_of(self.names, tables.figure_table(self.figures))

    def _repr_html_(self) -> str:
        """What a notebook shows: the table of the figures."""
        return page.figures_table(self.names, tables.figure_table(self.figures))

    def __repr__(self) -> str:
        orders = len(self.trials[0].result.decisions)
        names = ", ".join(map(repr, self.names))
        return f"<Comparison: {orders} {by_number(orders, 'order', 'orders')} under {names}>"


def compare(
    orders: Iterable[Order | OrderRecord],
    inventory: Inventory,
    settings: Mapping[str, Mapping[str, Any]],
    *,
    now: datetime,
    progress: ProgressFunction | None = None,
) -> Comparison:
    """Run the same orders on the same stock under several settings, to see what differs and why.

    What comes of each is what `process` returns. What some of the settings have in common is done
    once: the orders are verified anew only by other verifiers (`verifiers`, ``facts``,
    ``reservation_window`` or ``map`` are not the same objects), and ranked anew only by another
    priority. So verifiers and policies have to answer the same whenever they are asked, as in any
    run.

    Args:
        orders: `Order` and `OrderRecord` values, mixed, as for `process`.
        inventory: the stock before each run.
        settings: by the names that they are to have, `Settings` or any other mapping of what
            `process` takes; one at least. The first are those that the others are compared with.
        now: the caller's time, aware.
        progress: is told how far all of it is, as by `process`: less than a hundred times per run.

    Raises:
        InvalidValueError: there are no settings, some do not fit (the path names them), or what
            `process` refuses.
        PluginError: a policy raised or broke its contract. What any of the runs raises has a note
            that says under which settings.

    >>> from datetime import timezone
    >>> from fulfill_core import Customer, OrderLine
    >>> from fulfill_core.priorities import customer_tier, oldest_first
    >>> now = datetime(2026, 3, 2, tzinfo=timezone.utc)
    >>> orders = [
    ...     Order(id=order_id, placed_at=now, customer=Customer(id=order_id, tier=tier),
    ...           lines=[OrderLine(id="1", sku="mug", quantity=2)], currency="EUR")
    ...     for order_id, tier in (("A-1", "standard"), ("A-2", "gold"))
    ... ]
    >>> today = Settings(verifiers=[], priority=oldest_first)
    >>> gold = Settings(verifiers=[], priority=customer_tier("gold"))
    >>> stock = Inventory.of({("mug", "berlin"): 2})
    >>> comparison = compare(orders, stock, {"today": today, "gold first": gold}, now=now)
    >>> for difference in comparison.differences:
    ...     print(difference.order_id, *difference.reasons)
    A-2 It is number 1 in the queue, not number 2. It has 2 of mug more; before with A-1.
    A-1 It is number 2 in the queue, not number 1. It has 2 of mug fewer; now with A-2. Line 1 is \
short: out_of_stock.
    """
    if progress is not None:
        check_progress(progress)
    settings_by_name = to_settings(settings)
    runs = Runs(orders, inventory, now)
    trials: list[Trial] = []
    for position, (name, each) in enumerate(settings_by_name):
        try:
            result = runs.run(each, _part_of(progress, position, len(settings)))
        except Exception as error:
            error.add_note(f"Under the settings {name!r}.")
            raise
        trials.append(Trial(name=name, settings=each, result=result))
    return Comparison(trials=tuple(trials))


def to_settings(settings: Mapping[str, Mapping[str, Any]]) -> list[tuple[str, Settings]]:
    """All settings, by name: what does not fit is refused before the first run."""
    _checks.check_mapping("settings", settings, "settings by their names")
    if not settings:
        raise _checks.refuse("settings", settings, "is empty; pass one at least, by its name")
    pairs: list[tuple[str, Settings]] = []
    for name, each in settings.items():
        _checks.check_id("settings", name)
        pairs.append((name, settings_of(f"settings[{name!r}]", each)))
    return pairs


def _part_of(
    progress: ProgressFunction | None, position: int, count: int
) -> ProgressFunction | None:
    """Tells a function of one of several runs as a part of the whole."""
    if progress is None:
        return None

    def tell(stage: RunStage, share: float, /) -> object:
        return progress(stage, (position + share) / count)

    return tell
