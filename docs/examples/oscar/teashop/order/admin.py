"""Oscar's pages in the admin, unchanged."""

from oscar.apps.order.admin import *  # noqa: F403
