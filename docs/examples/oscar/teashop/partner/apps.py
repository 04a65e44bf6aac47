"""The app, in the place of Oscar's."""

from oscar.apps.partner import apps


class PartnerConfig(apps.PartnerConfig):
    name = "teashop.partner"
