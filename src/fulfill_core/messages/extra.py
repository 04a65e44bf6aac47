"""What the wing uses of Babel and Jinja2, or an error that says how to get them."""

from __future__ import annotations

try:
    from babel import Locale, UnknownLocaleError
    from babel.dates import format_date, format_time
    from babel.numbers import format_currency, format_decimal
    from jinja2 import BaseLoader, Environment, StrictUndefined, Template, TemplateNotFound
    from jinja2 import nodes as syntax
    from jinja2.exceptions import TemplateSyntaxError
    from jinja2.meta import find_undeclared_variables
    from jinja2.runtime import Context
    from jinja2.sandbox import ImmutableSandboxedEnvironment
    from jinja2.utils import pass_context
    from markupsafe import Markup, escape
except ImportError as error:
    raise ImportError(
        "fulfill_core.messages needs Babel and Jinja2: pip install 'fulfill_core[messages]'",
        name=error.name,
    ) from error

__all__ = [
    "BaseLoader",
    "Context",
    "Environment",
    "ImmutableSandboxedEnvironment",
    "Locale",
    "Markup",
    "StrictUndefined",
    "Template",
    "TemplateNotFound",
    "TemplateSyntaxError",
    "UnknownLocaleError",
    "escape",
    "find_undeclared_variables",
    "format_currency",
    "format_date",
    "format_decimal",
    "format_time",
    "pass_context",
    "syntax",
]
