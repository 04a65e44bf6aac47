"""The languages that come with the library: what its messages say, by locale.

One module each, so that whoever knows a language finds all of it in one place.
"""

from __future__ import annotations

from types import MappingProxyType

from fulfill_core.messages.languages import en

TEXTS_BY_LOCALE = MappingProxyType(
    {
        "en": MappingProxyType(en.TEXTS),
    }
)
"""Text by key, by locale. Portuguese is that of Brazil."""
