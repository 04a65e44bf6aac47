"""The app, as Django knows it."""

from django.apps import AppConfig
from django.core import checks


class FulfillmentConfig(AppConfig):
    name = "fulfillment"
    verbose_name = "Fulfilment"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Have `manage.py check` look whether Oscar's classes are replaced."""
        from fulfillment.wiring import unreplaced  # noqa: PLC0415 - models have to be there first

        checks.register(unreplaced)
