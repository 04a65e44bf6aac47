"""The ready-made templates: one page for all kinds of mail, and one plain text.

A mail is no web page. Tables, since Outlook lays nothing else out; styles in the elements, since
some programs drop the head; 600 pixels, and less on a phone; colors for dark mode in the head, for
those programs that have one and read it.
"""

from __future__ import annotations

from types import MappingProxyType

from fulfill_core.messages.extra import Markup

_FONT = "font-family: Helvetica, Arial, sans-serif"

_STYLES = {
    "page": f"margin: 0; padding: 0; width: 100%; background-color: #f2f4f3; {_FONT}",
    "card": "width: 100%; max-width: 600px; background-color: #ffffff; border-radius: 8px",
    "title": "margin: 0 0 16px; font-size: 22px; line-height: 30px; color: #1b1f1d",
    "text": "margin: 0 0 14px; font-size: 16px; line-height: 24px; color: #2b302d",
    "small": "margin: 0; font-size: 13px; line-height: 20px; color: #5d6661",
    "label": "font-size: 14px; line-height: 22px; color: #5d6661; vertical-align: top",
    "value": "font-size: 14px; line-height: 22px; color: #1b1f1d; vertical-align: top",
    "strong": "font-size: 16px; line-height: 24px; color: #1b1f1d; font-weight: bold",
    "rule": "border-top: 1px solid #e2e6e4; padding: 12px 0",
}
STYLES = MappingProxyType({name: Markup(style) for name, style in _STYLES.items()})
"""What elements look like: ``style="{{ styles.text }}"`` in a template."""

_HTML = """\
<!DOCTYPE html>
<html lang="{{ language }}" dir="{{ direction }}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="supported-color-schemes" content="light dark">
<meta name="format-detection" content="telephone=no, date=no, address=no, email=no">
<title>{{ subject }}</title>
<style>
:root { color-scheme: light dark; supported-color-schemes: light dark; }
a { color: inherit; }
@media (max-width: 619px) {
  .outer { padding: 0 !important; }
  .card { border-radius: 0 !important; }
  .bar { padding: 14px 20px !important; border-radius: 0 !important; }
  .inner { padding: 24px 20px !important; }
}
@media (prefers-color-scheme: dark) {
  .page { background-color: #101312 !important; }
  .card { background-color: #1b1f1d !important; }
  .ink { color: #f1f4f2 !important; }
  .pale { color: #aab3ae !important; }
  .rule { border-color: #39403c !important; }
}
</style>
{% block head %}{% endblock %}
</head>
<body class="page" style="{{ styles.page }}">
<div style="display: none; max-height: 0; overflow: hidden; mso-hide: all">{{ preheader }}</div>
<table role="presentation" width="100%" cellpadding="0" cellspacing="0" border="0">
<tr><td class="outer" align="center" style="padding: 24px 12px">
<!--[if mso]><table role="presentation" width="600" align="center"><tr><td><![endif]-->
<table role="presentation" class="card" width="100%" cellpadding="0" cellspacing="0" border="0"
 style="{{ styles.card }}">
{% block header %}
<tr><td class="bar" align="{{ start }}" bgcolor="{{ shop.color }}"
 style="padding: 16px 32px; background-color: {{ shop.color }}; border-radius: 8px 8px 0 0;
 word-break: break-word; overflow-wrap: anywhere">
<span style="font-size: 18px; font-weight: bold;
 color: {{ shop.ink }}"><bdi>{{ shop.name }}</bdi></span>
</td></tr>
{% endblock %}
<tr><td class="inner" align="{{ start }}"
 style="padding: 32px; word-break: break-word; overflow-wrap: anywhere">
<h1 class="ink" style="{{ styles.title }}">{{ heading }}</h1>
{% block opening %}
{% if greeting %}<p class="ink" style="{{ styles.text }}">{{ greeting }}</p>{% endif %}
{% for paragraph in opening %}
<p class="ink" style="{{ styles.text }}">{{ paragraph }}</p>
{% endfor %}
{% endblock %}
{% for section in sections %}
{% if sections|length > 1 %}
<h2 class="ink" style="{{ styles.strong }}; margin: 20px 0 8px">{{ section.heading }}</h2>
{% for paragraph in section.opening %}
<p class="ink" style="{{ styles.text }}">{{ paragraph }}</p>
{% endfor %}
{% endif %}
{% block lines scoped %}
{% if section.lines %}
<table role="presentation" width="100%" cellpadding="0" cellspacing="0" border="0">
{% for line in section.lines %}
<tr><td class="rule" align="{{ start }}" style="{{ styles.rule }}">
<div class="ink" style="{{ styles.strong }}">{{ line.title }}</div>
{% if line.sku %}<div class="pale" style="{{ styles.small }}">{{ line.sku }}</div>{% endif %}
{% for detail in line.details %}
<div class="ink" style="{{ styles.value }}">{{ detail.text }}</div>
{% endfor %}
</td>
{% if line.amount %}<td class="rule ink" align="{{ end }}" valign="top" style="{{ styles.rule }};
 font-size: 16px; line-height: 24px; color: #1b1f1d; white-space: nowrap">{{ line.amount }}</td>
{% endif %}
</tr>
{% endfor %}
</table>
{% endif %}
{% endblock %}
{% block facts scoped %}
{% if section.facts %}
<table role="presentation" class="rule" width="100%" cellpadding="0" cellspacing="0" border="0"
 style="border-top: 1px solid #e2e6e4; padding: 12px 0; margin: 0 0 12px">
{% for fact in section.facts %}
<tr><td class="pale" align="{{ start }}" width="40%"
 style="{{ styles.label }}; padding-{{ end }}: 12px;
 word-break: normal; overflow-wrap: normal">
{{ fact.label }}</td><td class="ink" align="{{ start }}" style="{{ styles.value }}">
{{ fact.value }}</td></tr>
{% endfor %}
{% if section.address %}
<tr><td class="pale" align="{{ start }}" width="40%"
 style="{{ styles.label }}; padding-{{ end }}: 12px;
 word-break: normal; overflow-wrap: normal">{{ labels.address }}
</td><td class="ink" align="{{ start }}" style="{{ styles.value }}">
{% for part in section.address %}{{ part }}{% if not loop.last %}<br>{% endif %}{% endfor %}
</td></tr>
{% endif %}
</table>
{% endif %}
{% endblock %}
{% block reasons scoped %}
{% if section.reasons %}
<h2 class="ink" style="{{ styles.strong }}; margin: 0 0 8px">{{ labels.reasons }}</h2>
{% for reason in section.reasons %}
<p class="ink" style="{{ styles.value }}; margin: 0 0 10px">
<span class="pale" style="{{ styles.small }}">{{ reason.label }}</span><br>{{ reason.value }}</p>
{% endfor %}
{% endif %}
{% endblock %}
{% endfor %}
{% block action %}
{% if link %}
<table role="presentation" cellpadding="0" cellspacing="0" border="0" style="margin: 12px 0 20px">
<tr><td align="center" bgcolor="{{ shop.color }}"
 style="border-radius: 6px; background-color: {{ shop.color }}">
<a href="{{ link }}" style="display: inline-block; padding: 12px 24px; font-size: 16px;
 font-weight: bold; text-decoration: none; color: {{ shop.ink }}">{{ action }}</a>
</td></tr></table>
{% endif %}
{% endblock %}
{% block closing %}
{% if closing %}
<p class="ink" style="{{ styles.text }}; margin: 12px 0 0">{{ closing }}<br>
<bdi>{{ shop.name }}</bdi></p>
{% endif %}
{% endblock %}
</td></tr>
</table>
{% block footer %}
<table role="presentation" width="100%" cellpadding="0" cellspacing="0" border="0"
 style="max-width: 600px">
<tr><td align="center"
 style="padding: 20px 24px; word-break: break-word; overflow-wrap: anywhere">
{% if footer %}<p class="pale" style="{{ styles.small }}">{{ footer }}</p>{% endif %}
{% for part in shop.footer %}
<p class="pale" style="{{ styles.small }}"><bdi>{{ part }}</bdi></p>
{% endfor %}
{% if shop.url %}<p class="pale" style="{{ styles.small }}">
<a href="{{ shop.url }}" class="pale" style="color: #5d6661"><bdi>{{ shop.url }}</bdi></a>
</p>{% endif %}
</td></tr></table>
{% endblock %}
<!--[if mso]></td></tr></table><![endif]-->
</td></tr></table>
</body>
</html>
"""

_TEXT = """\
{% block opening %}
{% if greeting %}
{{ greeting }}

{% endif %}
{% for paragraph in opening %}
{{ paragraph }}

{% endfor %}
{% endblock %}
{% for section in sections %}
{% if sections|length > 1 %}
## {{ section.heading }}

{% for paragraph in section.opening %}
{{ paragraph }}

{% endfor %}
{% endif %}
{% block lines scoped %}
{% for line in section.lines %}
* {{ line.text }}
{% for detail in line.details %}
  {{ detail.text }}
{% endfor %}
{% if loop.last %}

{% endif %}
{% endfor %}
{% endblock %}
{% block facts scoped %}
{% for fact in section.facts %}
{{ fact.text }}
{% endfor %}
{% if section.address %}
{{ leads.address }}
{% for part in section.address %}
  {{ part }}
{% endfor %}
{% endif %}
{% endblock %}
{% block reasons scoped %}
{% if section.reasons %}

{{ leads.reasons }}
{% for reason in section.reasons %}
* {{ reason.text }}
{% endfor %}
{% endif %}
{% endblock %}
{% if not loop.last %}

{% endif %}
{% endfor %}
{% block action %}
{% if link %}

{{ leads.link }}
{% endif %}
{% endblock %}
{% block closing %}
{% if closing %}

{{ closing }}
{{ shop.name }}
{% endif %}
{% endblock %}
{% block footer %}

--\x20
{% if footer %}
{{ footer }}
{% endif %}
{% for part in shop.footer %}
{{ part }}
{% endfor %}
{% if shop.url %}
{{ shop.url }}
{% endif %}
{% endblock %}
"""

READY_MADE = MappingProxyType({"base.html": _HTML, "base.txt": _TEXT})
"""The templates that every message has unless the shop has one of its own."""
