"""Every finding of the sample shop is a sentence that customer support can use."""

import re

from shop_desk import Desk, change_orders

NOW = ("--now", "2026-03-02T09:00:00+00:00")

# What stands for a field in a sentence, where it is not the field's own name.
WORDS = {
    "avs": "address",
    "cvv": "security code",
    "email": "e-mail",
    "id": "order",
    "lines": "order",
    "ship_to": "address",
    "sku": "SKU",
}
# These end with the better form of what was written, so that it can be copied.
BETTER_FORM = ("contact.email_normalized", "contact.phone_normalized")
OWN_WORDS = "shop.recall"  # a person's, at the desk
# What is no word: names with a capital inside, names with an underscore, what Python prints.
CODE_WORDS = re.compile(r"\b[A-Za-z]+[a-z][A-Z]\w*|\w+_\w+|Traceback|Decimal|datetime|None\b|<|\{")


def problems(code: str, field: str, detail: str) -> list[str]:
    """What makes a finding no sentence for customer support."""
    if code in BETTER_FORM:
        detail = f"{detail.rpartition(': ')[0]}."
    quoted = re.sub(r"'[^']*'|\"[^\"]*\"", "''", detail)  # what somebody wrote is as it is
    *_, last = re.split(r"[.\[\]]+", field.rstrip("]"))
    word = WORDS.get(last, last).replace("_", " ")
    found = {
        "begins with no capital letter": not (detail[:1].isupper() or detail[:1].isdigit()),
        "does not end with a full stop": not detail.endswith("."),
        "is more than one sentence": re.search(r"[.!?]\s+[A-Z]", quoted) is not None,
        "has a line break": "\n" in detail,
        "is too long": len(detail) > 250,
        "names a code": re.search(r"\b[a-z]+\.[a-z_]+\b", quoted) is not None,
        "names something of Python": CODE_WORDS.search(quoted) is not None,
        "names neither value nor field": not re.search(r"\d|''", quoted)
        and word.lower() not in detail.lower(),
    }
    if code == OWN_WORDS:
        found["names neither value nor field"] = False
    return [problem for problem, is_there in found.items() if is_there]


def test_every_finding_of_the_sample_is_a_sentence(desk: Desk) -> None:
    """One sentence, with a capital letter and a full stop, that names the value or the field, and
    no code, class or traceback; what people write at the desk included.
    """
    desk.first_run()
    desk("reject", "1001", "--by", "Grace", "--reason", "The customer cancelled by phone")
    desk("hold", "1002", "--by", "fraud team", "--code", "shop.under_investigation")
    desk("hold", "1003", "--by", "quality", "--code", OWN_WORDS, "--detail", "The lid may break")
    desk("run")
    found = desk.rows("select code, field, detail from findings")
    assert len({code for code, _, _ in found}) >= 25
    assert {detail: told for *of, detail in found if (told := problems(*of, detail))} == {}


def test_every_kind_of_finding_is_a_sentence(desk: Desk) -> None:
    """The same of what the sample does not show: each of these orders is wrong in another way."""
    folder = desk.files()

    def spoil(by: dict[str, dict[str, object]]) -> None:
        by["#1001"].update(email="jonas.feld(at)example.com")
        by["#1002"].update(email="grace@EXAMPLE.com", phone="0113 496")
        by["#1003"]["shipping_address"].update(zip=None, city="")  # type: ignore[attr-defined]
        by["#1018"]["shipping_address"].update(province_code="XX")  # type: ignore[attr-defined]
        by["#1005"]["shipping_address"].update(country_code="ZZ")  # type: ignore[attr-defined]
        by["#1006"]["billing_address"].update(address1="n/a")  # type: ignore[attr-defined]
        by["#1008"].update(payment_details={"avs_result_code": "Z", "cvv_result_code": "N"})
        by["#1009"].update(created_at="2026-03-04T09:00:00+01:00")
        by["#1010"].update(note_attributes=[{"name": "deliver_by", "value": "2026-02-01"}])
        by["#1012"].update(financial_status="pending")
        by["#1013"].update(total_price="99.00", current_total_price="99.00")
        by["#1014"].update(phone="+49 30 901820")

    change_orders(folder, spoil)
    desk("run", "--orders", folder, *NOW)
    found = desk.rows("select code, field, detail from findings order by code")
    assert {code for code, _, _ in found} >= {
        *("address.country_unknown", "address.field_missing", "address.field_invalid"),
        *("address.incomplete", "contact.email_invalid", "contact.email_normalized"),
        *("contact.phone_invalid", "payment.pending", "risk.cvv_mismatch", "total.disagrees"),
    }
    assert {detail: told for *of, detail in found if (told := problems(*of, detail))} == {}
