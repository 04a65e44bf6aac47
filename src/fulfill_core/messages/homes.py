"""Where the customers of the samples are at home. Nothing in it is anybody's."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import NamedTuple

from fulfill_core.orders.order import Address


class Remarks(NamedTuple):
    """What people of the shop, or of a carrier, wrote down."""

    sold_out: str
    """Why it was cancelled."""
    nobody_home: str
    """Why it was not delivered."""
    hazard: str
    """Why it is recalled."""
    advice: str
    """What is to be done with what is recalled."""
    strike: str
    """Why it is late."""
    another_day: str
    """What a customer has to do to get a parcel."""


class Home(NamedTuple):
    """Where a customer is at home, and what things and reasons are called there."""

    address: Address
    currency: str
    factor: int
    """What a price in euros is multiplied by."""
    titles: tuple[str, str, str]
    remarks: Remarks


def _at(
    country: str,
    lines: tuple[str, str, str, str],
    titles: tuple[str, str, str],
    remarks: Remarks,
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
            Remarks(
                sold_out="نفد من المخزون",
                nobody_home="لم يكن أحد في المنزل",
                hazard="قد ينكسر المقبض.",
                advice="توقّف عن استخدامه وأعده إلينا.",
                strike="إضراب لدى المورّد",
                another_day="اختر يومًا آخر لدى شركة الشحن.",
            ),
            "AED",
            4,
        ),
        "de": _at(
            "DE",
            ("Jana Vogt", "Lindenstraße 12", "10969", "Berlin"),
            ("Assam-Tee, 250 g", "Teekanne aus Porzellan", "Teesieb"),
            Remarks(
                sold_out="Ausverkauft",
                nobody_home="Niemand zu Hause",
                hazard="Der Griff kann abbrechen.",
                advice="Nicht mehr verwenden und an uns zurücksenden.",
                strike="Streik bei unserem Lieferanten",
                another_day="Wählen Sie beim Paketdienst einen anderen Tag.",
            ),
        ),
        "en": _at(
            "GB",
            ("Ada Marsh", "12 Lime Street", "LS1 4AP", "Leeds"),
            ("Assam tea, 250 g", "Porcelain teapot", "Tea strainer"),
            Remarks(
                sold_out="Sold out",
                nobody_home="Nobody home",
                hazard="The handle may break off.",
                advice="Do not use it; send it back.",
                strike="A strike at our supplier",
                another_day="Please choose another day with the carrier.",
            ),
            "GBP",
        ),
        "es": _at(
            "ES",
            ("Lucía Vega", "Calle del Tilo 12", "28004", "Madrid"),
            ("Té de Assam, 250 g", "Tetera de porcelana", "Colador de té"),
            Remarks(
                sold_out="Agotado",
                nobody_home="No había nadie en casa",
                hazard="El asa puede romperse.",
                advice="No la uses y devuélvenosla.",
                strike="Huelga en nuestro proveedor",
                another_day="Elige otro día en la web del transportista.",
            ),
        ),
        "fr": _at(
            "FR",
            ("Élise Morel", "12 rue des Tilleuls", "69002", "Lyon"),
            ("Thé Assam, 250 g", "Théière en porcelaine", "Passoire à thé"),
            Remarks(
                sold_out="Rupture de stock",
                nobody_home="Destinataire absent",
                hazard="La poignée peut se briser.",
                advice="Cessez toute utilisation et renvoyez la théière.",
                strike="Grève chez notre fournisseur",
                another_day="Choisissez un autre jour auprès du transporteur.",
            ),
        ),
        "ja": _at(
            "JP",
            ("山本 葵", "桜町1-2-3", "604-8001", "京都市"),
            ("アッサムティー 250g", "磁器のティーポット", "茶こし"),
            Remarks(
                sold_out="完売のため",
                nobody_home="ご不在のため",
                hazard="取っ手が外れるおそれがあります。",
                advice="使用を中止し、当店までご返送ください。",
                strike="仕入先のストライキのため",
                another_day="配送会社で別の日をお選びください。",
            ),
            "JPY",
            160,
        ),
        "nl": _at(
            "NL",
            ("Sanne Visser", "Lindelaan 12", "3511 AB", "Utrecht"),
            ("Assamthee, 250 g", "Porseleinen theepot", "Theezeefje"),
            Remarks(
                sold_out="Uitverkocht",
                nobody_home="Niemand thuis",
                hazard="Het handvat kan afbreken.",
                advice="Gebruik de theepot niet meer en stuur hem terug.",
                strike="Staking bij onze leverancier",
                another_day="Kies bij de vervoerder een andere dag.",
            ),
        ),
        "pl": _at(
            "PL",
            ("Zofia Lis", "ul. Lipowa 12", "30-702", "Kraków"),
            ("Herbata Assam, 250 g", "Porcelanowy czajniczek", "Sitko do herbaty"),
            Remarks(
                sold_out="Towar wyprzedany",
                nobody_home="Nikogo nie było w domu",
                hazard="Uchwyt może się odłamać.",
                advice="Nie używaj czajniczka i odeślij go do nas.",
                strike="Strajk u naszego dostawcy",
                another_day="Wybierz u przewoźnika inny dzień.",
            ),
            "PLN",
            4,
        ),
        "pt": _at(
            "BR",
            ("Beatriz Nunes", "Rua das Tílias, 12", "01310-100", "São Paulo"),
            ("Chá Assam, 250 g", "Bule de porcelana", "Coador de chá"),
            Remarks(
                sold_out="Esgotado",
                nobody_home="Ninguém em casa",
                hazard="A alça pode se soltar.",
                advice="Não use o bule e devolva-o para nós.",
                strike="Greve no nosso fornecedor",
                another_day="Escolha outro dia com a transportadora.",
            ),
            "BRL",
            6,
        ),
        "pt-PT": _at(
            "PT",
            ("Inês Moura", "Rua da Tília 12", "1100-148", "Lisboa"),
            ("Chá Assam, 250 g", "Bule de porcelana", "Coador de chá"),
            Remarks(
                sold_out="Esgotado",
                nobody_home="Ninguém em casa",
                hazard="A pega pode partir-se.",
                advice="Não use o bule; devolva-o.",
                strike="Greve no nosso fornecedor",
                another_day="Escolha outro dia junto da transportadora.",
            ),
        ),
    }
)
ENGLISH = HOMES["en"]
