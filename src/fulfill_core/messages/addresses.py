"""An address line by line, as it is written where it lies."""

from __future__ import annotations

from collections.abc import Iterable

from fulfill_core.messages import formats
from fulfill_core.messages.extra import Locale
from fulfill_core.orders.order import Address

_CODE_FIRST = ((" ", "postal_code", "city"), (" ", "region"))
_TOWN_OVER_CODE = ((" ", "city"), (" ", "region"), (" ", "postal_code"))
_ALL_IN_ONE = ((" ", "city", "region", "postal_code"),)
_CODE_BEHIND = ((" ", "city", "postal_code"), (" ", "region"))
_PLACES = {
    **dict.fromkeys(("GB", "GG", "IE", "IM", "JE"), _TOWN_OVER_CODE),
    **dict.fromkeys(("AU", "CA", "US"), _ALL_IN_ONE),
    **dict.fromkeys(("IN", "NZ", "SG"), _CODE_BEHIND),
    "BR": ((" - ", "city", "region"), (" ", "postal_code")),
}
"""By country: what stands on each line below the street, and what stands between it.

See the Universal Postal Union's *Postal addressing systems*; all others have the code first.
"""


def address_lines(address: Address, locale: Locale) -> list[str]:
    """The lines of an address; of what it has not there is none.

    >>> address_lines(Address(name="Ada", street=["1 Lime St"], city="Leeds", postal_code="LS1 4AP",
    ...                       country="GB"), Locale("de"))
    ['Ada', '1 Lime St', 'Leeds', 'LS1 4AP', 'Vereinigtes Königreich']
    """
    is_japanese = address.country == "JP" and not address.city.isascii()
    if is_japanese and locale.language == "ja":
        return _japanese_lines(address)
    places = [
        separator.join(_filled(getattr(address, field) for field in fields))
        for separator, *fields in _PLACES.get(address.country, _CODE_FIRST)
    ]
    country = formats.country(address.country, locale) if address.country else ""
    return _filled([address.name, *address.street, *places, country])


def _japanese_lines(address: Address) -> list[str]:
    """From the country down to the person, as the Japanese write it to each other."""
    first, *rest = address.street or ("",)
    code = address.postal_code and f"〒{address.postal_code.removeprefix('〒')}"
    name = f"{address.name} 様" if address.name.strip() else ""
    return _filled([code, f"{address.region}{address.city}{first}", *rest, name])


def _filled(texts: Iterable[str]) -> list[str]:
    return [text for text in texts if text.strip()]
