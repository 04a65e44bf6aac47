"""How often hypothesis tries what takes long to try."""

from __future__ import annotations

from hypothesis import settings

FEWER = settings(max_examples=max(1, settings().max_examples * 2 // 5))
"""40 examples by the profile ``default``, 1,200 by ``thorough``.

For properties of which each example is a world of its own, with a run or more. Of the 49 broken
runs that `test_laws_bite` tries, 37 are found within 25 examples, two more within 40, and none
within the next ten. The laws of a run keep the usual number: some are about what is rare.
"""
