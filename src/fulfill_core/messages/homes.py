"""Where the customers of the samples are at home. Nothing in it is anybody's."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from fulfill_core._values import NamedTuple
from fulfill_core.orders.order import Address


class Home(NamedTuple):
    """Where a customer is at home, and what things and reasons are called there."""

    address: Address
    currency: str
    factor: int
    """What a price in euros is multiplied by."""
    titles: tuple[str, str, str]
    remarks: tuple[str, str, str, str, str, str]
    """What people of the shop, or of a carrier, wrote down: see `REMARKS`."""


def _at(
    country: str,
    lines: tuple[str, str, str, str],
    titles: tuple[str, str, str],
    remarks: tuple[str, str, str, str, str, str],
    currency: str = "EUR",
    factor: int = 1,
) -> Home:
    name, street, postal_code, city = lines
    address = Address(
        name=name, street=[street], postal_code=postal_code, city=city, country=country
    )
    return Home(address, currency, factor, titles, remarks)


HOMES: Mapping[str, Home] = MappingProxyType(
    {
        "ar": _at(
            "AE",
            ("ليلى حداد", "12 شارع الياسمين", "", "دبي"),
            ("شاي أسام، 250 غرام", "إبريق شاي من الخزف", "مصفاة شاي"),
            (
                "نفد من المخزون",
                "لم يكن أحد في المنزل",
                "قد ينكسر المقبض.",
                "توقّف عن استخدامه وأعده إلينا.",
                "إضراب لدى المورّد",
                "اختر يومًا آخر لدى شركة الشحن.",
            ),
            "AED",
            4,
        ),
        "de": _at(
            "DE",
            ("Jana Vogt", "Lindenstraße 12", "10969", "Berlin"),
            ("Assam-Tee, 250 g", "Teekanne aus Porzellan", "Teesieb"),
            (
                "Ausverkauft",
                "Niemand zu Hause",
                "Der Griff kann abbrechen.",
                "Nicht mehr verwenden und an uns zurücksenden.",
                "Streik bei unserem Lieferanten",
                "Wählen Sie beim Paketdienst einen anderen Tag.",
            ),
        ),
        "en": _at(
            "GB",
            ("Ada Marsh", "12 Lime Street", "LS1 4AP", "Leeds"),
            ("Assam tea, 250 g", "Porcelain teapot", "Tea strainer"),
            (
                "Sold out",
                "Nobody home",
                "The handle may break off.",
                "Do not use it; send it back.",
                "A strike at our supplier",
                "Please choose another day with the carrier.",
            ),
            "GBP",
        ),
        "es": _at(
            "ES",
            ("Lucía Vega", "Calle del Tilo 12", "28004", "Madrid"),
            ("Té de Assam, 250 g", "Tetera de porcelana", "Colador de té"),
            (
                "Agotado",
                "No había nadie en casa",
                "El asa puede romperse.",
                "No la uses y devuélvenosla.",
                "Huelga en nuestro proveedor",
                "Elige otro día en la web del transportista.",
            ),
        ),
        "fr": _at(
            "FR",
            ("Élise Morel", "12 rue des Tilleuls", "69002", "Lyon"),
            ("Thé Assam, 250 g", "Théière en porcelaine", "Passoire à thé"),
            (
                "Rupture de stock",
                "Destinataire absent",
                "La poignée peut se briser.",
                "Cessez toute utilisation et renvoyez la théière.",
                "Grève chez notre fournisseur",
                "Choisissez un autre jour auprès du transporteur.",
            ),
        ),
        "ja": _at(
            "JP",
            ("山本 葵", "桜町1-2-3", "604-8001", "京都市"),
            ("アッサムティー 250g", "磁器のティーポット", "茶こし"),
            (
                "完売のため",
                "ご不在のため",
                "取っ手が外れるおそれがあります。",
                "使用を中止し、当店までご返送ください。",
                "仕入先のストライキのため",
                "配送会社で別の日をお選びください。",
            ),
            "JPY",
            160,
        ),
        "nl": _at(
            "NL",
            ("Sanne Visser", "Lindelaan 12", "3511 AB", "Utrecht"),
            ("Assamthee, 250 g", "Porseleinen theepot", "Theezeefje"),
            (
                "Uitverkocht",
                "Niemand thuis",
                "Het handvat kan afbreken.",
                "Gebruik de theepot niet meer en stuur hem terug.",
                "Staking bij onze leverancier",
                "Kies bij de vervoerder een andere dag.",
            ),
        ),
        "pl": _at(
            "PL",
            ("Zofia Lis", "ul. Lipowa 12", "30-702", "Kraków"),
            ("Herbata Assam, 250 g", "Porcelanowy czajniczek", "Sitko do herbaty"),
            (
                "Towar wyprzedany",
                "Nikogo nie było w domu",
                "Uchwyt może się odłamać.",
                "Nie używaj czajniczka i odeślij go do nas.",
                "Strajk u naszego dostawcy",
                "Wybierz u przewoźnika inny dzień.",
            ),
            "PLN",
            4,
        ),
        "pt": _at(
            "BR",
            ("Beatriz Nunes", "Rua das Tílias, 12", "01310-100", "São Paulo"),
            ("Chá Assam, 250 g", "Bule de porcelana", "Coador de chá"),
            (
                "Esgotado",
                "Ninguém em casa",
                "A alça pode se soltar.",
                "Não use o bule e devolva-o para nós.",
                "Greve no nosso fornecedor",
                "Escolha outro dia com a transportadora.",
            ),
            "BRL",
            6,
        ),
        "pt-PT": _at(
            "PT",
            ("Inês Moura", "Rua da Tília 12", "1100-148", "Lisboa"),
            ("Chá Assam, 250 g", "Bule de porcelana", "Coador de chá"),
            (
                "Esgotado",
                "Ninguém em casa",
                "A pega pode partir-se.",
                "Não use o bule; devolva-o.",
                "Greve no nosso fornecedor",
                "Escolha outro dia junto da transportadora.",
            ),
        ),
    }
)
ENGLISH = HOMES["en"]
REMARKS = ("SOLD OUT", "NOBODY HOME", "HAZARD", "ADVICE", "STRIKE", "ANOTHER DAY")
"""Why it was cancelled, why it was not delivered, why it is recalled and what is to be done; why it
is late, and what a customer has to do to get a parcel."""
