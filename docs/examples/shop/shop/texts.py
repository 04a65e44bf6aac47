"""What the messages say: the library's own words, in the name of this shop."""

from __future__ import annotations

from fulfill_core.messages import Renderer, Shop

RENDERER = Renderer(
    shop=Shop(
        name="Tea shop",
        url="https://tea.example",
        footer=["Tea shop, 12 Lime Street, Leeds LS1 4AP", "shop@tea.example"],
    )
)
