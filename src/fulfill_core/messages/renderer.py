"""Messages in words: what a notification says, in the language of whoever reads it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from decimal import Decimal
from functools import partial
from typing import Any, NamedTuple, cast

import attrs

from fulfill_core import _checks
from fulfill_core._checks import FrozenMap
from fulfill_core.decisions.decision import Decision
from fulfill_core.decisions.notification import Kind, Notification
from fulfill_core.messages import formats
from fulfill_core.messages.content import (
    DIGEST,
    Occasion,
    manner_of,
    parts_of,
    preheader_of,
    sections_of,
    subject_of,
    words_of,
)
from fulfill_core.messages.extra import Context, Locale, pass_context
from fulfill_core.messages.formats import locale_of, name_of_locale
from fulfill_core.messages.language import (
    Language,
    keys_needed,
    keys_of,
    lineage,
    merged_texts,
    with_parents,
)
from fulfill_core.messages.rendered import RenderedMessage
from fulfill_core.messages.sandbox import Filter, Templates
from fulfill_core.messages.shop import Shop, check_link
from fulfill_core.messages.templates import READY_MADE, STYLES
from fulfill_core.notifications.sending import rank_of
from fulfill_core.orders.order import Order
from fulfill_core.protocols.spelling import check_spelling
from fulfill_core.records.order_record import OrderRecord

NAMES = frozenset(
    {
        *("action", "address", "closing", "direction", "end", "facts", "footer", "greeting"),
        *("heading", "kind", "labels", "language", "leads", "lines", "link", "opening", "order"),
        *("preheader", "reasons", "section", "sections", "shop", "start", "styles", "subject"),
    }
)
"""What a template may ask for."""
OCCASION = "occasion of the message"  # no template can spell it: it has blanks
_ENDINGS = (".html", ".txt")
_LONGEST_LOCALE = 40
_NO_TITLES: Mapping[str, str] = FrozenMap()
_NO_TEMPLATES = FrozenMap()


def _to_languages(languages: Iterable[Language]) -> tuple[Language, ...]:
    return _checks.to_tuple(languages)


class _Tongue(NamedTuple):
    """A language that messages can be written in."""

    name: str
    locale: Locale
    texts: Mapping[str, str]
    missing: tuple[str, ...]
    """The keys of those that any message may need and that are not there."""

    def lacking(self, kinds: Iterable[str]) -> list[str]:
        """The keys of texts that a message needs and that are not there: of its kinds, and all."""
        keys = [key for kind in kinds for key in keys_of(kind) if key not in self.texts]
        return [*keys, *self.missing]


@attrs.frozen(kw_only=True, weakref_slot=False)
class Renderer:
    """Writes messages: made once, asked for each.

    It holds the texts of nine languages (Arabic, Dutch, English, French, German, Japanese, Polish,
    Spanish, and Portuguese, of Brazil and of Portugal), and the templates, compiled. What an order
    says is text in it: it becomes no line, no header, no markup, and is never read as a template.

    Args:
        shop: who writes.
        languages: further languages, and what the shop says differently in one.
        templates: templates of the shop's own, by name: ``"order.confirmed.html"`` is for one kind,
            ``"message.html"`` for all; ``.txt`` for the plain text. They extend ``"base.html"`` and
            ``"base.txt"``, or stand for themselves.
        default: the language of the shop, for those in whose language there are no texts. It needs
            all texts that do not belong to one kind.

    Raises:
        InvalidValueError: a default without texts, a template that no message asks for as it is
            nearly called like another one; that can't be read, or uses what templates may not use:
            with its name, the line, and what there is instead.

    >>> from datetime import datetime, timezone
    >>> from fulfill_core import Customer, Inventory, Order, OrderLine, process
    >>> now = datetime(2026, 3, 2, tzinfo=timezone.utc)
    >>> order = Order(id="A-17", placed_at=now, customer=Customer(id="C-7", name="Ada"),
    ...               lines=[OrderLine(id="1", sku="mug", quantity=2)], currency="EUR")
    >>> result = process([order], Inventory.of({("mug", "x"): 5}), now=now, verifiers=[])
    >>> renderer = Renderer(shop=Shop(name="Tea shop"))
    >>> mail = renderer.render(result.notifications[0], order, titles={"mug": "Red mug"})
    >>> mail.subject
    'Your order A-17 is confirmed'
    >>> print(mail.text[:78])
    Hello Ada,
    <BLANKLINE>
    Thank you for your order. We have confirmed the following for you:
    """

    shop: Shop
    languages: tuple[Language, ...] = attrs.field(default=(), converter=_to_languages)
    templates: FrozenMap = attrs.field(default=_NO_TEMPLATES, converter=_checks.to_frozen_map)
    default: str = "en"
    _tongues: dict[str, _Tongue] = attrs.field(init=False, eq=False, repr=False)
    _compiled: Templates = attrs.field(init=False, eq=False, repr=False)

    def __attrs_post_init__(self) -> None:
        _checks.check_member("Renderer.shop", self.shop, Shop)
        _checks.check_members("Renderer.languages", self.languages, Language)
        _checks.check_frozen_map("Renderer.templates", self.templates)
        _checks.check_text("Renderer.default", self.default)
        _checks.set_field(self, "_tongues", _tongues_of(self.languages))
        tongue = self._nearest(self.default)
        if tongue is None or tongue.missing:
            missing = [] if tongue is None else [*tongue.missing]
            problem = f"is no language to fall back on: {_why_not(self.default, missing)}"
            remedy = f"pass one of {', '.join(self.locales)}"
            raise _checks.refuse("Renderer.default", self.default, f"{problem}; {remedy}")
        for name in self.templates:
            if not name.endswith(_ENDINGS):
                problem = "is no name of a template; pass KIND.html, KIND.txt, or message.html"
                raise _checks.refuse("Renderer.templates", name, problem)
        kinds = [name.rpartition(".")[0] for name in self.templates]
        check_spelling("Renderer.templates", kinds, [*Kind, DIGEST, "message", "base"])
        sources = {**READY_MADE, **self.templates}
        filters: dict[str, Filter] = {"day": _day, "money": _money}
        _checks.set_field(self, "_compiled", Templates(sources, NAMES, filters))

    def __reduce__(self) -> tuple[partial[Renderer], tuple[()]]:
        renderer = partial(
            Renderer,
            shop=self.shop,
            languages=self.languages,
            templates=self.templates,
            default=self.default,
        )
        return renderer, ()  # compiled templates do not travel

    @property
    def locales(self) -> tuple[str, ...]:
        """The languages that it has texts in, sorted. Some may lack some: see `missing_texts`."""
        return tuple(sorted(self._tongues))

    def missing_texts(self, locale: str) -> tuple[str, ...]:
        """The keys of the texts that a language lacks for the library's own kinds of messages.

        Args:
            locale: the language, or a variety of one that there are texts in.

        >>> Renderer(shop=Shop(name="Tea shop")).missing_texts("de-AT")
        ()
        """
        texts = self.texts(locale)
        return tuple(sorted(keys_needed(locale, [*Kind, DIGEST]) - texts.keys()))

    def texts(self, locale: str) -> FrozenMap:
        """What messages say in a language, by key: to translate it, or to see what there is.

        Args:
            locale: the language, or a variety of one; empty where there are no texts in it.

        >>> Renderer(shop=Shop(name="Tea shop")).texts("pl")["line.lost"]
        'Zaginęło'
        """
        _checks.check_text("locale", locale)
        tongue = self._nearest(locale)
        return FrozenMap({} if tongue is None else tongue.texts)

    def render(
        self,
        notification: Notification | Iterable[Notification],
        record: Order | OrderRecord | Decision,
        /,
        *,
        titles: Mapping[str, str] = _NO_TITLES,
        order_name: str = "",
        link: str = "",
        locale: str | None = None,
    ) -> RenderedMessage:
        """A notification in words, or several news on one order in one message.

        Args:
            notification: what to say; or several, to one audience and in one language: a digest.
                The weightiest of them gives it its subject, if it is owed by law or `PRESSING`.
            record: the order that it speaks of, its record or its decision.
            titles: what the things are called, by SKU; the SKU itself where there is nothing.
            order_name: what people call the order, if that is not its id.
            link: where a button leads: to the order, the parcel or the payment; empty for none.
            locale: in which language; None for the notification's own.

        Raises:
            InvalidValueError: another order than the notification's, several that do not go
                together, a kind of the host's own without texts, a link that is not ``https``.
            PluginError: a template of the shop's own failed, with the template and its line.
        """
        _checks.check_mapping("titles", titles, "what things are called, by SKU")
        _checks.check_text("order_name", order_name)
        if locale is not None:
            _checks.check_text("locale", locale)
        order = _order_of(record)
        news = _news_of(notification, order)
        check_link("link", link)
        kind = str(news[0].kind) if len(news) == 1 else DIGEST
        requested = news[0].locale if locale is None else locale
        tongue, fallback = self._choice(
            requested, dict.fromkeys([*[each.kind for each in news], kind])
        )
        occasion = Occasion(
            kind=kind,
            notification=min(news, key=lambda each: rank_of(each.kind)),
            order=order,
            total=record.due if isinstance(record, OrderRecord) else order.total,
            texts=tongue.texts,
            language=tongue.name,
            locale=_formatting(requested, tongue),
            shop=self.shop,
            titles=titles,
            order_name=order_name or order.id,
            link=link,
        )
        occasions = [occasion._replace(notification=each) for each in news]
        plain, page = (manner_of(occasion, is_page=is_page) for is_page in (False, True))
        words = [words_of(each) for each in occasions]
        plain_sections = sections_of(occasions, words, plain)
        subject, preheader = subject_of(occasion), preheader_of(occasion, plain_sections)
        text, html = (
            self._put(
                occasion,
                {
                    **parts_of(occasion, sections, manner),
                    "subject": manner.words(subject),
                    "preheader": manner.words(preheader),
                },
                ending,
            )
            for sections, manner, ending in (
                (plain_sections, plain, "txt"),
                (sections_of(occasions, words, page), page, "html"),
            )
        )
        return RenderedMessage(
            kind=kind,
            subject=subject,
            preheader=preheader,
            text=text,
            html=html,
            language=tongue.name,
            locale=name_of_locale(occasion.locale),
            direction="rtl" if occasion.is_from_right else "ltr",
            fallback=fallback,
        )

    def _put(self, occasion: Occasion, parts: Mapping[str, Any], ending: str) -> str:
        """The parts in their places: by the template that is nearest to the kind of message."""
        names = (f"{occasion.kind}.{ending}", f"message.{ending}", f"base.{ending}")
        name = next(name for name in names if name in self._compiled)
        values = {**parts, "styles": STYLES, OCCASION: occasion}
        return self._compiled.render(name, occasion.order.id, values)

    def _nearest(self, requested: str) -> _Tongue | None:
        """The language that there are texts in and that is nearest to a locale; None if none is."""
        for name in lineage(requested.replace("_", "-")):
            locale = locale_of(name)
            if locale is not None and name_of_locale(locale) in self._tongues:
                return self._tongues[name_of_locale(locale)]
        return None

    def _choice(self, requested: str, kinds: Iterable[str]) -> tuple[_Tongue, str]:
        """The language that a message is written in, and why it is not the one asked for."""
        reasons: list[str] = []
        lacking: list[str] = []
        for name in (requested, self.default, "en"):
            tongue = self._nearest(name)
            lacking = [] if tongue is None else tongue.lacking(kinds)
            if tongue is not None and not lacking:
                if reasons:
                    reasons.append(f"it is written in {tongue.name!r}")
                return tongue, "; ".join(reasons)
            reasons.append(_why_not(name, lacking))
        kind = lacking[0].rpartition(".")[0]  # English has all that is not the host's own
        texts = " and ".join(map(repr, keys_of(kind)))
        problem = f"has no texts: {'; '.join(reasons)}; pass a Language that has {texts}"
        raise _checks.refuse("Notification.kind", kind, problem)


def _why_not(locale: str, lacking: list[str]) -> str:
    """Why a message is not written in a language."""
    excerpt = _checks.repr_of(locale[:_LONGEST_LOCALE])
    if lacking:
        further = f" and {len(lacking) - 1} more" if lacking[1:] else ""
        return f"{excerpt} lacks the text {lacking[0]!r}{further}"
    names = lineage(locale.replace("_", "-"))
    is_known = any(locale_of(name) is not None for name in names)
    return (
        f"there are no texts in {excerpt}" if is_known else f"{excerpt} is no locale that is known"
    )


def _news_of(
    notification: Notification | Iterable[Notification], order: Order
) -> tuple[Notification, ...]:
    """What to say: one piece of news or several that go together, about this order."""
    if isinstance(notification, Notification):
        news: tuple[Notification, ...] = (notification,)
    else:
        news = _checks.to_tuple(notification)
    _checks.check_members("notification", news, Notification)
    if not news:
        raise _checks.refuse("notification", news, "is empty; pass one at least")
    for each in news:
        if each.order_id != order.id:
            problem = f"is not the order {each.order_id!r} that the message is about; pass that one"
            raise _checks.refuse("record.id", order.id, problem)
        for name in ("audience", "locale"):
            first, own = getattr(news[0], name), getattr(each, name)
            if own != first:
                problem = f"is another {name} than {first!r}; pass what goes to one reader"
                raise _checks.refuse(f"notification.{name}", own, problem)
    return news


def _order_of(record: Order | OrderRecord | Decision) -> Order:
    if isinstance(record, Order):
        return record
    if isinstance(record, OrderRecord | Decision):
        return record.order
    raise _checks.refuse("record", record, "is no order; pass an Order, its record or its decision")


def _formatting(requested: str, tongue: _Tongue) -> Locale:
    """Whose dates and numbers a message has: those of the country, in its own language."""
    locale = locale_of(requested)
    return (
        locale
        if locale is not None and locale.language == tongue.locale.language
        else tongue.locale
    )


def _tongues_of(languages: Iterable[Language]) -> dict[str, _Tongue]:
    """All languages that there are texts in, each with those that it takes over."""
    texts_by_locale = merged_texts(languages)
    tongues: dict[str, _Tongue] = {}
    for name in texts_by_locale:
        texts = with_parents(name, texts_by_locale)
        missing = tuple(sorted(keys_needed(name, ()) - texts.keys()))
        tongues[name] = _Tongue(name, cast("Locale", locale_of(name)), texts, missing)
    return tongues


@pass_context
def _day(context: Context, instant: datetime) -> str:
    """The filter ``day``: the day of an instant, where the recipient is."""
    occasion: Occasion = context[OCCASION]
    return formats.day(instant, occasion.notification.timezone, occasion.locale)


@pass_context
def _money(context: Context, amount: Decimal) -> str:
    """The filter ``money``: an amount in the currency of the order."""
    occasion: Occasion = context[OCCASION]
    return formats.money(amount, occasion.order.currency, occasion.locale)
