"""The messages of the sample shop, as a customer and the staff find them in the Maildir."""

from email.message import EmailMessage

import pytest
from shop_desk import Desk, text_of


@pytest.fixture
def mails(desk: Desk) -> dict[tuple[str, str], EmailMessage]:
    """What the sample's run delivered, by order and kind."""
    desk.first_run()
    return {(mail["X-Order"], mail["X-Kind"]): mail for mail in desk.parsed_mails()}


Mails = dict[tuple[str, str], EmailMessage]


def test_a_message_is_a_whole_email(mails: Mails) -> None:
    """A message has sender, recipient, date, an id of its own and a body with the lines."""
    mail = mails["881001", "order.confirmed"]
    assert mail["To"] == "jonas.feld@example.com"
    assert mail["From"] == "Tea shop <shop@tea.example>"
    assert mail["Date"] == "Mon, 02 Mar 2026 09:00:00 +0000"
    assert mail["Message-ID"].endswith("@tea.example>")
    assert "Assam, 250 g (TEA-ASSAM-250): " in text_of(mail)
    assert "\n  Bestätigt: 2 Stück\n" in text_of(mail)
    page = mail.get_body(("html",))
    assert page is not None
    assert "Bestätigt: <bdi>2 Stück</bdi>" in page.get_content()


@pytest.mark.parametrize(
    ("order", "language", "subject"),
    [
        ("881003", "fr", "Votre commande #1003 est confirmée"),
        ("881010", "fr", "Votre commande #1010 est confirmée"),
        ("881005", "de", "Ihre Bestellung #1005 ist bestätigt"),
        ("881002", "en", "Your order #1002 is confirmed"),
        ("881004", "en", "Your order #1004 is confirmed"),
    ],
)
def test_the_orders_own_language(mails: Mails, order: str, language: str, subject: str) -> None:
    """A message is in the order's language; a region does not matter (fr-FR, de-CH), and a language
    without texts (it) gets English.
    """
    mail = mails[order, "order.confirmed"]
    assert (mail["Content-Language"], mail["Subject"]) == (language, subject)


def test_what_is_missing_is_told_apart(mails: Mails) -> None:
    """Of an order of which only a part can come, one mail tells what comes, and what doesn't."""
    mail = mails["881014", "order.partly_confirmed"]
    subject = "Ihre Bestellung #1014 ist zum Teil bestätigt, ein Teil ist nicht lieferbar"
    assert mail["Subject"] == subject
    lines = text_of(mail).splitlines()
    for sku, numbers in (("STRAINER", "Bestätigt: 1"), ("MUG-RED", "Nicht lieferbar: 2")):
        [position] = [number for number, text in enumerate(lines) if f"({sku}" in text]
        assert numbers in lines[position + 1]


def test_reasons_are_for_the_staff_only(mails: Mails) -> None:
    """Of a held order, the staff reads why; the customer only that it takes a closer look."""
    staff = mails["881040", "order.review_needed"]
    customer = mails["881040", "order.on_hold"]
    assert staff["To"] == "staff@tea.example"
    assert "address.field_invalid: The postal code of the address" in text_of(staff)
    assert "1067" in text_of(staff)
    assert "1067" not in text_of(customer)


def test_a_conflict_is_for_the_staff_only(mails: Mails) -> None:
    """Of two different orders under one id, no customer is told: whose it is, is not known."""
    assert [kind for order, kind in mails if order == "881050"] == ["order.review_needed"]


def test_without_an_address_a_person_passes_it_on(mails: Mails) -> None:
    """A message to a phone number, or to nobody, goes to the staff, who are asked to call."""
    call = mails["881046", "order.confirmed"]
    assert call["To"] == "staff@tea.example"
    assert call["Subject"].startswith("[please call +39 02 5550 1234]")
    assert mails["881047", "order.on_hold"]["To"] == "staff@tea.example"
