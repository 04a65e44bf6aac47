"""A stored name says what is in it: a noun of the domain, and its role."""

from __future__ import annotations

import ast
from collections.abc import Iterator

import pytest

from .house import faults_in_all

# They say that something happened, not what came of it: one `left` after the other was the units
# missing, the units over, and the lots that remained.
PARTICIPLES = """
    found taken told asked left held given kept judged settled made got had lost wanted offered
    chosen drawn shown said named seen used freed moved gone known needed allowed waiting coming
"""
# They say nothing without the sentence before. `each` is one, too, but in a comprehension over a
# plural noun that sentence is the noun.
PRONOUNS = "mine theirs others several some there them it whoever both"
BANNED = {*PARTICIPLES.split(), *PRONOUNS.split()}
# Fields whose names are words of the glossary: units that are held are those of a held order.
GLOSSARY = {"held", "told", "lost"}
# Arguments that count units, as the fields do which they are added to.
COUNTERS = {"lost"}


def stored_names(tree: ast.AST) -> Iterator[tuple[int, str]]:
    """What a module gives a name to, by line: variables, arguments, attributes, functions, classes.

    Fields that are words of the glossary are left out.
    """
    fields = {
        statement.target
        for node in ast.walk(tree)
        if isinstance(node, ast.ClassDef)
        for statement in node.body
        if isinstance(statement, ast.AnnAssign)
    }
    for node in ast.walk(tree):
        match node:
            case ast.Name(id=name, ctx=ast.Store()) if node in fields and name in GLOSSARY:
                pass
            case ast.Attribute(attr=name, ctx=ast.Store()) if name in GLOSSARY:
                pass
            case (
                ast.Name(id=name, ctx=ast.Store())
                | ast.Attribute(attr=name, ctx=ast.Store())
                | ast.FunctionDef(name=name)
                | ast.ClassDef(name=name)
            ):
                yield node.lineno, name
            case ast.arg(arg=name) if name in COUNTERS:
                pass
            case ast.arg(arg=name):
                yield node.lineno, name
            case _:
                pass


def name_faults(module: str, source: str) -> list[str]:
    """Stored names that are participles or pronouns."""
    return [
        f"{module}:{line} {name}"
        for line, name in sorted(stored_names(ast.parse(source)))
        if name.strip("_") in BANNED
    ]


def test_a_name_is_a_noun() -> None:
    """No variable, argument, attribute, function or class is called by a participle or pronoun."""
    assert faults_in_all(name_faults) == []


@pytest.mark.parametrize(
    "source",
    [
        "found = 1",
        "for left in rows: pass",
        "[given for given in rows]",
        "def f(asked): pass",
        "def f(*, others=()): pass",
        "lambda told: 1",
        "order.left = 1",
        "def taken(): pass",
        "class found: pass",
        "class C:\n    kept: int",
        "_mine = 1",
        "if (some := 1): pass",
    ],
)
def test_a_participle_or_pronoun_is_noticed(source: str) -> None:
    """Wherever a name is given, be it private."""
    assert len(name_faults("m", source)) == 1


def test_nouns_and_fields_of_the_glossary_are_fine() -> None:
    """What is only read has its name from elsewhere."""
    source = (
        "class Status:\n    held: int\n\nstatus.told = 1\nunits_left = status.held\nprint(found)\n"
    )
    assert name_faults("m", source) == []
