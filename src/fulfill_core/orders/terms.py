"""What a host knows of its gateways: how long an authorization lasts, and which digits they have.

Neither is in what a gateway answers, and each has its own: a table of the host's says it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import TypeAlias, cast

import attrs

from fulfill_core import _checks, _values
from fulfill_core.orders.money import at_precision, check_exponent
from fulfill_core.orders.payment import Payment

Lives: TypeAlias = Mapping[str, timedelta] | Iterable[tuple[str, timedelta]]
"""How long an authorization lasts, by method: a mapping or pairs."""
Exponents: TypeAlias = Mapping[str, int] | Iterable[tuple[str, int]]
"""How many digits behind the point are paid, by currency: a mapping or pairs."""

_END_OF_TIME = datetime.max.replace(tzinfo=UTC)
_NO_TIME = timedelta(0)


@attrs.frozen(weakref_slot=False)
class Terms:
    """What is known of the gateways, as `terms_of` checks it.

    >>> Terms().ends_at(Payment(id="p1", amount=Decimal(5)))
    """

    lives: tuple[tuple[str, timedelta], ...] = ()
    exponents: tuple[tuple[str, int], ...] = ()

    __eq__, __hash__, __repr__ = _values.BY_FIELDS

    def ends_at(self, payment: Payment) -> datetime | None:
        """From when on what is authorised is worth nothing; None if that is not known.

        Of the date that the gateway gave, and the life of its method since it agreed, the earlier.
        """
        ends_at = payment.expires_at
        if self.lives and payment.authorized_at is not None:
            life = dict(self.lives).get(payment.method)
            if life is not None:
                begun = payment.authorized_at
                runs_out_at = begun + min(life, _END_OF_TIME - begun)
                ends_at = runs_out_at if ends_at is None else min(ends_at, runs_out_at)
        return ends_at

    def is_good(self, payment: Payment, at: datetime) -> bool:
        """Whether what is authorised can be captured at an instant, if nothing changes until then.

        >>> Terms().is_good(Payment(id="p1", amount=Decimal(5)), at=_END_OF_TIME)
        True
        """
        ends_at = self.ends_at(payment)
        return ends_at is None or at < ends_at

    def rounded(self, amount: Decimal, currency: str) -> Decimal:
        """An amount as it can be paid: half up, to the digits that the host or ISO 4217 knows.

        >>> Terms(exponents=(("TWD", 0),)).rounded(Decimal("1234.40"), "TWD")
        Decimal('1234')
        """
        digits = dict(self.exponents).get(currency) if self.exponents else None
        return at_precision(amount, currency, digits)

    @property
    def settings(self) -> list[str]:
        """What was set, as the arguments of a call show it."""
        settings: list[str] = []
        if self.lives:
            settings.append(f"lives={dict(self.lives)!r}")
        if self.exponents:
            settings.append(f"exponents={dict(self.exponents)!r}")
        return settings


NO_TERMS = Terms()


def terms_of(owner: str, lives: Lives, exponents: Exponents) -> Terms:
    """The terms, checked.

    Args:
        owner: whose arguments they are, for the error.
        lives: above zero each, by method.
        exponents: 0 to 8 each, by currency.

    Raises:
        InvalidValueError: no mapping and no pairs, a life that is none, a method or currency twice.

    >>> terms_of("covers_total", {"card": timedelta(days=7)}, {"huf": 0}).exponents
    (('HUF', 0),)
    """
    if not lives and not exponents:
        return NO_TERMS
    life_rows = pairs_of(f"{owner}.lives", lives)
    for method, life in life_rows:
        _checks.check_id(f"{owner}.lives (key)", method)
        path = f"{owner}.lives[{_checks.repr_of(method)}]"
        _checks.check_duration(path, life)
        if life == _NO_TIME:
            raise _checks.refuse(path, life, "is no time at all; pass a timedelta above zero")
    _checks.check_unique(f"{owner}.lives", (method for method, _ in life_rows), "method")
    exponent_rows: list[tuple[str, int]] = []
    for currency, exponent in pairs_of(f"{owner}.exponents", exponents):
        code = _checks.check_code(f"{owner}.exponents (key)", currency, 3, "EUR")
        check_exponent(f"{owner}.exponents[{code!r}]", exponent)
        exponent_rows.append((code, cast("int", exponent)))
    _checks.check_unique(f"{owner}.exponents", (code for code, _ in exponent_rows), "currency")
    return Terms(
        tuple(sorted(cast("list[tuple[str, timedelta]]", life_rows))), tuple(sorted(exponent_rows))
    )


def pairs_of(path: str, settings: object) -> list[tuple[object, object]]:
    """The pairs of a mapping, or of a collection of pairs, checked to be some.

    >>> pairs_of("lives", {"card": 7})
    [('card', 7)]
    """
    pairs = _checks.to_tuple(
        cast("Mapping[object, object]", settings).items()
        if isinstance(settings, Mapping)
        else cast("Iterable[tuple[object, object]]", settings)
    )
    _checks.check_rows(path, pairs, "key", "value")
    return list(pairs)
