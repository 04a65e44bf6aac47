"""A gateway that fails at random, people who try again, and what a bookkeeper writes down of both.

The books know nothing of the library but its actions: what was asked for and not answered, what
failed and nobody tries again, and what each payment stands at, in whole euros.
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable
from decimal import Decimal
from typing import Any

from story import NOON, Story, line

from fulfill_core import Payment
from fulfill_core.lifecycle import (
    Amended,
    Authorized,
    Cancelled,
    Captured,
    CaptureFailed,
    CaptureRequested,
    ChargedBack,
    Event,
    Refunded,
    RefundFailed,
    RefundRequested,
    ReturnReceived,
    Shipped,
    Step,
    Voided,
)

PRICE = 5
DONE: dict[str, type[Event]] = {"Capture": Captured, "Refund": Refunded, "Void": Voided}
FAILED: dict[str, type[Event]] = {"Capture": CaptureFailed, "Refund": RefundFailed}


class Books:
    """An order of two lines, its payments, and all that was asked for of them."""

    def __init__(self, seed: int, story: type[Story] = Story) -> None:
        self.random = random.Random(seed)
        self.ordered = {"1": self.random.randint(1, 6), "2": self.random.randint(1, 6)}
        self.cancelled, self.shipped = Counter[str](), Counter[str]()
        self.returned = Counter[str]()
        self.authorized: dict[str, int] = {}
        self.paid: dict[str, int] = {}
        self.under_way: list[tuple[str, str, int]] = []
        """What was asked for and not answered: action, payment, amount."""
        self.failed = Counter[tuple[str, str]]()
        """What failed and nobody tries again, by action and payment."""
        self.refunds: list[tuple[str, int, str]] = []
        self.untold = Counter[str]()
        """What went back and nobody was told of, by payment."""
        self.faults: list[str] = []
        self.number = 0
        lines = [line(line_id, units) for line_id, units in self.ordered.items()]
        self.story = story(*lines, payments=self._payments(self.due))

    def _payments(self, total: int) -> list[Payment]:
        """One to three, each authorised or captured, of the whole price together."""
        payments: list[Payment] = []
        while total:
            amount, name = self.random.randint(min(total, 4), total), f"p{len(payments)}"
            status = self.random.choice(["authorized", "captured"])
            payments.append(
                Payment(id=name, amount=Decimal(amount), status=status, authorized_at=NOON)
            )
            self.authorized[name] = amount if status == "authorized" else 0
            self.paid[name] = amount if status == "captured" else 0
            total -= amount
        return payments

    # -- What is in the books ----------------------------------------------------------------------

    @property
    def due(self) -> int:
        """What the order costs."""
        units = sum(self.ordered.values()) - self.cancelled.total() - self.returned.total()
        return PRICE * units

    def asked(self, action: str, payment: str = "") -> int:
        """What is under way."""
        rows = [row for row in self.under_way if row[0] == action and payment in ("", row[1])]
        return sum([amount for _, _, amount in rows])

    @property
    def lacking(self) -> int:
        """What is due, neither paid for good nor on its way."""
        return self.due - (sum(self.paid.values()) - self.asked("Refund")) - self.asked("Capture")

    @property
    def excess(self) -> int:
        """What is paid for good and not due."""
        return -self.due + sum(self.paid.values()) - self.asked("Refund")

    def open(self, line_id: str) -> int:
        """Units that can still leave."""
        return self.ordered[line_id] - self.cancelled[line_id] - self.shipped[line_id]

    # -- What happens ------------------------------------------------------------------------------

    def happened(
        self, kind: type[Event], expected: tuple[Any, ...] | None = None, **content: Any
    ) -> None:
        """An event; what it asks for is checked, and written down."""
        if "amount" in content:
            content["amount"] = Decimal(content["amount"])
        step = self.story.happened(kind, **content)
        rows = [
            (type(each).__name__, each.payment, int(each.amount))
            for each in step.actions
            if type(each).__name__ in DONE
        ]
        self._compare(kind.__name__, step)
        if expected is not None and rows != list(expected):
            self.faults.append(f"{kind.__name__}: {rows}, not {expected}")
        for action, payment, amount in rows:
            self._check(action, payment, amount)
            self.under_way.append((action, payment, amount))
        self._forget_what_is_not_owed()
        waiting = sum([amount for (action, _), amount in self.failed.items() if action == "Refund"])
        if self.excess > waiting and self._can_give_back():
            self.faults.append(f"{kind.__name__}: {self.excess} are owed, {waiting} failed")

    def _compare(self, name: str, step: Step) -> None:
        for each in step.record.order.payments:
            amounts = self.authorized[each.id], self.paid[each.id]
            if amounts != (each.authorized, each.paid):
                self.faults.append(f"{name}: {each} stands at {amounts}")
        if step.record.due != self.due:
            self.faults.append(f"{name}: {step.record.due} is due, not {self.due}")
        if any(["refunded" in each.kind for each in step.notifications]):
            self.untold.clear()
        if self.untold.total() and not self.asked("Refund"):
            self.faults.append(f"{name}: {self.untold.total()} went back, and nobody was told")

    def _check(self, action: str, payment: str, amount: int) -> None:
        """Nothing is asked for twice, and no more than there is, or is owed."""
        most = {
            "Refund": min(self.paid[payment] - self.asked("Refund", payment), self.excess),
            "Capture": min(self._free(payment), self.lacking),
            "Void": self._free(payment) if self.due else self.authorized[payment],
        }[action]
        if not 0 < amount <= most:
            self.faults.append(f"{action} of {amount} from {payment}, of which {most} can be")

    def _free(self, payment: str) -> int:
        """What is authorised, and neither to be captured nor to be let go."""
        rest = self.authorized[payment] - self.asked("Capture", payment)
        return max(0, rest - self.asked("Void", payment))

    def _can_give_back(self) -> bool:
        return any(
            [
                amount > self.asked("Refund", name) + self.failed["Refund", name]
                for name, amount in self.paid.items()
            ]
        )

    def _forget_what_is_not_owed(self) -> None:
        """What failed and is owed no more nobody waits for; the first payment waits longest."""
        for action, rest, room in (
            ("Capture", self.lacking, self.authorized),
            ("Refund", self.excess, self.paid),
        ):
            most = rest
            for name in sorted(room):
                waiting = min(self.failed[action, name], most)
                waiting = max(0, min(waiting, room[name] - self.asked(action, name)))
                self.failed[action, name], most = waiting, most - waiting

    def ref(self) -> str:
        """The gateway's next number."""
        self.number += 1
        return f"g{self.number}"

    # -- Who does what -----------------------------------------------------------------------------

    def answer(self) -> None:
        """The gateway does something that it was asked for, whole or in part; or it fails."""
        place = self.random.randrange(len(self.under_way))
        action, payment, asked = self.under_way[place]
        amount = self.random.choice([asked, asked, asked, self.random.randint(1, asked)])
        has = (self.paid if action == "Refund" else self.authorized)[payment]
        is_failure = action != "Void" and (amount > has or self.random.random() < 0.5)
        if action == "Void":
            amount = min(asked, has)
            asked = amount
        self.under_way[place : place + 1] = (
            [(action, payment, asked - amount)] if asked > amount else []
        )
        if not amount:
            return
        kind = FAILED[action] if is_failure else DONE[action]
        ref = self.ref()
        if is_failure:
            self.failed[action, payment] += amount
        else:
            self._book(action, payment, amount)
            if action == "Refund":
                self.refunds.append((payment, amount, ref))
        self.happened(kind, payment=payment, amount=amount, ref=ref)

    def _book(self, action: str, payment: str, amount: int) -> None:
        if action == "Refund":
            self.paid[payment] -= amount
            self.untold[payment] += amount
            return
        self.authorized[payment] -= amount
        if action == "Capture":
            self.paid[payment] += amount

    def person(self) -> None:
        """Somebody asks for money, mostly what failed or was asked for, and whether or not it can
        be had.
        """
        keys = [key for key, amount in self.failed.items() if amount]
        keys += [(action, name) for action, name, _ in self.under_way if action != "Void"]
        if not keys or self.random.random() < 0.2:
            keys = [(action, name) for action in ("Capture", "Refund") for name in self.paid]
        action, payment = key = self.random.choice(sorted(keys))
        guess = self.random.randint(1, 12)
        amount = self.random.choice([self.failed[key] or self.asked(*key) or guess, guess])
        if action == "Capture":
            is_possible = amount <= min(self._free(payment), self.lacking)
            amount_to_ask = amount
        else:
            is_possible = amount <= min(self.paid[payment], self.excess + self.asked("Refund"))
            rest = self.paid[payment] - self.asked("Refund", payment)
            amount_to_ask = max(0, min(amount, self.excess, rest))
        self.request(action, payment, amount, amount_to_ask if is_possible else 0)

    def request(self, action: str, payment: str, amount: int, amount_to_ask: int) -> None:
        """Somebody asks for an amount, and so much is to be asked for."""
        key = action, payment
        self.failed[key] -= min(self.failed[key], amount_to_ask)
        kind = CaptureRequested if action == "Capture" else RefundRequested
        expected = ((action, payment, amount_to_ask),) if amount_to_ask else ()
        self.happened(kind, expected, payment=payment, amount=amount)

    def retry(self) -> None:
        """The gateway tries again by itself what failed, where nothing else of it is under way."""
        keys = [key for key, amount in self.failed.items() if amount and not self.asked(*key)]
        if not keys:
            return
        action, payment = key = self.random.choice(sorted(keys))
        amount = self.failed[key]
        if action == "Refund" or self._free(payment) >= amount:
            self.failed[key] = 0
            self._book(action, payment, amount)
            self.happened(DONE[action], payment=payment, amount=amount, ref=self.ref())

    def reverse(self) -> None:
        """What was said to have gone back did not."""
        if self.refunds:
            payment, amount, ref = self.refunds.pop()
            self.paid[payment] += amount
            self.failed["Refund", payment] += amount
            self.untold[payment] -= min(self.untold[payment], amount)
            self.happened(RefundFailed, payment=payment, amount=amount, ref=ref)

    def charge_back(self) -> None:
        """The bank takes some of what is not on its way back."""
        payment = self.random.choice(sorted(self.paid))
        most = self.paid[payment] - self.asked("Refund", payment)
        if most > 0:
            amount = self.random.randint(1, most)
            self.paid[payment] -= amount
            self.happened(ChargedBack, payment=payment, amount=amount, ref=self.ref())

    def authorize(self) -> None:
        """Another payment."""
        name, amount = f"p{len(self.paid)}", self.random.randint(1, 15)
        self.authorized[name], self.paid[name] = amount, 0
        self.happened(Authorized, payment=name, amount=amount)

    def ship(self) -> None:
        """A parcel leaves, if something can."""
        line_id = self.random.choice(["1", "2"])
        if self.open(line_id):
            units = self.random.randint(1, self.open(line_id))
            self.shipped[line_id] += units
            self.happened(Shipped, parcel=self.ref(), location="x", lines={line_id: units})

    def cancel(self) -> None:
        """Some of what is open is not wanted."""
        line_id = self.random.choice(["1", "2"])
        if self.open(line_id):
            units = self.random.randint(1, self.open(line_id))
            self.cancelled[line_id] += units
            self.happened(Cancelled, lines={line_id: units})

    def amend(self) -> None:
        """More is wanted, of an order that is open and a line of which nothing was cancelled."""
        line_id = self.random.choice(["1", "2"])
        if (self.open("1") or self.open("2")) and not self.cancelled[line_id]:
            self.ordered[line_id] += self.random.randint(1, 2)
            self.happened(Amended, ordered={line_id: self.ordered[line_id]})

    def give_back(self) -> None:
        """Some of what left comes back, and costs nothing."""
        line_id = self.random.choice(["1", "2"])
        most = self.shipped[line_id] - self.returned[line_id]
        if most:
            units = {line_id: self.random.randint(1, most)}
            self.returned.update(units)
            self.happened(ReturnReceived, ref=self.ref(), lines=units, location="x", credited=units)

    # -- A life ------------------------------------------------------------------------------------

    def live(self) -> None:
        """Anything happens; then all is answered, and what failed is tried until it is done."""
        ways: list[Callable[[], None]] = [
            *[self.ship, self.give_back, self.amend] * 2,
            *[self.person] * 6,
            *[self.retry] * 2,
            *(self.cancel, self.authorize, self.charge_back, self.reverse),
        ]
        for _ in range(self.random.randint(10, 40)):
            if self.under_way and self.random.random() < 0.4:
                self.answer()
            else:
                self.random.choice(ways)()
        for _ in range(80):
            if self.under_way:
                self.answer()
            for (action, payment), amount in sorted(self.failed.items()):
                most = amount if action == "Refund" else min(amount, self._free(payment))
                if most and not self.under_way:
                    self.request(action, payment, most, most)
        if not self.under_way and self.excess > 0:
            self.faults.append(f"{self.excess} are kept for good, and not due")
