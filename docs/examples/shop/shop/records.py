"""Reading records without guessing: every fault is named by file, position and field.

A file that cannot be read at all is a `SourceError`. A record that cannot be read is set aside
with all its faults, and the rest goes on. A getter that meets a fault notes it and returns a
harmless stand-in, so that one pass finds every fault of a record.
"""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any, NoReturn

from fulfill_core import Inventory, Item, Location, Order, Screening, Stock, Supply
from fulfill_core.protocols import PromisePolicy
from shop.words import UNPRINTABLE, shown

LONGEST_SHOWN = 60
MOST_UNITS = 10**9
AMOUNT = r"-?[0-9]{1,12}(\.[0-9]{1,12})?"
MOST_CHARACTERS = 1000  # of a text


class SourceError(Exception):
    """A file that cannot be read at all, told in one line."""

    def __str__(self) -> str:
        """The file and what is wrong with it."""
        path, problem = self.args
        return f"{path}: {problem}"


@dataclass(frozen=True)
class Fault:
    """One thing wrong with one field of one record."""

    file: str
    position: str
    problem: str

    def __str__(self) -> str:
        """As it is printed."""
        return f"{self.file}: {self.position}: {self.problem}"


@dataclass(frozen=True)
class Doubt:
    """What is not clear about an order that could be read otherwise, as a finding tells it."""

    code: str
    field: str
    detail: str


@dataclass(frozen=True)
class Skipped:
    """An order that nothing was decided for, and why."""

    order_id: str
    name: str
    reason: str


@dataclass
class OrderList:
    """What was read of the orders: those to decide, those skipped, the faults, what is known."""

    orders: list[Order] = field(default_factory=list)
    skipped: list[Skipped] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)
    records: int = 0
    set_aside: list[Skipped] = field(default_factory=list)  # those with faults and a readable id
    screenings: list[Screening] = field(default_factory=list)  # made by the platform
    doubts: dict[str, list[Doubt]] = field(default_factory=dict)  # what is not clear, by order id
    ips: dict[str, str] = field(default_factory=dict)  # where orders were placed from, by id

    def add_faulty(self, order_id: str, name: str, faults: list[Fault]) -> None:
        """Set a record aside, with all that is wrong with it."""
        faults = list(dict.fromkeys(faults))  # some fields are read for two purposes
        self.faults += faults
        if order_id:
            self.set_aside.append(Skipped(order_id, name, "; ".join(map(str, faults))))


@dataclass
class StockList:
    """What was read of the stock."""

    stock: list[Stock] = field(default_factory=list)
    items: dict[str, Item] = field(default_factory=dict)
    titles: dict[str, str] = field(default_factory=dict)
    locations: list[Location] = field(default_factory=list)
    supplies: list[Supply] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)
    promise: PromisePolicy | None = None  # by what the shop promises dates, if it does

    def add_fault(self, file: str, position: str, problem: str) -> None:
        """Note what is wrong with a file."""
        self.faults.append(Fault(file, position, problem))

    def inventory(self) -> Inventory:
        """The stock as the library's value, without reservations."""
        return Inventory(
            stock=self.stock,
            supplies=self.supplies,
            items=list(self.items.values()),
            locations=self.locations,
        )


def excerpt(value: object) -> str:
    """*value* as it stood in the file, cut to a length that fits a line."""
    if isinstance(value, (Decimal, int)) and not isinstance(value, bool):
        text = str(value)
    else:
        text = json.dumps(value, ensure_ascii=False, default=str)
    text = shown(text)
    return text if len(text) <= LONGEST_SHOWN else f"{text[:LONGEST_SHOWN]}..."


class Record:
    """One record of a file: typed fields by name; faults go to ``faults``.

    Args:
        content: the record as parsed; anything but a mapping is a fault at once.
        file: the name of the file, for the faults.
        at: the record's own position, such as ``orders[17]`` or ``line 4``.
        joint: what stands between position and field: ``.`` in JSON, ``, `` in CSV.
    """

    def __init__(
        self,
        content: object,
        file: str,
        at: str,
        *,
        joint: str = ".",
        faults: list[Fault] | None = None,
    ) -> None:
        """Start with no faults, or with those of the record that this one is a part of."""
        self.file = file
        self.at = at
        self.joint = joint
        self.faults: list[Fault] = [] if faults is None else faults
        self.content: Mapping[str, object] = {}
        self.is_object = isinstance(content, dict)
        if isinstance(content, dict):
            self.content = content
        else:
            self.faults.append(Fault(file, at, f"{excerpt(content)} is not an object"))

    def fault(self, name: str, problem: str) -> None:
        """Note what is wrong with the field *name* (or, if empty, with the whole record)."""
        if not self.is_object:
            return  # which is its one fault
        position = f"{self.at}{self.joint}{name}" if name else self.at
        self.faults.append(Fault(self.file, position, problem))

    def text(self, name: str, default: str | None = None, *, most: int = MOST_CHARACTERS) -> str:
        """Text; *default* stands for null, empty and missing, without one they are faults."""
        value = self.content.get(name)
        if value is None or (isinstance(value, str) and not value.strip()):
            if default is None:
                self.fault(name, "is missing" if value is None else "is empty")
            return default or ""
        if not isinstance(value, str):
            number = isinstance(value, (int, Decimal)) and not isinstance(value, bool)
            why = "a number, not text; it may have lost leading zeros" if number else "not text"
            self.fault(name, f"{excerpt(value)} is {why}")
            return ""
        if value.strip() == "NULL":  # "Null" is a name that people have
            self.fault(name, '"NULL" is what an export wrote for an absent value; leave it out')
            return ""
        if UNPRINTABLE.search(value):
            self.fault(name, f"{ascii(value)[:LONGEST_SHOWN]} has characters that are no text")
            return ""
        if len(value) > most:
            self.fault(name, f"has {len(value)} characters; at most {most} are read")
            return ""
        return value.strip()

    def identity(self, name: str) -> str:
        """An id: a whole number or plain text, as text. ``17850.0`` is a mangled one."""
        value = self.content.get(name)
        if isinstance(value, int) and not isinstance(value, bool):
            return str(value)
        if isinstance(value, Decimal) or (
            isinstance(value, str) and re.fullmatch(r"\d+\.\d*", value.strip())
        ):
            self.fault(name, f"{excerpt(value)} is an id that went through a float")
            return ""
        written = self.text(name)
        if len(written.splitlines()) > 1 or "\t" in written:
            self.fault(name, f"{excerpt(written)} is an id of several lines or columns")
            return ""
        return written

    def money(self, name: str, default: Decimal | None = None) -> Decimal:
        """An amount of zero or more, written as text.

        A JSON number is refused: it may have been through a binary float.
        """
        value = self.content.get(name)
        if value is None and default is not None:
            return default
        if isinstance(value, (int, Decimal)) and not isinstance(value, bool):
            self.fault(name, f'{excerpt(value)} is a number; amounts are text, such as "19.90"')
            return Decimal(0)
        written = self.text(name)
        if not written:
            return Decimal(0)
        if not re.fullmatch(AMOUNT, written):
            self.fault(name, f"{excerpt(written)} is not an amount")
        elif written.startswith("-"):
            self.fault(name, f"{written} is negative")
        else:
            return Decimal(written)
        return Decimal(0)

    def count(self, name: str, *, at_least: int | None = 1, default: int | None = None) -> int:
        """A whole number, as a number or as text of digits."""
        value = self.content.get(name)
        if value is None and default is not None:
            return default
        stand_in = at_least or 0
        if isinstance(value, str) and re.fullmatch(r"[+-]?[0-9]{1,18}", value.strip()):
            value = int(value)
        if value is None:
            self.fault(name, "is missing")
        elif not isinstance(value, int) or isinstance(value, bool):
            self.fault(name, f"{excerpt(value)} is not a whole number")
        elif abs(value) > MOST_UNITS:
            self.fault(name, f"{excerpt(value)} is beyond {MOST_UNITS}")
        elif at_least is not None and value < at_least:
            self.fault(name, f"{value} is below {at_least}")
        else:
            return value
        return stand_in

    def flag(self, name: str, *, default: bool) -> bool:
        """True or false; the text "FALSE" is neither."""
        value = self.content.get(name)
        if value is None:
            return default
        if not isinstance(value, bool):
            self.fault(name, f"{excerpt(value)} is not true or false")
            return default
        return value

    def moment(self, name: str) -> datetime:
        """A point in time, with its offset from UTC."""
        moment = self.moment_if_any(name)
        if moment is None:
            self.fault(name, "is missing")
            return datetime(1970, 1, 1, tzinfo=UTC)
        return moment

    def moment_if_any(self, name: str) -> datetime | None:
        """A point in time, or None where the field is absent."""
        written = self.text(name, "")
        if not written:
            return None
        try:
            moment = datetime.fromisoformat(written)
        except ValueError:
            self.fault(name, f"{excerpt(written)} is not a time (ISO 8601)")
        else:
            if moment.utcoffset() is not None:
                return moment
            self.fault(name, f"{excerpt(written)} has no offset from UTC: it could be any zone's")
        return datetime(1970, 1, 1, tzinfo=UTC)

    def day_or_moment(self, name: str) -> date | datetime:
        """A day without a time, or a point in time with its offset from UTC."""
        written = self.text(name, "")
        try:
            return date.fromisoformat(written)
        except ValueError:
            return self.moment(name)

    def child(self, name: str) -> Record | None:
        """The object under *name*, or None where it is null or missing."""
        value = self.content.get(name)
        if value is None:
            return None
        return self._below(value, name)

    def children(self, name: str) -> list[Record]:
        """The objects of the list under *name*; none where it is null or missing."""
        value = self.content.get(name)
        if value is None:
            return []
        if not isinstance(value, list):
            self.fault(name, f"{excerpt(value)} is not a list")
            return []
        return [self._below(one, f"{name}[{index}]") for index, one in enumerate(value)]

    def _below(self, content: object, name: str) -> Record:
        at = f"{self.at}{self.joint}{name}"
        return Record(content, self.file, at, joint=self.joint, faults=self.faults)


def set_aside(record: Record, stock_list: StockList) -> bool:
    """Whether the record is not to be used; what is wrong with it is kept."""
    stock_list.faults += record.faults
    faulty = bool(record.faults)
    record.faults.clear()  # those of a part are those of the file: each is told once
    return faulty


def read_text(path: Path) -> str:
    """The text of a file, or a one-line `SourceError`."""
    try:
        text = path.read_text(encoding="utf-8-sig")
    except FileNotFoundError:
        raise SourceError(path, "there is no such file") from None
    except UnicodeDecodeError as error:
        raise SourceError(path, f"is not UTF-8 text (byte {error.start})") from None
    except OSError as error:
        raise SourceError(path, f"cannot be read: {error.strerror}") from None
    if not text.strip():
        raise SourceError(path, "is empty")
    return text


def _no_constant(written: str) -> NoReturn:
    problem = f"{written} is not JSON"
    raise ValueError(problem)


def read_json(path: Path) -> dict[str, Any]:
    """The JSON object of a file; numbers with a point stay exact, as Decimal."""
    text = read_text(path)
    try:
        content = json.loads(text, parse_float=Decimal, parse_constant=_no_constant)
    except json.JSONDecodeError as error:
        where = f"line {error.lineno}, column {error.colno}"
        raise SourceError(path, f"is not JSON: {error.msg} ({where})") from None
    except (ValueError, RecursionError) as error:
        raise SourceError(path, f"is not JSON: {error}") from None
    if not isinstance(content, dict):
        raise SourceError(path, f"holds {excerpt(content)}, not a JSON object")
    return content


def json_records(path: Path, plural: str, singular: str) -> Iterator[Record]:
    """The records under ``{plural: [...]}`` or ``{singular: {...}}``."""
    content = read_json(path)
    if isinstance(content.get(plural), list):
        for index, one in enumerate(content[plural]):
            yield Record(one, path.name, f"{plural}[{index}]")
    elif singular in content:
        yield Record(content[singular], path.name, singular)
    else:
        raise SourceError(path, f'holds neither a list "{plural}" nor an object "{singular}"')


def csv_records(path: Path, columns: tuple[str, ...]) -> Iterator[Record]:
    """The rows of a CSV file that has at least *columns*; positions are lines of the file."""
    reader = csv.DictReader(io.StringIO(read_text(path), newline=""), strict=True)
    try:
        missing = [name for name in columns if name not in (reader.fieldnames or ())]
        if missing:
            raise SourceError(path, f"lacks the column {', '.join(missing)}")
        for row in reader:
            record = Record(row, path.name, f"line {reader.line_num}", joint=", ")
            if None in row or None in row.values():
                record.fault("", "has not as many fields as the first line has names")
            yield record
    except csv.Error as error:
        raise SourceError(path, f"is not CSV: {error} (line {reader.line_num})") from None
