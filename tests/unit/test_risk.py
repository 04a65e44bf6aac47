"""Scores, the gateway's answers, and flags."""

from __future__ import annotations

import pickle
from datetime import timedelta, timezone
from decimal import Decimal
from typing import Any

import pytest
from builders import CONTEXT, NOW, order, refusal
from hypothesis import example, given
from hypothesis import strategies as st
from verifying import findings, screened

from fulfill_core import (
    Order,
    Payment,
    PaymentStatus,
    Severity,
    hold,
    note,
    reject,
)
from fulfill_core.records import FactKind, fact_missing
from fulfill_core.verifiers import missing_facts
from fulfill_core.verifiers.risk import (
    AVS_ANSWERS,
    CVV_ANSWERS,
    gateway_answers,
    risk_flags,
    risk_score,
)

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
CEST = timezone(2 * HOUR)
NOTE, HOLD, REJECT = Severity.NOTE, Severity.HOLD, Severity.REJECT
SCREENING, CUSTOMER = frozenset({FactKind.SCREENING}), frozenset({FactKind.CUSTOMER})


# -- The score -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("score", "code"),
    [
        (59, ""),
        (Decimal("59.99"), ""),
        (60, "risk.score_high"),
        (Decimal("60.0"), "risk.score_high"),
        (89, "risk.score_high"),
        (90, "risk.score_too_high"),
        (10**5000, "risk.score_too_high"),
        (-1, ""),
    ],
    ids=["59", "59.99", "60", "60.0", "89", "90", "huge", "-1"],
)
def test_a_score_at_a_threshold_stops_the_order(score: int | Decimal, code: str) -> None:
    """At or above; and what is rejected is not held as well."""
    found = findings(risk_score(hold_at=60, reject_at=90), order(), screened(score=score))
    assert [each.code for each in found] == ([code] if code else [])


def test_what_is_said_of_a_score() -> None:
    """The score and the threshold, as they were given."""
    verifier = risk_score(hold_at=Decimal("0.60"), reject_at=Decimal("0.9"))
    assert findings(verifier, order(), screened(score=Decimal("0.75"))) == [
        hold(
            "risk.score_high",
            field="id",
            detail="The risk score is 0.75; from 0.60 on an order waits.",
            measure=Decimal("0.75"),
        )
    ]
    assert findings(verifier, order(), screened(score=1)) == [
        reject(
            "risk.score_too_high",
            field="id",
            detail="The risk score is 1; from 0.9 on an order is turned down.",
            measure=1,
        )
    ]


def test_one_threshold_is_enough() -> None:
    """Without the other one, nothing is held, or nothing is rejected."""
    assert findings(risk_score(reject_at=90), order(), screened(score=89)) == []
    [held] = findings(risk_score(hold_at=60), order(), screened(score=10**9))
    assert held.severity is HOLD


def test_a_score_that_is_asked_for_and_absent_holds() -> None:
    """No screening, one of another version of the order, and one without a score."""
    verifier, subject = risk_score(hold_at=60), order()
    assert verifier.facts_needed(subject, context=CONTEXT) == SCREENING
    missing = [fact_missing(FactKind.SCREENING, subject)]
    assert findings(verifier, subject, CONTEXT) == missing
    stale = screened(score=1, fingerprint="another version")
    assert findings(verifier, subject, stale) == missing
    assert findings(verifier, subject, screened()) == [
        hold(
            "risk.score_missing",
            field="id",
            detail="The order was screened, but it was given no risk score.",
        )
    ]


# -- What the gateway answered ---------------------------------------------------------------------


def paid(
    avs: str = "",
    cvv: str = "",
    status: PaymentStatus = PaymentStatus.AUTHORIZED,
    **amounts: Decimal,
) -> Order:
    """An order with one payment that has these answers."""
    payment = Payment(id="p1", amount=Decimal(5), avs=avs, cvv=cvv, status=status, **amounts)
    return order(payments=[payment])


def test_answers_that_say_no_hold_the_order() -> None:
    """Each of the two by itself, on the payment that they are about."""
    assert findings(gateway_answers(), paid(avs="N", cvv=" n "), CONTEXT) == [
        hold(
            "risk.avs_mismatch",
            field="payments[p1].avs",
            detail="The address is not the one that the bank knows: the answer was 'N'.",
            evidence="N",
        ),
        hold(
            "risk.cvv_mismatch",
            field="payments[p1].cvv",
            detail="The security code is not that of the card: the answer was ' n '.",
            evidence="N",
        ),
    ]


def test_the_answers_of_a_screening_count_as_well() -> None:
    """If there is one: it is not needed."""
    verifier = gateway_answers()
    found = findings(verifier, order(), screened(avs="N", cvv="N"))
    assert [(each.code, each.field) for each in found] == [
        ("risk.avs_mismatch", "payments"),
        ("risk.cvv_mismatch", "payments"),
    ]
    assert missing_facts([order()], [verifier], now=NOW) == missing_facts([], [], now=NOW)


@pytest.mark.parametrize("answer", ["A", "W", "Z"])
def test_half_a_match_is_pointed_out(answer: str) -> None:
    """Street or postal code alone stop nothing."""
    assert findings(gateway_answers(), paid(avs=answer), CONTEXT) == [
        note(
            "risk.avs_mismatch",
            field="payments[p1].avs",
            detail="The address is only in part the one that the bank knows: the answer was"
            f" {answer!r}.",
            evidence=answer,
        )
    ]


@pytest.mark.parametrize("status", PaymentStatus)
def test_only_payments_that_were_given_are_looked_at(status: PaymentStatus) -> None:
    """Authorised or captured: what was declined was declined for that very reason."""
    amounts = {
        PaymentStatus.PARTIALLY_CAPTURED: {"captured": Decimal(1)},
        PaymentStatus.PARTIALLY_REFUNDED: {"refunded": Decimal(1)},
    }
    found = findings(gateway_answers(), paid("N", "N", status, **amounts.get(status, {})), CONTEXT)
    is_given = status in {*amounts, PaymentStatus.AUTHORIZED, PaymentStatus.CAPTURED}
    assert len(found) == (2 if is_given else 0)


def test_the_settings_say_how_much_an_answer_weighs() -> None:
    """In the gateway's own words; what is not named weighs nothing."""
    verifier = gateway_answers(avs={"no_match": REJECT, "u": NOTE}, cvv={})
    found = findings(verifier, paid(avs="NO_MATCH", cvv="N"), CONTEXT)
    assert [(each.code, each.severity) for each in found] == [("risk.avs_mismatch", REJECT)]
    assert [each.severity for each in findings(verifier, paid(avs="U"), CONTEXT)] == [NOTE]
    assert findings(verifier, paid(avs="N"), CONTEXT) == []


_ANSWERS = st.text(max_size=3) | st.sampled_from("ABCDEFGIKLMNOPRSTUWXYZ")


@given(_ANSWERS, _ANSWERS)
def test_an_unknown_answer_finds_nothing(avs: str, cvv: str) -> None:
    """Empty or not named: unknown is not bad, in payments as in screenings."""
    for context, subject in ((CONTEXT, paid(avs, cvv)), (screened(avs=avs, cvv=cvv), order())):
        codes = {each.code for each in findings(gateway_answers(), subject, context)}
        assert ("risk.avs_mismatch" in codes) == (avs.strip().upper() in AVS_ANSWERS)
        assert ("risk.cvv_mismatch" in codes) == (cvv.strip().upper() in CVV_ANSWERS)


# -- Flags -----------------------------------------------------------------------------------------


def test_each_flag_that_is_named_is_a_finding() -> None:
    """With its own weight; the others are passed over, as they stand."""
    verifier = risk_flags({"proxy": HOLD, "stolen": REJECT, "new": NOTE})
    found = findings(verifier, order(), screened(flags=["stolen", "Proxy", "new", "proxy"]))
    assert found == [
        note(
            "risk.flagged",
            field="id",
            detail="The screening raised the flag 'new'.",
            evidence="new",
        ),
        hold(
            "risk.flagged",
            field="id",
            detail="The screening raised the flag 'proxy'.",
            evidence="proxy",
        ),
        reject(
            "risk.flagged",
            field="id",
            detail="The screening raised the flag 'stolen'.",
            evidence="stolen",
        ),
    ]


def test_flags_that_are_not_named_can_weigh_as_well() -> None:
    """So that a new flag of the service is not passed over."""
    verifier = risk_flags({"new": NOTE}, default=HOLD)
    found = findings(verifier, order(), screened(flags=["new", "newer"]))
    assert [each.severity for each in found] == [NOTE, HOLD]


def test_flags_need_a_screening() -> None:
    """Without one the order is held; one without flags is fine."""
    verifier, subject = risk_flags({"proxy": HOLD}), order()
    assert verifier.facts_needed(subject, context=CONTEXT) == SCREENING
    assert findings(verifier, subject, CONTEXT) == [fact_missing(FactKind.SCREENING, subject)]
    assert findings(verifier, subject, screened()) == []


# -- Settings --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("of", "settings", "message"),
    [
        (risk_score, {}, "risk_score.hold_at: None is no threshold; pass one of the two"),
        (
            risk_score,
            {"hold_at": 0.6},
            "risk_score.hold_at: 0.6 is not a number; pass an int or a Decimal, never a float",
        ),
        (
            risk_score,
            {"reject_at": "90"},
            "risk_score.reject_at: '90' is not a number; pass an int or a Decimal, never a float",
        ),
        (
            risk_score,
            {"hold_at": 90, "reject_at": Decimal(60)},
            "risk_score.hold_at: 90 is above reject_at=Decimal('60'); pass a lower one",
        ),
        (
            gateway_answers,
            {"avs": ["N"]},
            "gateway_answers.avs: ['N'] is not a mapping; pass a dict of str to Severity",
        ),
        (
            gateway_answers,
            {"cvv": {"": HOLD}},
            "gateway_answers.cvv (key): '' is empty; pass at least one visible character",
        ),
        (
            gateway_answers,
            {"avs": {"N": "stop"}},
            (
                "gateway_answers.avs['N']: 'stop' is no Severity; pass one, or its word: 'note',"
                " 'hold', 'reject'"
            ),
        ),
        (
            gateway_answers,
            {"avs": {"N": HOLD, "n": NOTE}},
            "gateway_answers.avs[1]: 'N' was given before; each answer comes once",
        ),
        (
            risk_flags,
            {"severities": {}},
            "risk_flags.severities: {} names no flag; pass one, or a default",
        ),
        (
            risk_flags,
            {"severities": {}, "default": 2},
            "risk_flags.default: 2 is no Severity; pass one, or its word: 'note', 'hold', 'reject'",
        ),
    ],
)
def test_bad_settings_are_refused(of: Any, settings: dict[str, Any], message: str) -> None:
    """The error names the setting, the value and what to pass."""
    assert refusal(of, **settings) == message


@pytest.mark.parametrize(
    "verifier",
    [
        risk_score(hold_at=60),
        gateway_answers(cvv={"n": REJECT}),
        risk_flags({"proxy": HOLD}, default=NOTE),
    ],
    ids=repr,
)
def test_verifiers_travel(verifier: Any) -> None:
    """A copy is equal, has the same hash and repr, and finds the same."""
    travelled = pickle.loads(pickle.dumps(verifier))  # noqa: S301 - our own bytes
    assert travelled == verifier
    assert hash(travelled) == hash(verifier)
    assert repr(travelled) == repr(verifier)
    context = screened(score=99, flags=["new"], cvv="N")
    assert findings(travelled, order(), context) == findings(verifier, order(), context) != []


@given(st.text())
@example("\ud800\u202e\x00")
def test_any_text_can_be_judged(text: str) -> None:
    """Whatever the order and the screening hold breaks nothing, and is not told in full."""
    long = f"N{text}" * 500
    payments = [Payment(id=f"p{long}", amount=Decimal(1), avs=long, cvv=long)]
    subject, context = order(payments=payments), screened(avs=long, cvv=long, flags=[long])
    for verifier in (gateway_answers(avs={long: HOLD}), risk_flags({}, default=HOLD)):
        found = findings(verifier, subject, context)
        assert found
        assert all(len(each.detail) < 400 for each in found)
