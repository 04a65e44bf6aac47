"""Oscar's receivers of signals, unchanged."""

from oscar.apps.partner.receivers import *  # noqa: F403
