"""The languages that come with the library: what its messages say, by locale.

One module each, so that whoever knows a language finds all of it in one place.
"""

from __future__ import annotations

from types import MappingProxyType

from fulfill_core.messages.languages import ar, de, en, es, fr, ja, nl, pl, pt, pt_pt

TEXTS_BY_LOCALE = MappingProxyType(
    {
        "ar": MappingProxyType(ar.TEXTS),
        "de": MappingProxyType(de.TEXTS),
        "en": MappingProxyType(en.TEXTS),
        "es": MappingProxyType(es.TEXTS),
        "fr": MappingProxyType(fr.TEXTS),
        "ja": MappingProxyType(ja.TEXTS),
        "nl": MappingProxyType(nl.TEXTS),
        "pl": MappingProxyType(pl.TEXTS),
        "pt": MappingProxyType(pt.TEXTS),
        "pt-PT": MappingProxyType(pt_pt.TEXTS),
    }
)
"""Text by key, by locale. Portuguese is that of Brazil, unless it says that it is Portugal's."""
