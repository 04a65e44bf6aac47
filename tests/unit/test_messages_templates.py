"""Templates of a shop's own: what they may do, and what is said of those that do more."""

from __future__ import annotations

import copy
import pickle

import attrs
import pytest

from fulfill_core import InvalidValueError, Order, OrderLine, PluginError
from fulfill_core.messages import Language, RenderedMessage, Renderer, Sample, Shop, samples

SHOP = Shop(name="Tea shop")
CONFIRMED, LOST = (
    next(each for each in samples("en") if each.name == name)
    for name in ("order.confirmed", "parcel.lost")
)


def rendered(
    template: str, name: str = "message.html", sample: Sample = CONFIRMED, **templates: str
) -> RenderedMessage:
    """The sample with a template, and further ones: ``base_txt`` is ``base.txt``."""
    further = {key.replace("_", "."): text for key, text in templates.items()}
    renderer = Renderer(shop=SHOP, templates={name: template, **further})
    return renderer.render(sample.notification, sample.order, titles=sample.titles)


def html(template: str, sample: Sample = CONFIRMED) -> str:
    """What comes of a template for a page."""
    return rendered(template, sample=sample).html


def refusal(template: str, name: str = "message.html", **templates: str) -> str:
    """What is said of a template when it is read."""
    with pytest.raises(InvalidValueError) as error:
        rendered(template, name, **templates)
    return str(error.value)


def failure(template: str, sample: Sample = CONFIRMED) -> str:
    """What is said of a template when a message is written."""
    with pytest.raises(PluginError) as error:
        html(template, sample)
    assert error.value.__cause__ is not None
    return str(error.value)


# -- What a shop may change ------------------------------------------------------------------------


def test_a_template_for_one_kind_leaves_the_others() -> None:
    """The name says for which kind it is."""
    template = "{{ subject }}!"
    assert rendered(template, "order.confirmed.html").html == "Your order A-1017 is confirmed!"
    assert rendered(template, "parcel.lost.html").html.startswith("<!DOCTYPE html>")
    assert rendered(template, "parcel.lost.html", LOST).html == (
        "A parcel of your order A-1017 has been lost!"
    )


def test_a_template_for_all_kinds_gives_way_to_one_for_a_kind() -> None:
    """The nearest counts: for the kind, for all of them, the ready-made one."""
    message = rendered("all", parcel_lost_html="one")
    assert message.html == "all"
    renderer = Renderer(shop=SHOP, templates={"message.html": "all", "parcel.lost.html": "one"})
    assert renderer.render(LOST.notification, LOST.order).html == "one"


def test_the_plain_text_has_templates_as_well() -> None:
    """By the same names, with another ending; nothing is escaped there."""
    message = rendered("{{ heading }} <3", "message.txt")
    assert message.text == "Your order A-1017 is confirmed <3"
    assert message.html.startswith("<!DOCTYPE html>")


def test_a_block_is_replaced_and_the_rest_stays() -> None:
    """A template extends the ready-made one, and may keep what was there."""
    template = (
        '{% extends "base.html" %}{% block header %}<tr><td>LOGO</td></tr>{% endblock %}'
        "{% block closing %}{{ super() }}<p>P.S.</p>{% endblock %}"
    )
    page = html(template)
    assert "LOGO" in page
    assert page.index("Kind regards") < page.index("P.S.")
    assert "Assam tea, 250 g" in page


def test_a_block_of_the_plain_text_keeps_its_lines() -> None:
    """What a template keeps of a block stands on as many lines as before; a value on one."""
    template = (
        '{% extends "base.txt" %}{% block closing %}\n{{ order.attributes.gift }}\n'
        "{{ super() }}{% endblock %}"
    )
    order = attrs.evolve(CONFIRMED.order, attributes={"gift": "All the best,\nTom"})
    renderer = Renderer(shop=SHOP, templates={"message.txt": template})
    text = renderer.render(CONFIRMED.notification, order).text
    assert "\nAll the best, Tom\n\nKind regards\nTea shop\n" in text


def test_blocks_within_blocks_may_each_keep_what_was_there() -> None:
    """Once each: there is nothing that grows."""
    block = "{% block a %}{{ super() }}{% block b %}{{ super() }}{% endblock %}{% endblock %}"
    base = "{% block a %}1{% endblock %}{% block b %}2{% endblock %}"
    assert rendered(f'{{% extends "base.html" %}}{block}', base_html=base).html == "122"


def test_a_block_of_the_lines_knows_its_news() -> None:
    """It stands in a loop over the news, of which there is one, or several."""
    template = (
        '{% extends "base.html" %}'
        "{% block lines scoped %}[{{ section.lines|length }}]{{ super() }}{% endblock %}"
    )
    page = html(template)
    assert "[3]" in page
    assert "Assam tea, 250 g" in page


def test_templates_extend_each_other() -> None:
    """One for all kinds, and one for a kind on top of it."""
    renderer = Renderer(
        shop=SHOP,
        templates={
            "message.html": '{% extends "base.html" %}{% block header %}A{% endblock %}',
            "parcel.lost.html": (
                '{% extends "message.html" %}{% block header %}B{{ super() }}{% endblock %}'
            ),
        },
    )
    assert "BA" in renderer.render(LOST.notification, LOST.order).html


def test_a_block_may_be_of_any_template_that_is_extended() -> None:
    """Not of the next one only: what that leaves as it is may be filled by one on top of it."""
    renderer = Renderer(
        shop=SHOP,
        templates={
            "message.html": '{% extends "base.html" %}{% block header %}A{% endblock %}',
            "parcel.lost.html": (
                '{% extends "message.html" %}{% block footer %}OURS{% endblock %}'
            ),
        },
    )
    assert "OURS" in renderer.render(LOST.notification, LOST.order).html


def test_the_base_itself_may_be_replaced() -> None:
    """A shop with another design altogether."""
    assert rendered("{{ shop.name }}", "base.html").html == "Tea shop"


@pytest.mark.parametrize(
    ("template", "text"),
    [
        ("{{ order.customer.name }}", "Ada Marsh"),
        ("{{ order.customer['name'] }}", "Ada Marsh"),
        ("{{ order.lines[0].sku }}", "TEA-ASSAM-250"),
        ("{{ order.total|money }}", "£83.50"),
        ("{{ order.placed_at|day }}", "Monday, March 2, 2026"),
        ("{{ order.attributes.gift|default('none') }}", "none"),
        ("{{ order.bill_to }}", ""),
        ("{% if order.total > 50 and not order.tags %}large{% endif %}", "large"),
        ("{{ 'a' if kind == 'order.confirmed' else 'b' }}", "a"),
        (
            "{% for line in lines %}{{ loop.index }}{{ line.title|upper }} {% endfor %}",
            "1ASSAM TEA, 250 G 2PORCELAIN TEAPOT 3TEA STRAINER ",
        ),
        ("{% for line in lines if line.sku == 'none' %}{% else %}none{% endfor %}", "none"),
        ("{{ lines|length }}{{ (facts|first).label }}", "3Order number"),
        ("{% raw %}{{ 7 }}{% endraw %}{# a remark #}", "{{ 7 }}"),
        ("{{ 'x' is defined }}", "True"),
        ("{{ language }} {{ direction }} {{ start }} {{ end }}", "en ltr left right"),
    ],
)
def test_what_a_template_may_do(template: str, text: str) -> None:
    """It shows, asks and loops, and knows the order."""
    page = html(template).replace("<bdi>", "").replace("</bdi>", "")
    assert page.replace("<BDI>", "").replace("</BDI>", "") == text


def test_what_an_order_says_is_escaped_in_a_page() -> None:
    """Also where a template shows it itself, and not by the parts that are ready."""
    order = attrs.evolve(CONFIRMED.order, channel="<script>alert(1)</script>")
    sample = attrs.evolve(CONFIRMED, order=order)
    assert html("{{ order.channel }}", sample) == "&lt;script&gt;alert(1)&lt;/script&gt;"


def test_what_an_order_says_is_one_line_in_a_text() -> None:
    """Also where a template shows it itself."""
    order = attrs.evolve(CONFIRMED.order, channel="a\nTotal: 0\u202e{{ 7*7 }}")
    sample = attrs.evolve(CONFIRMED, order=order)
    text = rendered("{{ order.channel }}", "message.txt", sample).text
    assert text == "a Total: 0\\u202e{{ 7*7 }}"


# -- Refused when it is read -----------------------------------------------------------------------

WHAT_MAY_BE = (
    "; a template may use values, if, for, block, extends, super(), comparisons, and, or, not, the"
    " tests defined, even, none, odd, undefined and the filters capitalize, count, d, default, e,"
    " escape, first, join, last, length, lower, title, trim, truncate, upper, day, money"
)


@pytest.mark.parametrize(
    ("template", "misuse"),
    [
        ("{{ order.__class__ }}", "'__class__', which is private"),
        ("{{ order['__class__'] }}", "'__class__', which is private"),
        ("{{ order._fingerprint }}", "'_fingerprint', which is private"),
        ("{{ order[kind] }}", "a name that is not written out"),
        ("{{ lines[1:2] }}", "a name that is not written out"),
        ("{{ order.id.upper() }}", "Call"),
        ("{{ range(9) }}", "Call"),
        ("{{ ''.join(lines) }}", "Call"),
        ("{{ super(1) }}", "Call"),
        ("{{ 'a' * 1000000000 }}", "Mul"),
        ("{{ 9 ** 9 ** 9 }}", "Pow"),
        ("{{ '%1000000000d' % 1 }}", "Mod"),
        ("{{ 1 + 1 }}", "Add"),
        ("{{ kind ~ kind }}", "Concat"),
        ("{% set a = kind %}", "Assign"),
        ("{% set a %}x{% endset %}", "AssignBlock"),
        ("{% macro m() %}{% endmacro %}", "Macro"),
        ("{% import 'base.html' as base %}", "Import"),
        ("{% from 'base.html' import x %}", "FromImport"),
        ("{% include 'base.html' %}", "Include"),
        ("{% filter upper %}x{% endfilter %}", "FilterBlock"),
        ("{% with a = 1 %}{% endwith %}", "With"),
        ("{% autoescape false %}{% endautoescape %}", "ScopedEvalContextModifier"),
        ("{% for line in lines recursive %}{% endfor %}", "a recursive loop"),
        ("{% block a %}{{ super() }}{{ super() }}{% endblock %}", "super() twice in a block"),
        ("{% extends kind %}", "a name that is not written out"),
        ("{{ subject|safe }}", "the filter 'safe'"),
        ("{{ subject|attr('x') }}", "the filter 'attr'"),
        ("{{ subject|replace('a', 'b') }}", "the filter 'replace'"),
        ("{{ subject|counted }}", "the filter 'counted'"),
        ("{{ subject is string }}", "the test 'string'"),
        ("{{ {'a': 1} }}", "Dict"),
    ],
)
def test_what_a_template_may_not_do(template: str, misuse: str) -> None:
    """No call, nothing that grows, nothing private, nothing that switches escaping off."""
    source = f"<p>\n  {template}\n"
    assert refusal(source) == (
        f"templates['message.html'], line 2: {template!r} uses {misuse}{WHAT_MAY_BE}"
    )


def test_what_is_not_there_is_named() -> None:
    """With what is there."""
    assert refusal("\n\n{{ customer.name }}") == (
        "templates['message.html'], line 3: '{{ customer.name }}' asks for 'customer'; there are"
        " action, address, closing, direction, end, facts, footer, greeting, heading, kind, labels,"
        " language, leads, lines, link, opening, order, preheader, reasons, section, sections,"
        " shop, start, styles, subject"
    )


@pytest.mark.parametrize("template", ["{{ self.header() }}", "{{ rounds }}", "{{ cycler }}"])
def test_what_jinja_has_beside_is_not_there(template: str) -> None:
    """No globals, and no calls of blocks, which could go in circles."""
    assert refusal(template).startswith("templates['message.html'], line 1: ")


@pytest.mark.parametrize(
    ("template", "line", "problem"),
    [
        ("{% block a %}{% endblock %}\n{% block a %}{% endblock %}", 2, "block 'a' defined twice"),
        ("a\n{{ subject", 2, "unexpected end of template"),
        ("{% if subject %}", 1, "Unexpected end of template"),
        ("a\n\n{% no %}", 3, "unknown tag 'no'"),
        ("{{ subject|nothing }}", 1, "the filter 'nothing'"),
    ],
)
def test_what_can_not_be_read_is_refused_with_its_line(
    template: str, line: int, problem: str
) -> None:
    """And with what Jinja has to say about it."""
    message = refusal(template)
    assert message.startswith(f"templates['message.html'], line {line}: ")
    assert problem in message


def test_nesting_without_end_is_refused() -> None:
    """It is no reason to crash."""
    loops = "{% for a in lines %}" * 30 + "{% endfor %}" * 30
    assert refusal(loops).endswith("is nested too deeply to be read; pass a simpler one")
    assert refusal("{{ " + "(" * 50_000 + "1" + ")" * 49_000 + " }}").endswith(
        "is nested too deeply to be read; pass a simpler one"
    )


def test_a_template_without_end_is_refused() -> None:
    """It is read once, but it is kept."""
    assert refusal("x" * 100_001).endswith("has more than 100000 characters; pass a shorter one")


def test_what_it_extends_is_there() -> None:
    """The error says what there is to extend."""
    assert refusal('\n{% extends "bass.html" %}') == (
        "templates['message.html'], line 2: '{% extends \"bass.html\" %}' extends 'bass.html';"
        " there are base.html, base.txt, message.html"
    )


def test_templates_that_extend_each_other_in_a_circle_are_refused() -> None:
    """They would go on for ever."""
    templates = {"a.html": '{% extends "b.html" %}', "b.html": '{% extends "a.html" %}'}
    with pytest.raises(InvalidValueError) as error:
        Renderer(shop=SHOP, templates=templates)
    assert str(error.value) == (
        "templates['b.html'], line 1: '{% extends \"a.html\" %}' extends itself:"
        " a.html extends b.html extends a.html"
    )
    assert "extends itself" in refusal('{% extends "base.html" %}', "base.html")


def test_a_block_that_nothing_shows_is_refused() -> None:
    """It would be left out of each mail in silence; one within another block is shown by that."""
    block = "{%% block %s %%}Ours{%% endblock %%}"
    extends = '{% extends "base.html" %}'
    assert refusal(f"{extends}\n{block % 'foot'}") == (
        "templates['message.html'], line 2: '{% block foot %}Ours{% endblock %}' fills the block"
        " 'foot', which nothing shows; there are action, closing, facts, footer, head, header,"
        " lines, opening, reasons"
    )
    inner = f"{{% block footer %}}{block % 'foot'}{{% endblock %}}"
    templates = {
        "message.html": extends + inner,
        "parcel.lost.html": '{% extends "message.html" %}' + block % "foot",
        "order.late.html": block % "own",
    }
    Renderer(shop=SHOP, templates=templates)
    assert refusal(f'{{% extends "x.html" %}}{block % "y"}', **{"x.html": ""}).endswith("are none")


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("\n\n  Hello\n{% block footer %}Ours{% endblock %}", "line 3: 'Hello'"),
        ("\n{{ heading }}", "line 2: '{{ heading }}'"),
        ("\n{% if heading %}\nHello{% endif %}", "line 3: 'Hello{% endif %}'"),
    ],
)
def test_what_stands_beside_the_blocks_that_it_fills_is_refused(text: str, line: str) -> None:
    """Nothing would show it, and nobody would know; blanks, and what stands before, may be."""
    extends = '{% extends "base.html" %}'
    assert refusal(extends + text) == (
        f"templates['message.html'], {line} stands in no block behind extends, so nothing shows it;"
        " move it into a block"
    )
    Renderer(shop=SHOP, templates={"message.html": f"<!-- Ours -->{extends} \n"})


@pytest.mark.parametrize(
    ("templates", "problem"),
    [
        (None, "Renderer.templates: None is not a mapping"),
        ({"message.htm": ""}, "Renderer.templates: 'message.htm' is no name of a template"),
        ({"message.html": None}, "Renderer.templates['message.html']: None is not text"),
    ],
)
def test_what_are_no_templates_is_refused(templates: dict[str, str], problem: str) -> None:
    """By name."""
    with pytest.raises(InvalidValueError) as error:
        Renderer(shop=SHOP, templates=templates)
    assert str(error.value).startswith(problem)


# -- Failed when a message is written --------------------------------------------------------------


def test_what_a_value_does_not_have_is_named_with_the_line() -> None:
    """No mail leaves with a hole in it."""
    assert failure("a\n{{ order.colour }}") == (
        "templates['message.html'], line 2, asked about order 'A-1017': failed: UndefinedError:"
        " 'fulfill_core.orders.order.Order object' has no attribute 'colour'; mend the template, or"
        " leave it out"
    )


def test_the_line_is_that_of_the_template_that_failed() -> None:
    """Be it the one that is extended, or the one that extends."""
    renderer = Renderer(
        shop=SHOP,
        templates={
            "message.html": "\n\n{{ order.colour }}{% block a %}{% endblock %}",
            "parcel.lost.html": '{% extends "message.html" %}\n{% block a %}{% endblock %}',
        },
    )
    with pytest.raises(PluginError, match=r"templates\['message.html'\], line 3, asked about"):
        renderer.render(LOST.notification, LOST.order)


def test_loops_end() -> None:
    """All rounds of all loops of a message are counted together."""
    lines = [OrderLine(id=f"{number:03}", sku="mug", quantity=1) for number in range(400)]
    sample = attrs.evolve(CONFIRMED, order=attrs.evolve(CONFIRMED.order, lines=lines))
    loop = "{% for a in order.lines %}"
    inner = "{% for b in order.lines %}"
    end = "{% endfor %}"
    assert html(f"{loop}{end}", sample) == ""
    assert failure(f"{loop}\n{inner}{end}{end}", sample) == (
        "templates['message.html'], line 2, asked about order 'A-1017': failed: OverflowError: its"
        " loops go more than 100000 rounds; loop over less; mend the template, or leave it out"
    )


def test_output_ends() -> None:
    """What would fill a mailbox is not sent."""
    loop = f"{{% for a in order.id %}}{'x' * 90_000}{{% endfor %}}"
    order = attrs.evolve(CONFIRMED.order, id="A" * 300)
    notification = attrs.evolve(CONFIRMED.notification, order_id=order.id)
    sample = attrs.evolve(CONFIRMED, order=order, notification=notification)
    assert "it comes to more than 20000000 characters; show less" in failure(loop, sample)


def test_a_filter_on_what_it_is_not_for_fails() -> None:
    """With the line; the template is at fault, not the order."""
    assert "line 1, asked about order 'A-1017': failed: " in failure("{{ kind|money }}")
    assert "line 1, asked about order 'A-1017': failed: " in failure("{{ kind|day }}")


# -- A value ---------------------------------------------------------------------------------------


def test_a_renderer_travels() -> None:
    """It can be pickled, copied, compared and hashed, and is compiled anew where it arrives."""
    renderer = Renderer(
        shop=SHOP,
        templates={"message.txt": "{{ heading }}"},
        languages=[Language(locale="en", texts={"closing": "Yours"})],
        default="de",
    )
    copied = pickle.loads(pickle.dumps(renderer))  # noqa: S301
    assert renderer == copied == copy.deepcopy(renderer)
    assert hash(renderer) == hash(copied)
    assert renderer != Renderer(shop=SHOP)
    order: Order = CONFIRMED.order
    assert copied.render(CONFIRMED.notification, order) == renderer.render(
        CONFIRMED.notification, order
    )
    assert attrs.evolve(renderer, default="fr").default == "fr"
