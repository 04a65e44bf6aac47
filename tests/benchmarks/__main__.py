"""What `process` costs beside others that do the same job: ``python tests/benchmarks``.

The honest peer is what an engineer writes in an afternoon for one shop: frozen dataclasses, rules
as functions. The bare loop is one function on tuples and dicts. Both give the same answer. The
barest loop only decides, in whole cents: it has no messages, no reasons, no stock afterwards.

Each side runs in a process of its own that holds nothing but its own inputs, as a host would; they
take turns, so that whatever else the machine does hits all. The garbage collector is as Python
ships it. Ratios are what counts: times are of the machine that this runs on.
"""

from __future__ import annotations

import argparse
import gc
import math
import os
import platform
import statistics
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import chain

import comparing
import documents
import formats
import jobs
import odd_days
import parcels
import paths
import planning
import queues
import sides
import spreading
import stages
import starting
import steps
import storing
import taking
import workload

LIBRARY, BARE, PEER, BAREST, PLAIN, PLAIN_PEER, RULED, RULELESS, PROMISED = sides.SIDES
HEADINGS = ("what", "size", "process()", "beside it", "ratio", "min - max", "n", "bar")


# -- Sections ----------------------------------------------------------------------------------


def ratio(sizes: Iterable[int], repeats: int, seed: int) -> Iterator[tuple[str, ...]]:
    """`process` beside three others, turn by turn; the median of the ratios of neighbours.

    Beside the honest peer everything is asked for, once: decisions, messages and their ids, stock;
    and `wake_at`, which the peer does not have. Beside the loops it runs alone.
    """
    for size in sizes:
        rounds = repeats * 3 if size <= 10_000 else repeats
        with jobs.workers(size, seed, (LIBRARY, PEER, BARE, BAREST)) as all_sides:
            everything = [_counted(all_sides[:3], size) for _ in range(rounds)]
            alone = [[each.measure("alone")[0] / size for each in all_sides] for _ in range(rounds)]
        batch = f"{size:,} orders"
        bars = {10_000: "1.5", 100_000: "1.3"}
        pairs = [(mine, peer) for mine, peer, _ in everything]
        yield _compared("all, to the peer", batch, pairs, _micro, bars.get(size, ""))
        pairs = [(mine, bare) for mine, _, bare in everything]
        yield _compared("all, to the bare loop", batch, pairs, _micro, "")
        pairs = [(mine, peer) for mine, peer, _, _ in alone]
        yield _compared("alone, to the peer", batch, pairs, _micro, "")
        pairs = [(mine, bare) for mine, _, bare, _ in alone]
        yield _compared("alone, to the bare loop", batch, pairs, _micro, "1.8")
        pairs = [(mine, barest) for mine, _, _, barest in alone]
        yield _compared("alone, to the barest loop", batch, pairs, _micro, "")
        with jobs.workers(size, seed, (PLAIN, PLAIN_PEER)) as plain_sides:
            turns = [_counted(plain_sides, size) for _ in range(rounds)]
        pairs = [(mine, peer) for mine, peer in turns]
        yield _compared("a plain day, all, to the peer", batch, pairs, _micro, bars.get(size, ""))


def _counted(all_sides: Sequence[jobs.Worker], size: int) -> list[float]:
    """Seconds per order of each side, everything asked for; all have to count the same."""
    figures = [each.measure() for each in all_sides]
    counts = {count for _, count in figures}
    if len(counts) > 1:
        _fail([f"at {size} orders the sides count {counts}"])
    return [seconds / size for seconds, _ in figures]


def by_stage(size: int, repeats: int, seed: int) -> Iterator[tuple[str, ...]]:
    """Where the time of a run goes, and what it takes to ask for everything after it."""
    rows = jobs.in_own_process(stages.seconds, size, seed, repeats)
    for what, figures in rows.items():
        per_order = [seconds / size for seconds in figures]
        yield _alone(f"... {what}", f"{size:,} orders", per_order, _micro)


def rules(sizes: Iterable[int], repeats: int, seed: int) -> Iterator[tuple[str, ...]]:
    """The same where every order uses every rule once; the bare loop has the lines without them."""
    for size in sizes:
        with jobs.workers(size, seed, (RULED, RULELESS)) as (mine, theirs):
            pairs = [
                (mine.measure()[0] / size, theirs.measure()[0] / size) for _ in range(repeats * 3)
            ]
        yield _compared("every rule once", f"{size:,} orders", pairs, _micro, "5.0")


def promises(size: int, repeats: int, seed: int) -> Iterator[tuple[str, ...]]:
    """A run with promises (first column) beside one without, alone and with all asked for."""
    with jobs.workers(size, seed, (PROMISED, LIBRARY)) as (mine, theirs):
        for what, job in (("promises, alone", "alone"), ("... all asked for", "time")):
            pairs = [
                (mine.measure(job)[0] / size, theirs.measure(job)[0] / size)
                for _ in range(repeats * 3)
            ]
            yield _compared(what, f"{size:,} orders", pairs, _micro, "1.8")


def memory(size: int, seed: int) -> Iterator[tuple[str, ...]]:
    """What is allocated without the inputs: the peak of a run, and what its answer keeps."""
    for what, job, bar in (
        ("peak memory, all asked for", "memory", "2.0"),
        ("memory kept, run alone", "kept alone", ""),
        ("memory kept, all asked for", "kept", ""),
    ):
        with jobs.workers(size, seed, (LIBRARY, PEER)) as (mine, theirs):
            pairs = [(mine.measure(job)[0] / size, theirs.measure(job)[0] / size)]
        yield _compared(what, f"{size:,} orders", pairs, _bytes, bar)


def growth(sizes: Sequence[int], repeats: int, seed: int) -> Iterator[tuple[str, ...]]:
    """The exponent of the time of `process` in the number of orders, between the ends."""
    times: dict[int, list[float]] = {}
    for size in sizes:
        with jobs.workers(size, seed, (LIBRARY,)) as (mine,):
            times[size] = [mine.measure()[0] for _ in range(repeats)]
        per_order = [seconds / size for seconds in times[size]]
        yield _alone("growth", f"{size:,} orders", per_order, _micro)
    first, last = sizes[0], sizes[-1]
    steps = math.log(last / first)
    exponent = math.log(statistics.median(times[last]) / statistics.median(times[first])) / steps
    low = math.log(min(times[last]) / max(times[first])) / steps
    high = math.log(max(times[last]) / min(times[first])) / steps
    span = f"{low:.3f} - {high:.3f}"
    yield ("growth exponent", f"{first:,} to {last:,}", "", "", f"{exponent:.3f}", span,
           str(repeats), "1.03")  # fmt: skip


def steps_taken(repeats: int) -> Iterator[tuple[str, ...]]:
    """What each event of an order's life costs, and how large its record is after many of them."""
    bars = {steps.GOODS: "60 us", steps.MONEY: "25 us"}
    for (about, name), times in jobs.in_own_process(steps.seconds, repeats).items():
        yield _alone(f"{about}: {name}", "3 lines", times, _micro, bar=bars[about])
    for count in (50, 200):
        size = float(len(steps.as_json(steps.long_life(count))))
        bar = "25 kB" if count == 200 else ""
        yield _alone("a record as JSON", f"{count} events", [size], _bytes, bar=bar)


def many_of_one(repeats: int) -> Iterator[tuple[str, ...]]:
    """Paths on which one thing has many: each at three sizes, with its exponent at the last."""
    yield from _grown(paths.PATHS, paths.growth_of, repeats)


def odd(repeats: int) -> Iterator[tuple[str, ...]]:
    """Days that are odd as a whole, each at three sizes, with everything asked for."""
    yield from _grown(odd_days.DAYS, odd_days.growth_of, repeats)


def _grown(
    table: Iterable[paths.Path],
    growth_of: Callable[[int, int], tuple[list[float], float]],
    repeats: int,
) -> Iterator[tuple[str, ...]]:
    for number, path in enumerate(table):
        times, exponent = jobs.in_own_process(growth_of, number, repeats)
        for size, seconds in zip(path.sizes, times, strict=True):
            is_last = size == path.sizes[-1]
            yield (path.name, f"{size:,}", _seconds(seconds), "",
                   f"{exponent:.2f}" if is_last else "", "", str(repeats),
                   f"{path.bar}" if is_last else "")  # fmt: skip


def one(sizes: Sequence[int], repeats: int) -> Iterator[tuple[str, ...]]:
    """One order of three lines against ever larger inventories, and a chain of such runs."""
    base: list[float] = []
    for size in sizes:
        single, chain, slowest = jobs.in_own_process(jobs.one_order, size, repeats)
        base = base or [statistics.median(single), statistics.median(chain)]
        for what, times, to in (
            ("one order", single, base[0]),
            (f"... chain of {jobs.CHAIN:,}", chain, base[1]),
        ):
            bar = "3.0" if size == max(sizes) else ""
            yield _alone(what, f"{size:,} SKUs", times, _micro, statistics.median(times) / to, bar)
        yield ("... slowest of the chain", f"{size:,} SKUs", _micro(slowest), *[""] * 5)


def construct(sizes: Iterable[int], repeats: int, seed: int) -> Iterator[tuple[str, ...]]:
    """Making and checking the `Order` values, which is the host's part of the cost."""
    for size in sizes:
        times = jobs.in_own_process(jobs.construct, size, repeats, seed)
        yield _alone("making the orders", f"{size:,} orders", times, _micro)


def checks(size: int, repeats: int) -> Iterator[tuple[str, ...]]:
    """E-mail, phone and address checked, beside a run without, and spread over processes."""
    figures = jobs.in_own_process(formats.costs, size, repeats)
    base = statistics.median(figures["without"])
    yield _alone("without checks of form", f"{size:,} orders", figures.pop("without"), _micro, 1.0)
    for name, times in figures.items():
        to_base = statistics.median(times) / base
        yield _alone(f"... {name}", f"{size:,} orders", times, _micro, to_base)
    cores = os.cpu_count() or 1
    alone, several = formats.in_parallel(size, repeats, cores)
    to_alone = statistics.median(several) / statistics.median(alone)
    yield _alone("... by the clock, 1 process", f"{size:,} orders", alone, _micro, 1.0)
    yield _alone(f"... {cores} by map=", f"{size:,} orders", several, _micro, to_alone)


def spread(size: int, repeats: int, seed: int) -> Iterator[tuple[str, ...]]:
    """Two processes by ``map=`` (first column) beside one (second), by what a rule costs."""
    bars = {100: "0.75", 1_000: "0.6"}
    for cost, pairs in spreading.costs(size, repeats, seed):
        what = f"map, a rule of {cost:,} us"
        yield _compared(what, f"{size:,} orders", pairs, _micro, bars.get(cost, ""))


def cluster(size: int, repeats: int, seed: int) -> Iterator[tuple[str, ...]]:
    """A cluster of two workers (first column) beside one process (second), by the clock."""
    if not spreading.has_cluster():
        yield ("(no cluster: distributed,", "of the extra `dask`", "is missing)", *[""] * 5)
        return
    bars = {"reckons for 1,000 us": "0.6"}
    for what, pairs in spreading.costs_on_cluster(size, repeats, seed):
        bar = bars.get(what, "")
        yield _compared(f"cluster, {what}", f"{size:,} orders", pairs, _micro, bar)


def what_if(size: int, repeats: int, seed: int) -> Iterator[tuple[str, ...]]:
    """Two settings compared, with figures, beside one and beside a run alone; and their page."""
    times, page = jobs.in_own_process(comparing.costs, size, repeats, seed)
    batch = f"{size:,} orders"
    for what, other, bar in (
        ("two settings, to one", "one", "2.2"),
        ("... to a run alone", "run", ""),
    ):
        pairs = [
            (mine / size, theirs / size)
            for mine, theirs in zip(times["two"], times[other], strict=True)
        ]
        yield _compared(what, batch, pairs, _micro, bar)
    yield _alone("... and their page, all of it", batch, times["page"], _seconds, bar="2 s")
    yield ("... its size", batch, _bytes(page), *[""] * 4, "1 MB")


def start(repeats: int) -> Iterator[tuple[str, ...]]:
    """Importing the library (first column) beside importing attrs and dateutil (second)."""
    pairs = starting.imports(repeats * 3)
    yield _compared("import, to attrs + dateutil", "", pairs, _milli, "2.5")


def wire(size: int, repeats: int, seed: int) -> Iterator[tuple[str, ...]]:
    """Records as JSON (first column) beside `json` with the same plain dicts (second)."""
    bars = {"dumps": "3.0", "loads": "12.0"}
    for name, kind, pairs in jobs.in_own_process(documents.all_costs, size, repeats, seed):
        yield _compared(f"{name}, to json", kind, pairs, _micro, bars[name])


def storage(skus: int, repeats: int) -> Iterator[tuple[str, ...]]:
    """A checkout beside its statements by hand; the loop (first column) beside plain SQL."""
    figures = jobs.in_own_process(storing.checkouts, skus, repeats * 20)
    for what, pairs in figures.items():
        bar = "2.0" if what == storing.BY_HAND else ""
        yield _compared(what, f"{skus:,} SKUs", pairs, _micro, bar)
    for name in storing.databases():
        for size in (1, 100, 1_000):
            rounds = repeats * 6 if size == 1 else repeats
            pairs = jobs.in_own_process(storing.batches, name, size, rounds)
            yield _compared(f"{name}, to plain SQL", f"{size:,} orders", pairs, _micro, "")


def optimal(sizes: Iterable[int], repeats: int, seed: int) -> Iterator[tuple[str, ...]]:
    """What is filled by the best plan (first column) and in rank order (second), and the time."""
    for size in sizes:
        figures = jobs.in_own_process(planning.compare, size, repeats, seed, 60.0)
        for weight, each in figures.items():
            worth, rank = f"{each.best:,.0f}", f"{each.greedy:,.0f}"
            to_rank = f"{each.best / each.greedy:.3f}"
            gap = f"gap {each.gap:.3%}"
            name = f"filled, by {weight}"
            yield (name, f"{size:,} orders", worth, rank, to_rank, gap, str(repeats), "")
            pairs = list(zip(each.seconds, each.greedy_seconds, strict=True))
            yield _compared("... the run", f"{size:,} orders", pairs, _seconds, "")


def priorities(size: int, repeats: int, seed: int) -> Iterator[tuple[str, ...]]:
    """Runs by other priority policies, beside the default one."""
    figures = jobs.in_own_process(queues.costs, size, repeats, seed)
    base = statistics.median(figures["default"])
    for name, times in figures.items():
        bar = "" if name in {"default", "three in sequence"} else "1.5"
        to_base = statistics.median(times) / base
        yield _alone(f"queue: {name}", f"{size:,} orders", times, _micro, to_base, bar)


def reallocation(sizes: Sequence[int], repeats: int, seed: int) -> Iterator[tuple[str, ...]]:
    """Runs in which orders take from each other, beside the same without; and how that grows."""
    figures = {size: jobs.in_own_process(taking.costs, size, repeats, seed) for size in sizes}
    for each in figures.values():
        pairs = list(zip(each.taking, each.alone, strict=True))
        what = f"taking, {each.losses:,} losses"
        yield _compared(what, f"{each.held:,} held", pairs, _micro, "")
    first, last = (figures[size] for size in (sizes[0], sizes[-1]))
    steps = math.log(last.held / first.held)
    times = statistics.median(last.taking) / statistics.median(first.taking)
    yield ("... growth exponent", f"{first.held:,} to {last.held:,}", "", "",
           f"{1 + math.log(times) / steps:.3f}", "", str(repeats), "1.12")  # fmt: skip


def shipments(orders: int) -> Iterator[tuple[str, ...]]:
    """One call of a policy that looks for the fewest shipments, at 20 locations and 10 lines."""
    for share in (0.2, 0.35, 0.5):
        for name in ("fewest_shipments", "... leaving_most"):
            policy = parcels.SOURCING[name]
            times = parcels.calls(policy, places=20, lines=10, share=share, orders=orders)
            yield _alone(name, f"{share:.0%} of 20 x 10", times, _micro, bar="1 ms")


def parcels_made(size: int, repeats: int, seed: int, limit: float) -> Iterator[tuple[str, ...]]:
    """The parcels of a day by sourcing policy, as ratios to what is proven, and what it costs."""
    for everywhere in (True, False):
        day = parcels.make(size, everywhere=everywhere, seed=seed)
        stocked = "SKUs in 5 of 5" if everywhere else "SKUs in 1 to 5"
        inventory = day.inventory()
        results = {
            name: parcels.run(day, inventory, policy) for name, policy in parcels.SOURCING.items()
        }
        units, *others = [parcels.filled(result) for result in results.values()]
        if others != [units] * len(others):
            _fail(["an order gets more by one policy than by another"])
        made = {name: parcels.parcels(result) for name, result in results.items()}
        least = parcels.bound(day, units, limit) if parcels.is_there() else None
        count = sum(sum(got.values()) for got in units.values())
        for name, parcels_ in made.items():
            over = "" if least is None else f"{parcels_ / least.proven:.3f}"
            bar = "1.05" if name == "... leaving_most" else ""
            yield (name, stocked, f"{parcels_:,}", "", over, f"{count:,} units", "", bar)
        if least is None:
            yield ("(no bound: highspy, of the", "extra `optimize`,", "is missing)", *[""] * 5)
        else:
            best = min(*made.values(), round(least.found))
            gap = f"best known {best / least.proven - 1:.1%} up"
            yield ("... proven bound", f"in {least.seconds:.0f} s", f"{least.proven:,.0f}", "",
                   "1.000", gap, "", "")  # fmt: skip
        for bare in (False, True):
            what = "cost of allocation" if bare else "cost of a run"
            turns = parcels.seconds(day, parcels.SOURCING.values(), repeats * 3, bare=bare)
            for column in range(len(made)):
                ratios = [turn[column] / turn[0] for turn in turns]
                times = [turn[column] for turn in turns]
                bar = "2.0" if column == len(made) - 1 else ""
                yield _alone(f"{what}, {column + 1}", stocked, times, _micro,
                             statistics.median(ratios), bar)  # fmt: skip


# -- The table -----------------------------------------------------------------------------------


def _micro(seconds: float) -> str:
    return f"{seconds * 1e6:.1f} us"


def _milli(seconds: float) -> str:
    return f"{seconds * 1e3:.1f} ms"


def _seconds(seconds: float) -> str:
    return f"{seconds:.3f} s"


def _bytes(count: float) -> str:
    return f"{count:,.0f} B"


def _compared(
    what: str,
    size: str,
    pairs: Sequence[tuple[float, float]],
    shown: Callable[[float], str],
    bar: str,
) -> tuple[str, ...]:
    ratios = [mine / theirs for mine, theirs in pairs]
    return (
        what,
        size,
        shown(statistics.median([mine for mine, _ in pairs])),
        shown(statistics.median([theirs for _, theirs in pairs])),
        f"{statistics.median(ratios):.2f}",
        f"{min(ratios):.2f} - {max(ratios):.2f}",
        str(len(pairs)),
        bar,
    )


def _alone(
    what: str,
    size: str,
    figures: Sequence[float],
    shown: Callable[[float], str],
    to_first: float | None = None,
    bar: str = "",
) -> tuple[str, ...]:
    return (
        what,
        size,
        shown(statistics.median(figures)),
        "",
        "" if to_first is None else f"{to_first:.2f}",
        f"{shown(min(figures))} - {shown(max(figures))}",
        str(len(figures)),
        bar,
    )


_WIDTHS = (28, 18, 11, 11, 6, 21, 3, 5)


def _print(row: Sequence[str]) -> None:
    cells = [
        text.ljust(width) if column < 2 else text.rjust(width)
        for column, (text, width) in enumerate(zip(row, _WIDTHS, strict=True))
    ]
    print("  ".join(cells).rstrip(), flush=True)


def _fail(differences: Sequence[str]) -> None:
    print(f"The answers differ, so there is nothing to compare: {len(differences)} differences.")
    for difference in differences[:5]:
        print(f"  {difference}")
    sys.exit(1)


def main() -> None:
    """Check that the answers are the same, then measure and print."""
    sections = (
        *(
            "ratio",
            "stages",
            "rules",
            "promises",
            "one",
            "memory",
            "growth",
            "odd",
            "construct",
            "checks",
            "map",
            "cluster",
            "whatif",
            "priorities",
        ),
        *("steps", "reallocation", "shipments", "parcels", "optimal", "import", "wire"),
        "storage",
    )
    parser = argparse.ArgumentParser(prog="python tests/benchmarks", description=__doc__)
    parser.add_argument("--only", action="append", choices=sections, help="only this section")
    parser.add_argument("--quick", action="store_true", help="small sizes, in a minute")
    parser.add_argument("--sizes", type=int, nargs="+", help="orders per batch for the ratio")
    parser.add_argument(
        "--repeats", type=int, default=5, help="runs of each (small batches: six times as many)"
    )
    parser.add_argument("--seed", type=int, default=1, help="of the workload")
    options = parser.parse_args()
    quick, repeats, seed = options.quick, options.repeats, options.seed
    chosen = options.only or sections
    sizes = options.sizes or ([1_000, 10_000] if quick else [1_000, 10_000, 100_000])

    print(f"Python {platform.python_version()}, {platform.system()} {platform.machine()},"
          f" {os.cpu_count()} cores, collector {gc.get_threshold()}, seed {seed}")  # fmt: skip
    for size in (500, 10_000):
        if differences := sides.differences(workload.make(size, seed=seed)):
            _fail(differences)
    print("The same answer from all, field by field, at 500 and 10,000 orders.")
    print("Times are per order, of this machine, and the median of n runs, in CPU time.\n")

    rows = {
        "ratio": lambda: ratio(sizes, repeats, seed),
        "stages": lambda: by_stage(1_000 if quick else 10_000, repeats, seed),
        "rules": lambda: rules([1_000] if quick else [1_000, 10_000], repeats, seed),
        "promises": lambda: promises(1_000 if quick else 10_000, repeats, seed),
        "one": lambda: one([1_000, 100_000] if quick else [1_000, 100_000, 1_000_000], repeats),
        "memory": lambda: memory(10_000, seed),
        "growth": lambda: chain(
            growth([10_000, 30_000] if quick else [10_000, 100_000, 1_000_000], 3, seed),
            many_of_one(1 if quick else 3),
        ),
        "odd": lambda: odd(1 if quick else 3),
        "construct": lambda: construct([10_000], repeats, seed),
        "checks": lambda: checks(10_000, repeats),
        "map": lambda: spread(2_000 if quick else 10_000, min(repeats, 3), seed),
        "cluster": lambda: cluster(1_000 if quick else 5_000, min(repeats, 3), seed),
        "whatif": lambda: what_if(1_000 if quick else 10_000, repeats, seed),
        "priorities": lambda: priorities(1_000 if quick else 10_000, repeats, seed),
        "steps": lambda: steps_taken(repeats),
        "reallocation": lambda: reallocation(
            [5_000, 20_000] if quick else [12_500, 25_000, 50_000, 100_000], min(repeats, 3), seed
        ),
        "shipments": lambda: shipments(100 if quick else 300),
        "parcels": lambda: parcels_made(1_000, repeats, seed, 5 if quick else 25),
        "import": lambda: start(repeats),
        "wire": lambda: wire(200 if quick else 2_000, repeats * 3, seed),
        "storage": lambda: storage(10_000 if quick else 1_000_000, repeats),
        "optimal": lambda: optimal([200] if quick else [200, 1_000, 10_000], min(repeats, 3), seed),
    }
    _print(HEADINGS)
    for section in sections:
        if section in chosen:
            for row in rows[section]():
                _print(row)


if __name__ == "__main__":
    main()
