"""Every message in every language, as a folder of pages to look at.

    python docs/examples/gallery.py gallery
    python docs/examples/gallery.py gallery --own my-messages --locale de

The second one previews what is your own: the files of a folder, templates such as ``message.html``
and ``order.confirmed.html``, and texts by key such as ``de.json``. It writes what a customer would
get, and an index of it. It sends nothing.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterator, Sequence
from html import escape
from pathlib import Path

from fulfill_core import FulfillError
from fulfill_core.messages import Language, RenderedMessage, Renderer, Sample, Shop, samples

SHOP = Shop(
    name="Lime Street Tea",
    url="https://tea.example",
    footer=["Lime Street Tea Ltd, 12 Lime Street, Leeds LS1 4AP", "help@tea.example"],
)
LINK = "https://tea.example/orders/A-1017"


def file_name(sample: Sample) -> str:
    """What the page of a sample is called: ``order.delayed-no-date``."""
    return sample.name.replace(", ", "-").replace(" ", "-")


def rendered(renderer: Renderer, locale: str) -> Iterator[tuple[Sample, RenderedMessage]]:
    """All samples of a language, in words. Customers get a button, others have nothing to press."""
    for sample in samples(locale):
        link = LINK if sample.notification.audience == "customer" else ""
        message = renderer.render(
            sample.notification, sample.order, titles=sample.titles, link=link
        )
        yield sample, message


def write(folder: Path, renderer: Renderer, locales: Sequence[str]) -> int:
    """Write a page, and its text, for each message in each language; how many there are."""
    sections: list[str] = []
    count = 0
    for locale in locales:
        (folder / locale).mkdir(parents=True, exist_ok=True)
        sections.append(f"<h2>{escape(locale)}</h2>\n<ul>")
        for sample, message in rendered(renderer, locale):
            path = f"{locale}/{file_name(sample)}"
            (folder / f"{path}.html").write_text(message.html, "utf-8")
            text = f"{message.subject}\n{message.preheader}\n\n{message.text}"
            (folder / f"{path}.txt").write_text(text, "utf-8")
            note = f" ({escape(message.fallback)})" if message.fallback else ""
            sections.append(
                f'<li><a href="{path}.html"><bdi>{escape(message.subject)}</bdi></a>'
                f' <a href="{path}.txt">text</a> {escape(sample.name)}{note}</li>'
            )
            count += 1
        sections.append("</ul>")
    page = "\n".join(['<!DOCTYPE html>\n<meta charset="utf-8">', *sections])
    (folder / "index.html").write_text(page, "utf-8")
    return count


def own_renderer(folder: Path) -> Renderer:
    """A renderer with the templates and the texts of a folder, by the names of their files."""
    files = {path: path.read_text("utf-8") for path in sorted(folder.iterdir()) if path.is_file()}
    return Renderer(
        shop=SHOP,
        templates={
            path.name: text for path, text in files.items() if path.suffix in {".html", ".txt"}
        },
        languages=[
            Language(locale=path.stem, texts=json.loads(text))
            for path, text in files.items()
            if path.suffix == ".json"
        ],
    )


def main(arguments: Sequence[str] | None = None) -> int:
    """Write the gallery; 1 if something is at fault, which is then named."""
    parser = argparse.ArgumentParser(description="Writes every message in every language.")
    parser.add_argument("folder", type=Path, help="where to, made if need be")
    parser.add_argument("--own", type=Path, help="a folder with templates and texts of your own")
    parser.add_argument("--locale", action="append", help="only these (default: all there are)")
    options = parser.parse_args(arguments)
    try:
        renderer = own_renderer(options.own) if options.own else Renderer(shop=SHOP)
        count = write(options.folder, renderer, options.locale or renderer.locales)
    except (FulfillError, OSError, ValueError) as fault:  # ValueError: what is no JSON, no UTF-8
        print(fault)
        return 1
    print(f"{count} messages: {options.folder / 'index.html'}")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
