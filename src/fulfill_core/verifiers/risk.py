"""What do the fraud service and the gateway say of the order?"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import cast

import attrs

from fulfill_core import _checks
from fulfill_core._checks import repr_of
from fulfill_core.decisions.finding import Finding, Number, Severity, hold, reject
from fulfill_core.orders.order import Order
from fulfill_core.orders.payment import PaymentStatus
from fulfill_core.records.facts import Context, FactKind, fact_missing

AVS_ANSWERS: Mapping[str, Severity] = MappingProxyType(
    {"N": Severity.HOLD, "A": Severity.NOTE, "W": Severity.NOTE, "Z": Severity.NOTE}
)
"""Answers on the address that say that it is another one: neither street nor postal code match (N),
the street only (A), the postal code only (W: nine digits, Z: five). Source: the letters of the card
schemes (Visa, Mastercard, American Express), as gateways publish them, such as Checkout.com under
"AVS codes". Letters on whose meaning gateways differ (C, I) are left out, and so is all that says
"not checked"."""
CVV_ANSWERS: Mapping[str, Severity] = MappingProxyType({"N": Severity.HOLD})
"""Answers on the security code that say that it is another one: no match (N). From the same source.
"Not processed" (P), "not given" (S) and "the issuer can't tell" (U) say nothing of it."""

_SCREENING = frozenset({FactKind.SCREENING})
_GIVEN = (
    PaymentStatus.AUTHORIZED,
    PaymentStatus.PARTIALLY_CAPTURED,
    PaymentStatus.CAPTURED,
    PaymentStatus.PARTIALLY_REFUNDED,
)


# -- The score -------------------------------------------------------------------------------------


@attrs.frozen(kw_only=True, weakref_slot=False)
class risk_score:  # noqa: N801 - it is used as the function that it makes
    """The score of the screening stays below the shop's thresholds.

    It needs a `Screening`. One without a score holds the order: the score was asked for, and that
    there is none is another thing than that it is low.

    Args:
        hold_at: from which score on the order is held, an int or a Decimal on the service's own
            scale; None for never.
        reject_at: from which score on it is rejected; None for never.

    Codes: ``risk.score_high`` (HOLD), ``risk.score_too_high`` (REJECT), ``risk.score_missing``
    (HOLD), ``screening.missing`` (HOLD).

    Raises:
        InvalidValueError: a threshold that is no number, none at all, or ``hold_at`` above
            ``reject_at``.

    >>> from datetime import datetime, timezone
    >>> from fulfill_core import Customer, Facts, Screening
    >>> now = datetime(2026, 3, 2, tzinfo=timezone.utc)
    >>> order = Order(id="A-1", placed_at=now, customer=Customer(id="C-7"), lines=[],
    ...               currency="EUR")
    >>> facts = Facts(screenings=[Screening(order_id="A-1", score=72)])
    >>> verifier = risk_score(hold_at=60, reject_at=90)
    >>> [finding.detail for finding in verifier(order, context=Context(now=now, facts=facts))]
    ['The risk score is 72; from 60 on an order waits.']
    """

    hold_at: Number | None = None
    reject_at: Number | None = None

    def __attrs_post_init__(self) -> None:
        if self.hold_at is not None:
            _checks.check_number("risk_score.hold_at", self.hold_at)
        if self.reject_at is not None:
            _checks.check_number("risk_score.reject_at", self.reject_at)
        if self.hold_at is None and self.reject_at is None:
            raise _checks.refuse("risk_score.hold_at", None, "is no threshold; pass one of the two")
        if (
            self.hold_at is not None
            and self.reject_at is not None
            and self.hold_at > self.reject_at
        ):
            raise _checks.refuse(
                "risk_score.hold_at",
                self.hold_at,
                f"is above reject_at={repr_of(self.reject_at)}; pass a lower one",
            )

    def facts_needed(self, order: Order, /, *, context: Context) -> frozenset[FactKind]:
        """A screening, always."""
        return _SCREENING

    def __call__(self, order: Order, /, *, context: Context) -> Iterable[Finding]:
        screening = context.facts.screening_of(order)
        if screening is None:
            return (fact_missing(FactKind.SCREENING, order),)
        score = screening.score
        if score is None:
            return (
                hold(
                    "risk.score_missing",
                    field="id",
                    detail="The order was screened, but it was given no risk score.",
                ),
            )
        if self.reject_at is not None and score >= self.reject_at:
            return (
                reject(
                    "risk.score_too_high",
                    field="id",
                    detail=f"The risk score is {_number_text(score)}; from"
                    f" {_number_text(self.reject_at)} on an order is turned down.",
                    measure=score,
                ),
            )
        if self.hold_at is not None and score >= self.hold_at:
            return (
                hold(
                    "risk.score_high",
                    field="id",
                    detail=f"The risk score is {_number_text(score)}; from"
                    f" {_number_text(self.hold_at)} on an order waits.",
                    measure=score,
                ),
            )
        return ()


def _number_text(number: Number) -> str:
    """A number for a sentence; cut, for it may have any number of digits."""
    return repr_of(number) if isinstance(number, int) else repr_of(str(number)).replace("'", "")


# -- What the gateway answered ---------------------------------------------------------------------


@attrs.frozen(weakref_slot=False, repr=False)
class GatewayAnswers:
    """What answers of a gateway weigh, as `gateway_answers` makes it."""

    avs: tuple[tuple[str, Severity], ...]
    cvv: tuple[tuple[str, Severity], ...]
    _by_avs: Mapping[str, Severity] = attrs.field(alias="by_avs", eq=False)
    _by_cvv: Mapping[str, Severity] = attrs.field(alias="by_cvv", eq=False)

    def __call__(self, order: Order, /, *, context: Context) -> Iterable[Finding]:
        findings: list[Finding] = []
        for payment in order.payments:
            if payment.status in _GIVEN and (payment.avs or payment.cvv):
                path = f"payments[{payment.id}]"
                findings += self._avs_findings(payment.avs, f"{path}.avs")
                findings += self._cvv_findings(payment.cvv, f"{path}.cvv")
        screening = context.facts.screening_of(order)
        if screening is not None:
            findings += self._avs_findings(screening.avs, "payments")
            findings += self._cvv_findings(screening.cvv, "payments")
        return findings or ()

    def _avs_findings(self, answer: str, field: str) -> tuple[Finding, ...]:
        severity = self._by_avs.get(_plain(answer))
        if severity is None:
            return ()
        extent = "only in part" if _plain(answer) in _HALF else "not"
        detail = (
            f"The address is {extent} the one that the bank knows: the answer was"
            f" {repr_of(answer)}."
        )
        evidence = _plain(answer)
        finding = hold("risk.avs_mismatch", field=field, detail=detail, evidence=evidence)
        return (_weighing(finding, severity),)

    def _cvv_findings(self, answer: str, field: str) -> tuple[Finding, ...]:
        severity = self._by_cvv.get(_plain(answer))
        if severity is None:
            return ()
        detail = f"The security code is not that of the card: the answer was {repr_of(answer)}."
        evidence = _plain(answer)
        finding = hold("risk.cvv_mismatch", field=field, detail=detail, evidence=evidence)
        return (_weighing(finding, severity),)

    def __repr__(self) -> str:
        return f"gateway_answers(avs={self.avs!r}, cvv={self.cvv!r})"


def gateway_answers(
    *, avs: Mapping[str, Severity] = AVS_ANSWERS, cvv: Mapping[str, Severity] = CVV_ANSWERS
) -> GatewayAnswers:
    """The gateway did not say that the address or the security code is another one.

    It looks at the answers of payments that are authorised or captured, and at those of the
    screening if there is one; it needs none. An empty answer, and one that the settings do not
    name, is unknown, and unknown is not bad. Case and blanks around an answer make no difference.

    Args:
        avs: how much each answer on the address weighs; `AVS_ANSWERS` if left out.
        cvv: how much each answer on the security code weighs; `CVV_ANSWERS` if left out.

    Codes, one per payment: ``risk.avs_mismatch``, ``risk.cvv_mismatch``. Both weigh what the
    settings say: HOLD for no match, NOTE for half a match, unless they are given.

    Raises:
        InvalidValueError: an answer that is empty or no text, a weight that is no `Severity`.

    >>> from datetime import datetime, timezone
    >>> from decimal import Decimal
    >>> from fulfill_core import Customer, Payment
    >>> now = datetime(2026, 3, 2, tzinfo=timezone.utc)
    >>> order = Order(id="A-1", placed_at=now, customer=Customer(id="C-7"), lines=[],
    ...               currency="EUR", payments=[Payment(id="p1", amount=Decimal(5), avs="N")])
    >>> for finding in gateway_answers()(order, context=Context(now=now)):
    ...     print(finding.severity.name, finding.field, "-", finding.detail)
    HOLD payments[p1].avs - The address is not the one that the bank knows: the answer was 'N'.
    >>> lenient = gateway_answers(avs={**AVS_ANSWERS, "N": Severity.NOTE})
    """
    by_avs = _by_answer("gateway_answers.avs", avs)
    by_cvv = _by_answer("gateway_answers.cvv", cvv)
    return GatewayAnswers(
        tuple(sorted(by_avs.items())), tuple(sorted(by_cvv.items())), by_avs=by_avs, by_cvv=by_cvv
    )


def _by_answer(path: str, answers: Mapping[str, Severity]) -> dict[str, Severity]:
    """The weights by answers as they are compared."""
    severities = _to_severities(path, answers)
    _checks.check_unique(path, map(_plain, severities), "answer")
    return {_plain(answer): severity for answer, severity in severities.items()}


_HALF = frozenset("AWZ")  # the street matches and the postal code does not, or the other way


def _plain(answer: str) -> str:
    return answer.strip().upper()


def _to_severities(path: str, severities: object) -> dict[str, Severity]:
    """A mapping of words, none of them empty, to severities, which may be given as words."""
    _checks.check_mapping(path, severities, "a dict of str to Severity")
    weights: dict[str, Severity] = {}
    for word, severity in cast("Mapping[str, object]", severities).items():
        _checks.check_id(f"{path} (key)", word)
        weights[word] = _checks.to_word(f"{path}[{word!r}]", severity, Severity)
    return weights


def _weighing(finding: Finding, severity: Severity) -> Finding:
    return finding if finding.severity is severity else attrs.evolve(finding, severity=severity)


# -- Flags -----------------------------------------------------------------------------------------


@attrs.frozen(weakref_slot=False, repr=False)
class RiskFlags:
    """What flags of a screening weigh, as `risk_flags` makes it."""

    severities: tuple[tuple[str, Severity], ...]
    default: Severity | None
    """What a flag weighs that is not named."""
    _by_flag: Mapping[str, Severity] = attrs.field(alias="by_flag", eq=False)

    def facts_needed(self, order: Order, /, *, context: Context) -> frozenset[FactKind]:
        """A screening, always."""
        return _SCREENING

    def __call__(self, order: Order, /, *, context: Context) -> Iterable[Finding]:
        screening = context.facts.screening_of(order)
        if screening is None:
            return (fact_missing(FactKind.SCREENING, order),)
        if not screening.flags:
            return ()
        findings: list[Finding] = []
        for flag in sorted(screening.flags):
            severity = self._by_flag.get(flag, self.default)
            if severity is not None:
                detail = f"The screening raised the flag {repr_of(flag)}."
                finding = hold("risk.flagged", field="id", detail=detail, evidence=flag)
                findings.append(_weighing(finding, severity))
        return findings

    def __repr__(self) -> str:
        return f"risk_flags(severities={self.severities!r}, default={self.default!r})"


def risk_flags(severities: Mapping[str, Severity], *, default: Severity | None = None) -> RiskFlags:
    """The flags of the screening, each with its weight: a flag that is named here stops the order.

    It needs a `Screening`. Flags are compared as they stand: ``"proxy"`` and ``"Proxy"`` are two.

    Args:
        severities: how much each flag weighs.
        default: how much a flag weighs that is not named, so that a new one of the service is not
            passed over; None for not at all.

    Codes: ``risk.flagged`` (one per flag; HOLD, or what the settings say), ``screening.missing``
    (HOLD).

    Raises:
        InvalidValueError: a flag that is empty or no text, a weight that is no `Severity`, or
            nothing to look for.

    >>> from datetime import datetime, timezone
    >>> from fulfill_core import Customer, Facts, Screening
    >>> now = datetime(2026, 3, 2, tzinfo=timezone.utc)
    >>> order = Order(id="A-1", placed_at=now, customer=Customer(id="C-7"), lines=[],
    ...               currency="EUR")
    >>> facts = Facts(screenings=[Screening(order_id="A-1", flags=["proxy", "stolen"])])
    >>> verifier = risk_flags({"proxy": Severity.HOLD, "stolen": Severity.REJECT})
    >>> for finding in verifier(order, context=Context(now=now, facts=facts)):
    ...     print(finding.severity.name, finding.detail)
    HOLD The screening raised the flag 'proxy'.
    REJECT The screening raised the flag 'stolen'.
    """
    severities = _to_severities("risk_flags.severities", severities)
    if default is not None:
        default = _checks.to_word("risk_flags.default", default, Severity)
    if not severities and default is None:
        raise _checks.refuse(
            "risk_flags.severities", severities, "names no flag; pass one, or a default"
        )
    pairs = tuple(sorted(severities.items()))
    return RiskFlags(pairs, default, by_flag=dict(severities))
