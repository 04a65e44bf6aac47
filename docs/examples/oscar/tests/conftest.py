"""What all tests of the shop have."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest

# Playwright has a loop of its own in the thread of a test; its queries have nothing to do with it.
os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "1"


@pytest.fixture(autouse=True)
def _settings_of_tests(settings: Any, tmp_path: Path) -> None:
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    settings.MEDIA_ROOT = str(tmp_path)  # Oscar makes small pictures as pages are shown
