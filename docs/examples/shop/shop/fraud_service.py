"""A stand-in for a fraud service. A shop of your own calls a real one in place of `ask`.

It looks the order up in a table of clues, `sample/fraud_service.csv`, and adds up their scores. So
the same order always gets the same answer, and nothing leaves the house.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from ipaddress import IPv4Network, IPv6Network, ip_address, ip_network
from pathlib import Path

from fulfill_core import Order, Screening
from shop.records import SourceError, csv_records, excerpt

LEAST, MOST = Decimal("0.05"), Decimal(1)  # nobody is beyond suspicion; 1 is the end of the scale


@dataclass(frozen=True)
class Clue:
    """What makes an order suspicious.

    Args:
        about: ``email_domain`` or ``network``.
        value: the domain behind the @-sign, or the network that the order was placed from.
        score: how much it adds; None if the service gives no answer then, to see what happens.
        flag: a word for it.
    """

    about: str
    value: str | IPv4Network | IPv6Network
    score: Decimal | None
    flag: str


def read_clues(path: Path) -> tuple[Clue, ...]:
    """The table of clues."""
    clues = []
    for record in csv_records(path, ("about", "value", "score", "flag")):
        about, value = record.text("about"), record.text("value")
        score = record.money("score") if record.text("score", "") else None
        flag = record.text("flag", "")
        place: str | IPv4Network | IPv6Network = value.casefold()
        if about == "network":
            try:
                place = ip_network(value)
            except ValueError:
                record.fault("value", f"{excerpt(value)} is not a network, such as 203.0.113.0/24")
        elif about != "email_domain":
            record.fault("about", f"{excerpt(about)} is not email_domain or network")
        if record.faults:
            raise SourceError(path, str(record.faults[0]))
        clues.append(Clue(about, place, score, flag))
    return tuple(clues)


def asking(clues_file: Path) -> Callable[[Order, str], Screening | None]:
    """The question about an order, to a service that knows these clues."""
    clues = read_clues(clues_file)

    def question(order: Order, ip: str) -> Screening | None:
        return ask(order, ip, clues)

    return question


def ask(order: Order, ip: str, clues: tuple[Clue, ...]) -> Screening | None:
    """The answer for this version of the order; None if there was none.

    A real service may not answer, too: then there is no screening, the order is held, and the next
    run asks again. Never make up a score.
    """
    domain = order.customer.email.rpartition("@")[2].casefold()
    score, flags = LEAST, set()
    for clue in clues:
        is_met = clue.value == domain if isinstance(clue.value, str) else _is_in(ip, clue.value)
        if not is_met:
            continue
        if clue.score is None:
            return None
        score += clue.score
        flags.add(clue.flag)
    return Screening(
        order_id=order.id,
        fingerprint=order.fingerprint,
        score=min(score, MOST),
        flags=flags - {""},
        ip=ip,
    )


def _is_in(ip: str, network: IPv4Network | IPv6Network) -> bool:
    try:
        return ip_address(ip) in network
    except ValueError:  # it is not known, or is no address
        return False
