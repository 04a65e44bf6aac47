"""The shop's pages: Oscar's, and Django's admin."""

from typing import Any

from django.apps import apps
from django.conf import settings
from django.conf.urls.static import static
from django.contrib import admin
from django.urls import include, path

from teashop.views import Window

oscar: Any = apps.get_app_config("oscar")
urlpatterns = [
    path("i18n/", include("django.conf.urls.i18n")),
    path("admin/", admin.site.urls),
    path("", Window.as_view(), name="window"),
    path("", include(oscar.urls[0])),
    *static(settings.MEDIA_URL, document_root=settings.MEDIA_ROOT),  # nothing, unless DEBUG
]
