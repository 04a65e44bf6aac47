"""What Oscar does with what people report on the dashboard."""

from fulfillment.processing import EventHandler  # noqa: F401
