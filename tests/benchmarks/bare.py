"""The same job by hand: one function on tuples and dicts, as one would write it for one shop.

It is what `process` is measured against: the same six rules, duplicates, ranking, allocation,
backorders, decisions, messages and stock afterwards, with the same answer; no plug-ins, no
classes, no checks of what comes in. It uses nothing of the library.

It knows no more than its shop needs: every item is tracked and sold by the piece, nobody approves
anything, locations are asked in rank order.
"""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

NEVER = datetime.max.replace(tzinfo=UTC)
NOTHING = Decimal(0)
NOTE, HOLD, REJECT = 1, 2, 3
TIERS = {"gold": 0, "silver": 1, "bronze": 2}


def text(amount: Decimal) -> str:
    """An amount for a sentence."""
    if amount == amount.to_integral_value():
        return f"{amount:.0f}"
    cents = amount.quantize(Decimal("0.01"))
    return f"{cents if cents == amount else amount.normalize():f}"


def mailbox(order: Any) -> str:
    """Where the customer can be written to: an e-mail address, else a phone number."""
    email = order[3].strip()
    local, at, domain = email.rpartition("@")
    if at and local and domain and "@" not in local and " " not in email and email.isprintable():
        return email
    return order[4].strip()


def message_id(message: Any) -> str:
    """The id of a message, made when it is sent."""
    kind, order_id, audience, *content = message
    digest = hashlib.blake2b(ascii((audience, *content)).encode(), digest_size=8).hexdigest()
    return f"{order_id}:{kind}:{digest}"


def run(  # noqa: C901, PLR0912, PLR0915 - one long function is the point of it
    orders: list[Any],
    stock: dict[str, Any],
    backorderable: dict[str, bool],
    supplies: dict[str, Any],
    reservations: dict[str, Any],
    now: datetime,
) -> tuple[list[Any], list[Any], dict[str, Any], dict[str, Any]]:
    """Decide what to do with each order: decisions, messages, stock and reservations afterwards.

    The inputs are as in `workload.Workload`, and are left as they are. A decision is (order,
    outcome, findings, rank, allocations, backorders, shorts, reservations kept); a message is (id,
    kind, order id, audience, recipient, locale, lines, reasons).
    """
    # Each order once; different ones under one id are held.
    by_id: dict[str, Any] = {}
    conflicting: set[str] = set()
    for order in orders:
        known = by_id.setdefault(order[0], order)
        if known is not order and known != order:
            conflicting.add(order[0])

    # Verify, and make the queue.
    queue: list[Any] = []
    settled: list[Any] = []
    for order in by_id.values():
        (
            order_id,
            placed_at,
            _,
            email,
            phone,
            tier,
            lines,
            currency,
            address,
            payments,
            _,
            discount,
            total,
            deliver_by,
            ship_after,
            _,
            _,
        ) = order
        if order_id in conflicting:
            detail = f"The batch holds different orders under the id {order_id!r}."
            conflict = ("order.conflicting_duplicate", HOLD, "id", detail)
            settled.append((order_id, "held", order, (conflict,)))
            continue
        found: list[Any] = []

        if not email.strip() and not phone.strip():
            detail = "The customer left neither an e-mail address nor a phone number."
            found.append(("contact.missing", HOLD, "customer.email", detail))

        ships = False
        for line in lines:
            if line[4]:
                ships = True
            if not line[3]:
                detail = f"Line {line[0]} ({line[2]} x {line[1]}) costs nothing."
                found.append(("line.free", NOTE, f"lines[{line[0]}].unit_price", detail))
        if not lines:
            found.append(("order.no_lines", HOLD, "lines", "The order asks for nothing."))

        if ships:
            if address is None:
                detail = "The order has something to ship and no address to ship it to."
                found.append(("address.missing", HOLD, "ship_to", detail))
            else:
                name, street, city, _, country = address
                for field, content in (
                    ("name", name),
                    ("street", "".join(street)),
                    ("city", city),
                    ("country", country),
                ):
                    if not content.strip():
                        detail = f"The address to ship to has no {field}."
                        found.append(("address.incomplete", HOLD, f"ship_to.{field}", detail))

        if total < 0:
            detail = (
                f"The total is {text(total)} {currency}: the discount of {text(discount)}"
                f" {currency} is more than all the rest."
            )
            found.append(("order.negative_total", REJECT, "discount", detail))

        paid = NOTHING
        for _, amount, status, expires_at in payments:
            if status == "captured" or (
                status == "authorized" and (expires_at is None or now < expires_at)
            ):
                paid += amount
        if paid < total:
            reach = paid
            declined: list[Any] = []
            undecided = False
            for payment_id, amount, status, expires_at in payments:
                if not amount or status == "captured":
                    continue
                worth = f"{text(amount)} {currency}"
                field = f"payments[{payment_id}].status"
                if status == "authorized":
                    if expires_at is not None and expires_at <= now:
                        reach += amount
                        detail = (
                            f"The authorization of {worth} expired at"
                            f" {expires_at:%Y-%m-%d %H:%M %Z}."
                        )
                        field = f"payments[{payment_id}].expires_at"
                        found.append(("payment.expired", HOLD, field, detail))
                elif status == "declined":
                    detail = f"The payment of {worth} was declined."
                    declined.append(("payment.declined", REJECT, field, detail))
                elif status == "pending":
                    undecided = True
                    reach += amount
                    detail = f"The payment of {worth} is pending: it may still come."
                    found.append(("payment.pending", HOLD, field, detail))
                elif status == "error":
                    undecided = True
                    reach += amount
                    detail = (
                        f"The gateway could not be asked for the payment of {worth}, which is no"
                        " refusal: ask again."
                    )
                    found.append(("payment.error", HOLD, field, detail))
                else:
                    detail = f"The payment of {worth} was {status}, so it covers nothing."
                    found.append((f"payment.{status}", HOLD, field, detail))
            if reach < total:
                detail = (
                    f"{text(paid)} of {text(total)} {currency} is paid or authorised;"
                    f" {text(total - paid)} {currency} is missing."
                )
                found.append(("payment.insufficient", HOLD, "payments", detail))
            if not undecided:
                found += declined
        elif paid > total >= 0:
            detail = (
                f"{text(paid)} {currency} is paid or authorised,"
                f" {text(paid - total)} more than the total."
            )
            found.append(("payment.overpaid", NOTE, "payments", detail))

        findings: tuple[Any, ...] = ()
        if found:
            found.sort(key=lambda finding: (-finding[1], finding[0], finding[2], finding[3]))
            findings = tuple(found)
            if found[0][1] > NOTE:
                settled.append(
                    (order_id, "rejected" if found[0][1] == REJECT else "held", order, findings)
                )
                continue
        if ship_after is not None and ship_after > now:
            settled.append((order_id, "scheduled", order, findings))
            continue
        queue.append(
            (deliver_by or NEVER, TIERS.get(tier, 3), placed_at, order_id, order, findings)
        )
    queue.sort()
    settled.sort()

    # Units that reservations held until they expired are there again.
    expired: dict[tuple[str, str], int] = {}
    for batches in reservations.values():
        for _, expires_at, entries in batches:
            if expires_at is not None and expires_at <= now:
                for _, sku, place, units in entries:
                    expired[sku, place] = expired.get((sku, place), 0) + units

    # Give out the stock in the sequence of the queue.
    pools: dict[str, dict[str, int]] = {}  # what is left, by SKU and location, in rank order
    pegs: dict[str, list[Any]] = {}  # what is left of the supplies, by SKU, the earliest last
    reservations_after = dict(reservations)
    decisions: list[Any] = []
    messages: list[Any] = []
    turns: list[Any] = []
    behind: dict[str, int] = {}  # what is reserved for orders that are not ahead
    for batches in reservations.values():
        for _, expires_at, entries in batches:
            if expires_at is None or expires_at > now:
                for _, sku, _, units in entries:
                    behind[sku] = behind.get(sku, 0) + units
    for rank, (_, _, _, order_id, order, findings) in enumerate(queue):
        lines, ship = order[6], order[15]

        # What it still needs.
        kept: tuple[Any, ...] = ()
        holds: dict[tuple[str, str], int] = {}
        if order_id in reservations:
            kept = tuple(
                batch for batch in reservations[order_id] if batch[1] is None or batch[1] > now
            )
            for _, _, entries in kept:
                for line_id, sku, _, units in entries:
                    holds[line_id, sku] = holds.get((line_id, sku), 0) + units
                    behind[sku] -= units
        wants: list[Any] = []
        needs: dict[str, int] = {}
        for line in lines:
            sku, units = line[1], line[2]
            if holds:
                units -= holds.get((line[0], sku), 0)
                if units <= 0:
                    continue
            pool = pools.get(sku)
            if pool is None:
                pool = pools[sku] = {}
                for place, on_hand, safety, reserved in stock.get(sku, ()):
                    free = on_hand - safety - reserved + expired.get((sku, place), 0)
                    if free > 0:
                        pool[place] = free
            wants.append((line, units, pool))
            needs[sku] = needs.get(sku, 0) + units

        # The first location by rank that has all of it; it has something of every SKU, so it is
        # enough to look where the first SKU lies.
        alone = None
        if wants:
            for place in wants[0][2]:
                for sku, units in needs.items():
                    if pools[sku].get(place, 0) < units:
                        break
                else:
                    alone = place
                    break

        taken: list[Any] = []
        waiting: list[Any] = []  # line, units to come, units on hand
        shorts: list[Any] = []
        if alone is not None:
            for line, units, pool in wants:
                taken.append((line[0], line[1], alone, units))
                if pool[alone] > units:
                    pool[alone] -= units
                else:
                    del pool[alone]
        elif ship == "complete" and any(
            sum(pools[sku].values()) < units for sku, units in needs.items()
        ):
            missing = {
                sku: units - there
                for sku, units in needs.items()
                if (there := sum(pools[sku].values()) + behind.get(sku, 0)) < units
            } or {
                sku: units - there
                for sku, units in needs.items()
                if (there := sum(pools[sku].values())) < units
            }
            if all(backorderable.get(sku, False) for sku in missing):
                # What is there waits for the rest on its shelf: no supply is kept for it.
                lacking = dict(missing)
                for line, units, _ in wants:
                    to_come = min(units, lacking.get(line[1], 0))
                    if to_come:
                        lacking[line[1]] -= to_come
                    waiting.append((line, to_come, units - to_come))
            else:
                for line, units, pool in wants:
                    line_id, sku, quantity = line[:3]
                    there = sum(pool.values())
                    if sku not in missing and there:
                        reason = "order_ships_complete"
                    elif sku not in stock and sku not in backorderable and sku not in supplies:
                        reason = "unknown_sku"
                    else:
                        reason = "out_of_stock"
                    there += quantity - units  # what it has already counts, too
                    shorts.append((line_id, sku, units, quantity, there, reason))
        else:
            for line, units, pool in wants:
                line_id, sku, quantity = line[:3]
                left = units
                if ship != "lines" or sum(pool.values()) >= units:
                    for place in list(pool):
                        have = pool[place]
                        if have > left:
                            pool[place] = have - left
                            taken.append((line_id, sku, place, left))
                            left = 0
                            break
                        del pool[place]
                        taken.append((line_id, sku, place, have))
                        left -= have
                        if not left:
                            break
                    if not left:
                        continue
                if backorderable.get(sku, False):
                    waiting.append((line, left, 0))
                    continue
                left_there = sum(pool.values())
                there = quantity - left + left_there
                if sku not in stock and sku not in backorderable and sku not in supplies:
                    reason = "unknown_sku"
                elif left_there:
                    reason = "line_ships_whole"
                else:
                    reason = "out_of_stock"
                shorts.append((line_id, sku, left, quantity, there, reason))

        # What waits is pegged to the earliest supplies that have some left.
        backorders: list[Any] = []
        on_shelf: set[str] = set()  # lines of which all is there
        resting: list[Any] = []  # row, SKU, units that are there and that it counts on
        for line, missing_units, there in waiting:
            line_id, sku = line[:2]
            if not missing_units:
                on_shelf.add(line_id)
                resting.append((len(backorders), sku, there))
                backorders.append((line_id, sku, there, "", None))
                continue
            units = missing_units
            coming = pegs.get(sku)
            if coming is None:
                coming = pegs[sku] = [*reversed(supplies.get(sku, ()))]
            while units and coming:
                supply_id, have, expected_at = coming.pop()
                if have > units:
                    coming.append((supply_id, have - units, expected_at))
                    have = units
                units -= have
                backorders.append((line_id, sku, have, supply_id, expected_at))
            if units:
                backorders.append((line_id, sku, units, "", None))
            if there:
                line_id, sku, units, supply_id, expected_at = backorders[-1]
                backorders[-1] = (line_id, sku, units + there, supply_id, expected_at)
                resting.append((len(backorders) - 1, sku, there))
        turns.append(
            (rank, order, findings, kept, holds, taken, backorders, shorts, on_shelf, resting)
        )

    counted: dict[str, int] = {}  # units that are there and that others count on already
    for rank, order, findings, kept, holds, taken, backorders, shorts, on_shelf, resting in turns:
        order_id, lines = order[0], order[6]
        # Units that it counts on and that are gone are claimed of supplies that nobody needs, or
        # wait for nothing that is known.
        in_vain: dict[int, tuple[int, int]] = {}
        for at, sku, wanted in resting:
            there = min(wanted, sum(pools[sku].values()) - counted.get(sku, 0))
            counted[sku] = counted.get(sku, 0) + there
            if there < wanted:
                in_vain[at] = wanted, there
                on_shelf.discard(backorders[at][0])
        if in_vain:
            rows = backorders[:]
            backorders.clear()
            for at, (line_id, sku, units, supply_id, expected_at) in enumerate(rows):
                wanted, there = in_vain.get(at, (0, 0))
                pegged = units - wanted if supply_id else 0
                rest, lacking = units - pegged, wanted - there
                coming = pegs.get(sku, []) if lacking and backorderable.get(sku) else []
                if lacking and sku not in pegs and backorderable.get(sku):
                    coming = pegs[sku] = [*reversed(supplies.get(sku, ()))]
                claims: list[Any] = []
                while lacking and coming:
                    claimed_id, have, date = coming.pop()
                    if have > lacking:
                        coming.append((claimed_id, have - lacking, date))
                        have = lacking
                    lacking -= have
                    rest -= have
                    if claimed_id == supply_id:
                        have += pegged
                        pegged = 0
                    claims.append((line_id, sku, have, claimed_id, date))
                if rest and claims and not lacking:
                    _, _, have, claimed_id, date = claims.pop()
                    claims.append((line_id, sku, have + rest, claimed_id, date))
                    rest = 0
                if pegged:
                    backorders.append((line_id, sku, pegged, supply_id, expected_at))
                backorders.extend(claims)
                if rest:
                    backorders.append((line_id, sku, rest, "", None))

        # Decide.
        allocations = tuple(taken)
        if taken:
            reservations_after[order_id] = (
                *reservations.get(order_id, ()),
                (now, None, allocations),
            )
        if not backorders and not shorts:
            outcome = "allocated"
        elif taken or kept:
            outcome = "partially_allocated"
        else:
            outcome = "backordered" if backorders else "unfulfillable"
        decisions.append(
            (order, outcome, findings, rank, allocations, tuple(backorders), tuple(shorts), kept)
        )

        # Tell the customer.
        recipient, locale = mailbox(order), order[16]
        if outcome == "allocated":
            news = tuple([(line[0], line[1], line[2], line[2], 0, 0, None) for line in lines])
            mails = [("order.confirmed", news)]
        else:
            rows: list[Any] = []
            dates = [row[4] for row in backorders if row[0] not in on_shelf]
            last = None if None in dates else max(dates, default=None)
            for line_id, sku, quantity, _, _ in lines:
                confirmed = min(quantity, holds.get((line_id, sku), 0))
                late = gone = 0
                expected_at = None
                is_open = False
                for row in taken:
                    if row[0] == line_id:
                        confirmed += row[3]
                for row in backorders:
                    if row[0] == line_id:
                        late += row[2]
                        if row[4] is None:
                            is_open = True
                        else:
                            expected_at = row[4]  # the latest: they come the earliest first
                for row in shorts:
                    if row[0] == line_id:
                        gone += row[2]
                if is_open:
                    expected_at = last if line_id in on_shelf else None
                rows.append((line_id, sku, quantity, confirmed, late, gone, expected_at))
            on_its_way = tuple([row for row in rows if row[3] or row[4]])
            if shorts and on_its_way:
                some = tuple([row for row in rows if row[3] or row[4] or row[5]])
                mails = [("order.partly_confirmed", some)]
            elif shorts:
                mails = [("order.unfulfillable", tuple([row for row in rows if row[5]]))]
            elif outcome == "backordered":
                mails = [("order.backordered", on_its_way)]
            elif backorders:
                mails = [("order.partly_backordered", on_its_way)]
            elif on_its_way:
                mails = [("order.confirmed", on_its_way)]
            else:
                mails = []
        for kind, news in mails:
            messages.append((kind, order_id, "customer", recipient, locale, news, (), ""))

    # Those that were not in the queue keep what they have.
    for order_id, outcome, order, findings in settled:
        kept = tuple(
            batch for batch in reservations.get(order_id, ()) if batch[1] is None or batch[1] > now
        )
        decisions.append((order, outcome, findings, None, (), (), (), kept))
        letters: list[Any] = []  # kind, audience, recipient, lines, reasons, version
        recipient = mailbox(order)
        if outcome == "held":
            reasons = tuple([(finding[0], finding[3]) for finding in findings])
            letters.append(("order.review_needed", "staff", "", (), reasons, ""))
            if order_id not in conflicting:
                codes = " ".join([code for code, weight, _, _ in findings if weight > NOTE])
                letters.append(("order.on_hold", "customer", recipient, (), (), codes))
        elif outcome == "rejected":
            letters.append(("order.rejected", "customer", recipient, (), (), ""))
        else:
            holds = {}
            for _, _, entries in kept:
                for line_id, sku, _, units in entries:
                    holds[line_id, sku] = holds.get((line_id, sku), 0) + units
            news = tuple(
                [
                    (line[0], line[1], line[2], min(line[2], holds.get(line[:2], 0)), 0, 0, None)
                    for line in order[6]
                ]
            )
            letters.append(("order.scheduled", "customer", recipient, news, (), ""))
        for kind, audience, whom, news, reasons, version in letters:
            language = "en" if audience == "staff" else order[16]
            messages.append((kind, order_id, audience, whom, language, news, reasons, version))

    # The stock afterwards: what has left the pools is reserved.
    stock_after = dict(stock)
    for sku, pool in pools.items():
        if sku in stock:
            stock_after[sku] = tuple(
                [
                    (
                        place,
                        on_hand,
                        safety,
                        reserved
                        + max(0, on_hand - safety - reserved + expired.get((sku, place), 0))
                        - pool.get(place, 0),
                    )
                    for place, on_hand, safety, reserved in stock[sku]
                ]
            )
    return decisions, messages, stock_after, reservations_after
