"""The app, as Django knows it."""

from django.apps import AppConfig


class FulfillmentConfig(AppConfig):
    name = "fulfillment"
    verbose_name = "Fulfilment"
    default_auto_field = "django.db.models.BigAutoField"
