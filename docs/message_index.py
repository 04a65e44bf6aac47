"""The index of what errors and findings say, read off the source: so a search for a text finds it.

A text of the source has gaps, which a message fills: they stand as an ellipsis.
"""

from __future__ import annotations

import ast
import importlib
import pkgutil
import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import NamedTuple

import fulfill_core

GAP = "…"
ERRORS = {"refuse", "InvalidValueError", "PluginError", "StockError", "UnknownOrderError", "fault"}
FINDINGS = {"note", "hold", "reject"}
LEAST_WORDS = 2


class Text(NamedTuple):
    """What is said, and by what: the code of a finding, or the path of what is refused."""

    words: str
    subject: str


def error_texts(source: str) -> Iterator[Text]:
    """What the errors of a module say of what they refuse."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Call) and _name_of(node) in ERRORS:
            said = [words_of(argument) for argument in node.args]
            texts = [words for words in said[1:] if _is_sentence(words)]
            if texts:
                yield Text(texts[-1], said[0] if _is_path(said[0]) else "")
        elif isinstance(node, ast.Assign | ast.AnnAssign | ast.Return):
            targets = [*getattr(node, "targets", []), getattr(node, "target", None)]
            names = {each.id for each in targets if isinstance(each, ast.Name)}
            words = words_of(node.value)
            if "problem" in names and _is_sentence(words):
                yield Text(words, "")


def finding_texts(source: str) -> Iterator[Text]:
    """What the findings of a module say in detail, each with its code."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Call) and _name_of(node) in FINDINGS and node.args:
            code = words_of(node.args[0])
            for keyword in node.keywords:
                if keyword.arg == "detail" and _is_sentence(words_of(keyword.value)):
                    yield Text(words_of(keyword.value), code)


def words_of(node: ast.AST | None) -> str:
    """A text as it stands in the source, its gaps as an ellipsis; empty if it is none."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return node.value
    if isinstance(node, ast.JoinedStr):
        parts = [words_of(part) if isinstance(part, ast.Constant) else GAP for part in node.values]
        return re.sub(f"{GAP}+", GAP, "".join(parts))
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add):
        return words_of(node.left) + words_of(node.right)
    return ""


def _name_of(call: ast.Call) -> str:
    function = call.func
    return function.attr if isinstance(function, ast.Attribute) else getattr(function, "id", "")


def _is_sentence(words: str) -> bool:
    return len(words.replace(GAP, " ").split()) >= LEAST_WORDS


def _is_path(words: str) -> bool:
    return bool(words) and " " not in words


def modules() -> list[str]:
    """The modules of the library, but for those that are for tests."""
    names = [each.name for each in pkgutil.walk_packages(fulfill_core.__path__, "fulfill_core.")]
    return [name for name in names if not name.startswith("fulfill_core.testing")]


def sources() -> Iterator[str]:
    """Their texts."""
    for name in modules():
        yield Path(str(importlib.import_module(name).__file__)).read_text("utf-8")


def unique(texts: Iterable[Text]) -> list[tuple[str, list[str]]]:
    """Each text once, with all that say it; sorted by the text."""
    subjects: dict[str, set[str]] = {}
    for text in texts:
        subjects.setdefault(text.words, set()).update({text.subject} - {""})
    return [(words, sorted(subjects[words])) for words in sorted(subjects, key=str.casefold)]


def table(kind: str) -> list[str]:
    """The table as lines of Markdown: of ``errors``, or of ``findings``."""
    read = error_texts if kind == "errors" else finding_texts
    heading = "of" if kind == "errors" else "code"
    texts = [text for source in sources() for text in read(source)]
    return [
        f"| it says | {heading} |",
        "|---|---|",
        *[
            f"| {_escaped(words)} | {', '.join(f'`{each}`' for each in subjects)} |"
            for words, subjects in unique(texts)
        ],
    ]


def _escaped(words: str) -> str:
    for sign in "\\`*_{}[]<>#|":
        words = words.replace(sign, "\\" + sign)
    return " ".join(words.split())
