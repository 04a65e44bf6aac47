"""Templates that can do no harm: what one may use is on a list, and the list holds no call.

A template shows values, asks, and loops over what it is given. It can't call anything, make text
longer than what goes in, define what calls itself, or reach behind a value; loops and output are
bounded. All but the bounds is seen when a template is read, not when the first mail is due.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, MutableMapping
from typing import Any, TypeAlias, cast

from fulfill_core import _checks
from fulfill_core._checks import message_of, repr_of
from fulfill_core.exceptions import InvalidValueError, PluginError
from fulfill_core.messages.extra import (
    BaseLoader,
    Context,
    Environment,
    ImmutableSandboxedEnvironment,
    Markup,
    StrictUndefined,
    Template,
    TemplateSyntaxError,
    find_undeclared_variables,
    pass_context,
    syntax,
)
from fulfill_core.messages.words import LONGEST_SHOWN, cleaned

Filter: TypeAlias = Callable[..., Any]

LONGEST_TEMPLATE = 100_000
LONGEST_OUTPUT = 20_000_000
MOST_ROUNDS = 100_000
"""Characters of a template, characters of what comes of it, rounds of all its loops together."""

_ROUNDS = "rounds of loops"  # no template can spell it: it has blanks
_FILTERS = (
    *("capitalize", "count", "d", "default", "e", "escape", "first", "join", "last", "length"),
    *("lower", "title", "trim", "truncate", "upper"),
)
_TESTS = ("defined", "even", "none", "odd", "undefined")
_NODES = (
    *(syntax.Output, syntax.TemplateData, syntax.Extends, syntax.Block, syntax.Scope),
    *(syntax.For, syntax.If, syntax.CondExpr, syntax.And, syntax.Or, syntax.Not),
    *(syntax.Compare, syntax.Operand, syntax.Filter, syntax.Test, syntax.Keyword),
    *(syntax.Name, syntax.Getattr, syntax.Getitem, syntax.Const, syntax.List, syntax.Tuple),
)
_WHAT_MAY_BE = (
    "a template may use values, if, for, block, extends, super(), comparisons, and, or, not, the"
    f" tests {', '.join(_TESTS)} and the filters "
)


class Rounds:
    """How many rounds the loops of one message may still go."""

    def __init__(self) -> None:
        self.left_over = MOST_ROUNDS

    def counted(self, members: Iterable[Any]) -> Iterator[Any]:
        """The members, as long as there are rounds."""
        for member in members:
            self.left_over -= 1
            if self.left_over < 0:
                message = f"its loops go more than {MOST_ROUNDS} rounds; loop over less"
                raise OverflowError(message)
            yield member


def _is_page(name: str | None) -> bool:
    """Whether what a template shows is escaped."""
    return name is not None and name.endswith(".html")


@pass_context
def _counted(context: Context, members: Iterable[Any]) -> list[Any]:
    """What a loop goes through, counted. A list, since a loop may ask for its length."""
    rounds: Rounds = context[_ROUNDS]
    return list(rounds.counted(members))


def display(value: object) -> object:
    """A value as a template shows it: on one line, cut, none of it steering anything."""
    if isinstance(value, Markup):
        return value
    return "" if value is None else cleaned(str(value), LONGEST_SHOWN)


class _Context(Context):
    """What a template sees. What ``super()`` gives was shown part by part, and has its lines."""

    def super(self, name: str, current: Any) -> Any:
        """The block that is replaced, as text that `display` leaves as it is."""
        block = super().super(name, current)
        return lambda: Markup(block())


class _Environment(ImmutableSandboxedEnvironment):
    """Jinja's, for templates of anybody."""

    context_class = _Context


class _Compiled(BaseLoader):
    """Gives the environment what was compiled before: there is nothing else to load."""

    def __init__(self, templates: Mapping[str, Template]) -> None:
        self.templates = templates

    def load(
        self,
        environment: Environment,  # noqa: ARG002 - the signature is Jinja's
        name: str,
        globals: MutableMapping[str, Any] | None = None,  # noqa: A002, ARG002 - the same
    ) -> Template:
        """A template by its name: that what one extends is there was checked before."""
        return self.templates[name]


class Templates:
    """Templates, checked and compiled once.

    Args:
        sources: their texts by name; those whose names end in ``.html`` are pages.
        names: what they may ask for.
        filters: further filters, by name.
    """

    def __init__(
        self,
        sources: Mapping[str, str],
        names: frozenset[str],
        filters: Mapping[str, Filter],
    ) -> None:
        self._environment = _Environment(
            autoescape=_is_page,
            undefined=StrictUndefined,
            finalize=display,
            trim_blocks=True,
            lstrip_blocks=True,
            keep_trailing_newline=True,
            cache_size=0,
        )
        self._filters = (*_FILTERS, *sorted(filters))
        cast("dict[str, Filter]", self._environment.filters).update(filters, counted=_counted)
        self._environment.globals.clear()
        trees = {name: self._tree(name, source, names) for name, source in sources.items()}
        _check_parents(trees, sources)
        self._compiled = {
            name: self._template(name, tree, sources[name]) for name, tree in trees.items()
        }
        self._environment.loader = _Compiled(self._compiled)

    def __contains__(self, name: object) -> bool:
        return name in self._compiled

    def render(self, name: str, order_id: str, values: Mapping[str, Any]) -> str:
        """What comes of a template.

        Args:
            name: its name.
            order_id: the order that the message is about, for the error.
            values: all that it may ask for.

        Raises:
            PluginError: it asks for what a value does not have, or goes on and on; with the
                template and the line.
        """
        parts: list[str] = []
        length = 0
        try:
            for part in self._compiled[name].generate({**values, _ROUNDS: Rounds()}):
                parts.append(part)
                length += len(part)
                if length > LONGEST_OUTPUT:
                    message = f"it comes to more than {LONGEST_OUTPUT} characters; show less"
                    raise OverflowError(message)
        except Exception as error:
            place, line = self._place_of(error, name)
            raise PluginError(
                path_of(place, line),
                order_id,
                f"failed: {message_of(error)}; mend the template, or leave it out",
            ) from error
        return "".join(parts)

    def _place_of(self, error: Exception, name: str) -> tuple[str, int]:
        """The template and its line where an error was raised."""
        place, line = name, 0
        step = error.__traceback__
        while step is not None:
            if step.tb_frame.f_code.co_filename in self._compiled:
                place, line = step.tb_frame.f_code.co_filename, step.tb_lineno
            step = step.tb_next
        return place, line

    def _tree(self, name: str, source: str, names: frozenset[str]) -> syntax.Template:
        """The template as a tree: read, checked, its loops counted."""
        if len(source) > LONGEST_TEMPLATE:
            problem = f"has more than {LONGEST_TEMPLATE} characters; pass a shorter one"
            raise _checks.refuse(path_of(name), source, problem)
        try:
            tree = self._environment.parse(source, name, name)
            self._check_parts(tree, name, source)
            unknown_names = find_undeclared_variables(tree) - names
        except TemplateSyntaxError as error:
            problem = f"can't be read: {error.message}; mend it there"
            raise _refused(name, source, error.lineno, problem) from None
        except RecursionError:
            raise _too_deep(name, source) from None
        for node in tree.find_all(syntax.Name):
            if node.name in unknown_names:
                problem = f"asks for {node.name!r}; there are {', '.join(sorted(names))}"
                raise _refused(name, source, node.lineno, problem)
        for loop in tree.find_all(syntax.For):
            loop.iter = syntax.Filter(
                loop.iter, "counted", [], [], None, None, lineno=loop.lineno
            ).set_environment(self._environment)
        return tree

    def _check_parts(self, tree: syntax.Template, name: str, source: str) -> None:
        for node in _parts(tree):
            misuse = self._misuse(node)
            if misuse:
                problem = f"uses {misuse}; {_WHAT_MAY_BE}{', '.join(self._filters)}"
                raise _refused(name, source, node.lineno, problem)

    def _misuse(self, node: syntax.Node) -> str:
        """What a part of a template is that none may have; empty if it may be there."""
        match node:
            case syntax.Getattr(attr=str(name)) | syntax.Getitem(arg=syntax.Const(value=str(name))):
                return f"{name!r}, which is private" if name.startswith("_") else ""
            case syntax.Getitem(arg=syntax.Const()) | syntax.Extends(template=syntax.Const()):
                return ""
            case syntax.Getitem() | syntax.Extends():
                return "a name that is not written out"
            case syntax.Call(node=syntax.Name(name="super"), args=[], kwargs=[]):
                return ""
            case syntax.For(recursive=True):
                return "a recursive loop"
            case syntax.Block() if _calls_in(node) > 1:
                # Twice as many with each template that extends another would be endless.
                return "super() twice in a block"
            case syntax.Filter(name=name) if name not in self._filters or node.node is None:
                return f"the filter {name!r}"
            case syntax.Test(name=name) if name not in _TESTS:
                return f"the test {name!r}"
            case _:
                return "" if isinstance(node, _NODES) else type(node).__name__

    def _template(self, name: str, tree: syntax.Template, source: str) -> Template:
        environment: Environment = self._environment
        try:
            code = environment.compile(tree, name, name)
        except (RecursionError, SyntaxError):  # Python has limits of its own
            raise _too_deep(name, source) from None
        return Template.from_code(environment, code, environment.make_globals(None))


def _calls_in(node: syntax.Node) -> int:
    """The calls in a block, but for those in blocks within."""
    children = [each for each in node.iter_child_nodes() if not isinstance(each, syntax.Block)]
    return isinstance(node, syntax.Call) + sum(map(_calls_in, children))


def _too_deep(name: str, source: str) -> InvalidValueError:
    problem = "is nested too deeply to be read; pass a simpler one"
    return _checks.refuse(path_of(name), source, problem)


def _parts(node: syntax.Node) -> Iterator[syntax.Node]:
    """All parts of a template, in the sequence in which they stand there."""
    for child in node.iter_child_nodes():
        yield child
        if not isinstance(child, syntax.Call):  # there is one that may be, of a fixed form
            yield from _parts(child)


def _check_parents(trees: Mapping[str, syntax.Template], sources: Mapping[str, str]) -> None:
    """What a template extends is there, does not extend it in turn, and has the blocks it fills."""
    parents: dict[str, tuple[str, int]] = {}
    for name, tree in trees.items():
        for node in tree.find_all(syntax.Extends):
            parent = cast("syntax.Const", node.template).value
            if parent not in trees:
                problem = f"extends {parent!r}; there are {', '.join(sorted(trees))}"
                raise _refused(name, sources[name], node.lineno, problem)
            parents[name] = parent, node.lineno
    for name in trees:
        ancestors = [name]
        while ancestors[-1] in parents:
            parent, line = parents[ancestors[-1]]
            if parent in ancestors:
                problem = f"extends itself: {' extends '.join([*ancestors, parent])}"
                raise _refused(ancestors[-1], sources[ancestors[-1]], line, problem)
            ancestors.append(parent)
        _check_blocks(name, trees, sources, ancestors[1:])


def _check_blocks(
    name: str,
    trees: Mapping[str, syntax.Template],
    sources: Mapping[str, str],
    ancestors: Iterable[str],
) -> None:
    """What a template fills is a block of one that it extends: nothing shows anything else."""
    body = trees[name].body
    places = [place for place, node in enumerate(body) if isinstance(node, syntax.Extends)]
    if not places:
        return
    for node in body[places[0] :]:
        for line in _lines_outside(node):
            problem = "stands in no block behind extends, so nothing shows it; move it into a block"
            raise _refused(name, sources[name], line, problem)
    blocks = {block.name for each in ancestors for block in trees[each].find_all(syntax.Block)}
    for block in _outer_blocks(trees[name]):
        if block.name not in blocks:
            there_are = ", ".join(sorted(blocks)) or "none"
            problem = f"fills the block {block.name!r}, which nothing shows; there are {there_are}"
            raise _refused(name, sources[name], block.lineno, problem)


def _lines_outside(node: syntax.Node) -> Iterator[int]:
    """The lines of what a part of a template shows outside of blocks, but for blanks."""
    if isinstance(node, syntax.Output):
        for part in node.nodes:
            text = part.data if isinstance(part, syntax.TemplateData) else "-"
            if text.strip():
                yield part.lineno + text[: -len(text.lstrip())].count("\n")
    elif not isinstance(node, syntax.Block):
        for child in node.iter_child_nodes():
            yield from _lines_outside(child)


def _outer_blocks(node: syntax.Node) -> Iterator[syntax.Block]:
    """The blocks of a template that are not within another one."""
    for child in node.iter_child_nodes():
        if isinstance(child, syntax.Block):
            yield child
        else:
            yield from _outer_blocks(child)


def path_of(name: str, line: int = 0) -> str:
    """A template, and its line, in an error.

    >>> path_of("message.html", 3)
    "templates['message.html'], line 3"
    """
    return f"templates[{name!r}], line {line}" if line else f"templates[{name!r}]"


def _refused(name: str, source: str, line: int, problem: str) -> InvalidValueError:
    lines = source.splitlines()
    excerpt = lines[line - 1].strip() if 0 < line <= len(lines) else ""
    return InvalidValueError(path_of(name, line), repr_of(excerpt), problem)
