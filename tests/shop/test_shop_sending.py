"""What the sample shop's customers agreed to, and when they are told."""

from __future__ import annotations
