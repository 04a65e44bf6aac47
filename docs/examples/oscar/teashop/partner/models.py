"""Oscar's models, unchanged."""

from oscar.apps.partner.models import *  # noqa: F403
