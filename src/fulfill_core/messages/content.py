"""What a message says, part by part: what its template puts into place."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any, NamedTuple, TypeAlias

from fulfill_core import _checks
from fulfill_core.decisions.notification import Audience, Kind, Notification
from fulfill_core.messages import formats
from fulfill_core.messages.addresses import address_lines
from fulfill_core.messages.extra import Locale
from fulfill_core.messages.formats import Width
from fulfill_core.messages.language import keys_of
from fulfill_core.messages.lines import NewsLine, columns_of, is_known_kind
from fulfill_core.messages.shop import Shop
from fulfill_core.messages.words import (
    LONGEST,
    LONGEST_IN_SUBJECT,
    LONGEST_SHOWN,
    PAGE,
    PLAIN,
    PLAIN_FROM_RIGHT,
    Manner,
    cleaned,
    filled,
    fit_for_header,
    greetable,
)
from fulfill_core.notifications.sending import is_headline
from fulfill_core.orders.order import Order, OrderLine

DIGEST = "digest"
"""The kind of a message that has several pieces of news."""
_UNDATED = {Kind.REJECTED, Kind.ON_HOLD, Kind.UNFULFILLABLE}
"""An order, or what is told of it, that has a date all the same, as it may be served some day."""
_PRICED = {Kind.CONFIRMED, Kind.BACK_IN_STOCK}
_TOTALLED = {*_PRICED, "order.received"}
_ASKING = {"order.delay_choice"}
_INSTANTS = {"answer_by", "deliver_by", "delivered_at", "submitted_at", "waits_until"}
"""Codes beside the lines whose details are instants, as ``isoformat`` has them."""
_WORDS = {"by", "reason", "silence"}
"""Codes whose details are words of the library, which has texts for them."""
_ADDRESSED = {*_PRICED, Kind.SHIPPED, Kind.PICK_LIST, Kind.FULFILMENT_CHANGED}
_REFUNDS = {Kind.REFUNDED, Kind.PARTLY_REFUNDED}
_PAYABLE = {Kind.PAYMENT_NEEDED, Kind.PAYMENT_FAILED}
_ON_ITS_WAY = {Kind.SHIPPED, Kind.TRACKING_CHANGED, Kind.OUT_FOR_DELIVERY}
_NOTHING_KNOWN = "?"
_AMOUNT = re.compile(r"-?[0-9]{1,15}(?:\.[0-9]{1,15})?")
_CURRENCY = re.compile(r"[A-Z]{3}")


def _amount_of(text: str) -> Decimal | None:
    """The amount that a text is; None if it is none, such as ``1e999999999``."""
    return Decimal(text) if _AMOUNT.fullmatch(text) else None


class Detail(NamedTuple):
    """A value and what it is, apart and in one."""

    label: str
    value: str
    text: str


class LineText(NamedTuple):
    """What a message says of one line."""

    title: str
    sku: str
    details: list[Detail]
    amount: str
    text: str
    """All but the details, in one: for plain text."""


Fact: TypeAlias = tuple[str, str]
"""The key of a label, and a value."""


class LineWords(NamedTuple):
    """What there is to say of one line, as text."""

    title: str
    sku: str
    facts: list[Fact]
    price: str


class Words(NamedTuple):
    """What there is to say of one piece of news, as text: the same for page and plain text."""

    lines: list[LineWords]
    facts: list[Fact]
    address: list[str]
    reasons: list[tuple[str, str]]
    """Codes and details of what was noticed."""


class Section(NamedTuple):
    """What a message says of one piece of news, ready to be shown."""

    heading: str
    opening: list[str]
    lines: list[LineText]
    facts: list[Detail]
    address: list[str]
    reasons: list[Detail]


class Occasion(NamedTuple):
    """What a message is made of, in one language."""

    kind: str
    """What the message is about: the kind of its news, or a digest of several."""
    notification: Notification
    """The news, or the weightiest of them."""
    order: Order
    total: Decimal
    texts: Mapping[str, str]
    language: str
    locale: Locale
    shop: Shop
    titles: Mapping[str, str]
    order_name: str
    link: str

    @property
    def headline(self) -> str:
        """The kind that gives subject and button: of several news the weightiest that may."""
        weightiest = self.notification.kind
        return weightiest if is_headline(weightiest) else self.kind

    @property
    def is_from_right(self) -> bool:
        """Whether the language is written from right to left."""
        return bool(self.locale.text_direction == "rtl")

    def say(self, key: str) -> str:
        """A text of the language."""
        return self.texts[key]

    def units(self, units: int) -> str:
        """A number of units, in words."""
        form = formats.plural_key(units, self.locale)
        return filled(self.say(f"units.{form}"), {"count": formats.count(units, self.locale)})

    def money(self, text: str) -> str:
        """An amount as a message has it, as people read it; a text that is none stays."""
        amount = _amount_of(text)
        if amount is None:
            return cleaned(text)
        currency = self.reasons.get("currency", "")
        known_currency = currency if _CURRENCY.fullmatch(currency) else self.order.currency
        return formats.money(amount, known_currency, self.locale)

    @property
    def reasons(self) -> dict[str, str]:
        """What there is to say beside the lines."""
        return dict(self.notification.reasons)

    @property
    def amount(self) -> str:
        """The amount that the message is about; for a refund, all that went back so far."""
        if self.notification.kind in _REFUNDS:
            texts = [
                text for code, text in self.notification.reasons if code.startswith("refunded:")
            ]
            refunds = [amount for amount in map(_amount_of, texts) if amount is not None]
            if refunds:
                return self.money(str(sum(refunds)))
        text = self.reasons.get("amount", "")
        return self.money(text) if text else _NOTHING_KNOWN


def subject_of(occasion: Occasion) -> str:
    """The subject: one line, fit for a header.

    What is owed, or asks something, says what it is, whatever else is told with it.
    """
    text = occasion.say(keys_of(occasion.headline)[0])
    gaps = _gaps(occasion, _plain(occasion), LONGEST_IN_SUBJECT)
    return fit_for_header(filled(text, gaps))


def preheader_of(occasion: Occasion, sections: Sequence[Section]) -> str:
    """What an inbox shows beside the subject: the first facts, else how the message begins."""
    first = sections[0]
    if len(sections) > 1:
        subject = subject_of(occasion)
        parts = [section.heading for section in sections if section.heading != subject]
    elif occasion.notification.audience is Audience.STAFF:
        parts = []
    else:
        parts = [fact.text for fact in first.facts[1:]]  # the subject has the order's number
        if len(first.lines) == 1:
            parts = [*[detail.text for detail in first.lines[0].details[:1]], *parts]
    return fit_for_header(" · ".join(parts[:2]) or str(first.opening[0]))


def _plain(occasion: Occasion) -> Manner:
    return PLAIN_FROM_RIGHT if occasion.is_from_right else PLAIN


def words_of(occasion: Occasion) -> Words:
    """What there is to say of a piece of news."""
    return Words(_lines(occasion), _facts(occasion), _address(occasion), _reasons(occasion))


def sections_of(
    occasions: Sequence[Occasion], words: Sequence[Words], manner: Manner
) -> list[Section]:
    """What is said of each piece of news, ready to be shown."""
    sections: list[Section] = []
    for occasion, news in zip(occasions, words, strict=True):
        subject_key, opening_key = keys_of(occasion.notification.kind)
        gaps = _gaps(occasion, manner)
        number = [] if occasions[1:] else [("label.order", cleaned(occasion.order_name))]
        lines = [_line_text(occasion, manner, line) for line in news.lines]
        sections.append(
            Section(
                heading=manner.fill(occasion.say(subject_key), gaps),
                opening=[
                    manner.fill(paragraph, gaps)
                    for paragraph in occasion.say(opening_key).split("\n")
                ],
                lines=lines,
                facts=_details(occasion, manner, [*number, *news.facts]),
                address=[manner.value(line) for line in news.address],
                reasons=[
                    _detail(occasion, manner, _name_of(occasion, manner, code), detail)
                    for code, detail in news.reasons
                ],
            )
        )
    return sections


def _name_of(occasion: Occasion, manner: Manner, code: str) -> str:
    """What a code is called in the language of the staff; the code itself, if it has no name."""
    name = occasion.texts.get(f"label.{code}")
    return manner.value(cleaned(code)) if name is None else manner.words(name)


def _line_text(occasion: Occasion, manner: Manner, line: LineWords) -> LineText:
    title, sku, amount = map(manner.value, (line.title, line.sku, line.price))
    name = manner.fill("{title} ({sku})" if sku else "{title}", {"title": title, "sku": sku})
    return LineText(
        title=title,
        sku=sku,
        details=_details(occasion, manner, line.facts),
        amount=amount,
        text=_labelled(occasion, manner, name, amount) if amount else name,
    )


def manner_of(occasion: Occasion, *, is_page: bool) -> Manner:
    """How values are put into a page of HTML, or else into plain text."""
    return PAGE if is_page else _plain(occasion)


def parts_of(occasion: Occasion, sections: Sequence[Section], manner: Manner) -> dict[str, Any]:
    """All that a template may ask for, but for the styles, the subject and the preheader."""
    is_from_right, first = occasion.is_from_right, sections[0]
    is_for_customer = occasion.notification.audience is Audience.CUSTOMER
    gaps = _gaps(occasion, manner)
    heading, opening = first.heading, first.opening
    if sections[1:]:
        heading, paragraph = [manner.fill(occasion.say(key), gaps) for key in keys_of(DIGEST)]
        opening = [paragraph]
    labels = {"address": occasion.say("label.address"), "reasons": occasion.say("reasons")}
    action = _action(occasion)
    return {
        **first._asdict(),
        "sections": sections,
        "kind": occasion.kind,
        "language": occasion.language,
        "direction": "rtl" if is_from_right else "ltr",
        "start": "right" if is_from_right else "left",
        "end": "left" if is_from_right else "right",
        "shop": occasion.shop,
        "order": occasion.order,
        "heading": heading,
        "greeting": _greeting(occasion, manner) if is_for_customer else "",
        "opening": opening,
        "link": occasion.link,
        "action": action,
        "closing": occasion.say("closing") if is_for_customer else "",
        "footer": manner.fill(occasion.say("footer"), gaps) if is_for_customer else "",
        "labels": labels,
        "leads": {
            **{
                name: _labelled(occasion, manner, manner.words(label)).rstrip()
                for name, label in labels.items()
            },
            "link": _labelled(occasion, manner, manner.words(action), manner.words(occasion.link)),
        },
    }


def _gaps(occasion: Occasion, manner: Manner, longest: int = LONGEST) -> dict[str, str]:
    """What fills the gaps in the sentences of a kind."""
    return {
        "order": manner.in_sentence(cleaned(occasion.order_name, longest)),
        "shop": manner.in_sentence(cleaned(occasion.shop.name, longest)),
        "amount": manner.in_sentence(occasion.amount),
    }


def _detail(occasion: Occasion, manner: Manner, label: str, value: str) -> Detail:
    """A value and its label, which is ready."""
    value_there = manner.value(value)
    return Detail(label, value_there, _labelled(occasion, manner, label, value_there))


def _labelled(occasion: Occasion, manner: Manner, label: str, value: str = "") -> str:
    """What is ready behind its label, with what stands between them in the language."""
    return manner.fill(occasion.say("detail"), {"label": label, "value": value})


def _greeting(occasion: Occasion, manner: Manner) -> str:
    name = greetable(occasion.order.customer.name)
    if not name:
        return occasion.say("greeting")
    return manner.fill(occasion.say("greeting.name"), {"name": manner.in_sentence(name)})


def _lines(occasion: Occasion) -> list[LineWords]:
    lines_by_id = {line.id: line for line in occasion.order.lines}
    columns = columns_of(occasion.notification.kind)
    lines: list[LineWords] = []
    for row in map(NewsLine._make, occasion.notification.lines):
        facts = [
            (key, occasion.units(getattr(row, field)))
            for field, key in columns
            if getattr(row, field)
        ]
        if row.expected_at is not None:
            zone = occasion.notification.timezone
            date = formats.day(row.expected_at, zone, occasion.locale, "long")
            facts.append(("line.expected", date))
        line = lines_by_id.get(row.line_id)
        facts += _earliest(occasion, line, "long")
        if not facts and is_known_kind(occasion.notification.kind):
            continue  # such as a line of which all has left, where it is about the rest
        title = occasion.titles.get(row.sku, "")
        _checks.check_text(f"titles[{row.sku!r}]", title)
        title, sku = cleaned(title), cleaned(row.sku)
        price = _price(occasion, row, line)
        lines.append(LineWords(title or sku, sku if title else "", facts, price))
    return lines


def _details(occasion: Occasion, manner: Manner, facts: Iterable[Fact]) -> list[Detail]:
    """Values and their labels: those have keys."""
    return [
        _detail(occasion, manner, manner.words(occasion.say(key)), value)
        for key, value in facts
        if value
    ]


def _price(occasion: Occasion, row: NewsLine, line: OrderLine | None) -> str:
    """What a line costs, where all of it is confirmed; empty if that is not the question."""
    if occasion.notification.kind not in _PRICED or line is None or not line.total:
        return ""
    if row.confirmed != line.units:
        return ""
    return formats.money(line.total, occasion.order.currency, occasion.locale)


def _facts(occasion: Occasion) -> list[Fact]:
    """What there is to say beside the lines, each with the key of its label."""
    facts = _dates(occasion)
    notification, reasons = occasion.notification, occasion.reasons
    if notification.audience is not Audience.STAFF:
        is_refund = notification.kind in _REFUNDS
        # The number of a parcel is of the house: its number at the carrier says more, and what is
        # not sent anywhere is none.
        is_better_known = "tracking" in reasons or notification.kind == Kind.PROVIDED
        for code, detail in reasons.items():
            key = f"label.{code}"
            if code == "amount":
                facts.append(("label.refunded" if is_refund else key, occasion.amount))
            elif code == "due":
                facts.append((key, occasion.money(detail)))
            elif key in occasion.texts and not (code == "parcel" and is_better_known):
                facts.append((key, _in_words(occasion, code, detail)))
    if notification.kind in _TOTALLED and occasion.total:
        total = formats.money(occasion.total, occasion.order.currency, occasion.locale)
        facts.append(("label.total", total))
    return facts


def _in_words(occasion: Occasion, code: str, detail: str) -> str:
    """What is said beside the lines: as it is, unless it is an instant or a word of the library."""
    if code in _INSTANTS:
        try:
            instant = datetime.fromisoformat(detail)
        except ValueError:  # it is a host's own, and says something else
            return cleaned(detail)
        is_whole = instant.utcoffset() is not None
        return formats.moment(instant, occasion.locale) if is_whole else cleaned(detail)
    if code in _WORDS and f"{code}.{detail}" in occasion.texts:
        return occasion.say(f"{code}.{detail}")
    return cleaned(detail, LONGEST_SHOWN)  # it may be whole sentences, such as what to do


def _dates(occasion: Occasion) -> list[Fact]:
    notification = occasion.notification
    if notification.kind in _UNDATED:
        return []
    days: list[Fact] = []
    for key, instant in (
        ("label.delivery", notification.delivered_at),
        ("label.previous", notification.previous_date),
    ):
        if instant is not None:
            days.append((key, formats.day(instant, notification.timezone, occasion.locale)))
        elif key == "label.delivery" and (notification.is_about_date or notification.previous_date):
            days.append((key, occasion.say("no_date")))
    return days + _earliest(occasion, occasion.order, "full")


def _earliest(occasion: Occasion, due: Order | OrderLine | None, width: Width) -> list[Fact]:
    """Where something is not to be sent yet: from when on, if the order, or its line, says so."""
    if due is None or due.ship_after is None or occasion.notification.kind != Kind.SCHEDULED:
        return []
    zone = occasion.notification.timezone
    return [("label.ship_after", formats.day(due.ship_after, zone, occasion.locale, width))]


def _address(occasion: Occasion) -> list[str]:
    """Where it goes, line by line; nothing where that is not the question."""
    notification, address = occasion.notification, occasion.order.ship_to
    is_changed = occasion.reasons.get("changed") == "ship_to"
    if address is None or not (notification.kind in _ADDRESSED or is_changed):
        return []
    return [cleaned(line) for line in address_lines(address, occasion.locale)]


def _reasons(occasion: Occasion) -> list[tuple[str, str]]:
    """To the staff: what was noticed, by code."""
    if occasion.notification.audience is not Audience.STAFF:
        return []
    return [
        (code, _in_words(occasion, code, detail)) for code, detail in occasion.notification.reasons
    ]


def _action(occasion: Occasion) -> str:
    """What the button says."""
    kind = occasion.headline
    if kind in _PAYABLE:
        return occasion.say("action.pay")
    if kind in _ASKING:
        return occasion.say("action.answer")
    is_tracked = kind in _ON_ITS_WAY and "tracking" in occasion.reasons
    return occasion.say("action.track" if is_tracked else "action.order")
