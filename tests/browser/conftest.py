"""The built site, and a browser to look at it. Not part of the usual tests: `.ci/run` has them.

``pytest tests/browser --site docs/_build`` looks at a site that is built already; without
``--site`` it is built first.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pytest
from playwright.sync_api import Browser, Error, sync_playwright

PROJECT = Path(__file__).parents[2]
NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")


def pytest_addoption(parser: pytest.Parser) -> None:
    """Where the site is."""
    parser.addoption("--site", help="the folder of the built site; it is built if this is left out")


@pytest.fixture(scope="session")
def site(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of the built site."""
    folder = request.config.getoption("--site")
    if folder:
        return Path(folder).resolve()
    built = tmp_path_factory.mktemp("site")
    command = [sys.executable, "-m", "sphinx", "-q", "-W", "-n", "-b", "html", "docs", str(built)]
    subprocess.run(command, cwd=PROJECT, check=True)
    return built


@pytest.fixture(scope="session")
def address(site: Path) -> Iterator[str]:
    """Where a server of this machine alone shows the site, as pages ask for others."""

    class Quiet(SimpleHTTPRequestHandler):
        def log_message(self, format: str, *args: object) -> None:  # noqa: A002
            """Nobody reads it."""

    with ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=str(site))) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """A Chromium without a window: that of playwright, or else one of this machine."""
    with sync_playwright() as playwright:
        for path in [None, *filter(None, map(shutil.which, NAMES))]:
            try:
                browser = playwright.chromium.launch(executable_path=path, args=["--no-sandbox"])
            except Error:
                continue
            yield browser
            browser.close()
            return
    pytest.fail(
        "No browser can be had, so nobody has looked at the site. Install Chromium"
        f" ({', '.join(NAMES)}), or run: playwright install chromium",
        pytrace=False,
    )
