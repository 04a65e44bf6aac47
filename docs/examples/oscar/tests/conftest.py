"""What all tests of the shop have."""

from __future__ import annotations

import os

import pytest
from django.conf import settings

# Playwright has a loop of its own in the thread of a test; its queries have nothing to do with it.
os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "1"


@pytest.fixture(autouse=True)
def _quick_passwords() -> None:
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
