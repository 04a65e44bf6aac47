"""The shop window: all articles. Oscar lists them by a search engine, and here is none."""

from django.views.generic import ListView
from oscar.core.loading import get_model


class Window(ListView):
    template_name = "teashop/window.html"
    context_object_name = "products"
    queryset = get_model("catalogue", "Product").objects.browsable().base_queryset()
    ordering = "title"
