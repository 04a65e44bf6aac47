"""Messages in words: subject, text and HTML, in nine languages and those of the host.

Needs the extra ``fulfill_core[messages]``, so nothing else of the library imports it:
``from fulfill_core.messages import Renderer``.
"""

from __future__ import annotations

from fulfill_core.messages.language import Language
from fulfill_core.messages.rendered import RenderedMessage
from fulfill_core.messages.renderer import Renderer
from fulfill_core.messages.samples import Sample, samples
from fulfill_core.messages.shop import Shop

__all__ = [
    "Language",
    "RenderedMessage",
    "Renderer",
    "Sample",
    "Shop",
    "samples",
]
