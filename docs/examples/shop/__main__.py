"""Runs the sample shop: ``python docs/examples/shop run``."""

import sys

from shop.cli import main

sys.exit(main())
