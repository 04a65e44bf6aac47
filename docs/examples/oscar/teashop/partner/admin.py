"""Oscar's pages in the admin, unchanged."""

from oscar.apps.partner.admin import *  # noqa: F403
