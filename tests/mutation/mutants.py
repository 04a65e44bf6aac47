"""Small faults put into a source file, one at a time, as a programmer might make them."""

from __future__ import annotations

import ast
import copy
from collections.abc import Iterator
from typing import NamedTuple, TypeVar

Node = TypeVar("Node", bound=ast.AST)

COMPARISONS: dict[type[ast.cmpop], type[ast.cmpop]] = {
    ast.Lt: ast.LtE,
    ast.LtE: ast.Lt,
    ast.Gt: ast.GtE,
    ast.GtE: ast.Gt,
    ast.Eq: ast.NotEq,
    ast.NotEq: ast.Eq,
    ast.Is: ast.IsNot,
    ast.IsNot: ast.Is,
    ast.In: ast.NotIn,
    ast.NotIn: ast.In,
}
ARITHMETIC: dict[type[ast.operator], type[ast.operator]] = {
    ast.Add: ast.Sub,
    ast.Sub: ast.Add,
    ast.Mult: ast.FloorDiv,
    ast.FloorDiv: ast.Mult,
    ast.BitOr: ast.BitAnd,
    ast.BitAnd: ast.BitOr,
}
CALLS = {"min": "max", "max": "min", "any": "all", "all": "any"}


class Mutant(NamedTuple):
    """One fault of a source text.

    Args:
        line: where it is, counted from 1.
        what: the expression or statement before, and after.
        place: which node of the tree, in the sequence of `ast.walk`.
        fault: what stands in its place.
    """

    line: int
    what: str
    place: int
    fault: ast.expr | ast.stmt

    def text_of(self, source: str) -> str:
        """The source text with the fault."""
        tree = ast.parse(source)
        node = next(node for place, node in enumerate(ast.walk(tree)) if place == self.place)
        return ast.unparse(ast.fix_missing_locations(_Swap(node, self.fault).visit(tree)))


def mutants(source: str) -> Iterator[Mutant]:
    """All mutants of a source text, from its first line to its last.

    Not of annotations and defaults of arguments, docstrings, raised errors and what stands at the
    top level: they are types, texts and tables.
    """
    tree = ast.parse(source)
    places = {id(node): place for place, node in enumerate(ast.walk(tree))}
    nodes = [node for function in _functions(tree) for node in _inside(function)]
    for node in sorted(nodes, key=lambda node: (node.lineno, node.col_offset)):
        for fault in _faults(node):
            before = ast.unparse(node).partition("\n")[0]
            after = ast.unparse(fault).partition("\n")[0]
            yield Mutant(node.lineno, f"{before}  ->  {after}", places[id(node)], fault)


def _functions(tree: ast.Module) -> Iterator[ast.FunctionDef]:
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef):
            yield node


def _inside(function: ast.FunctionDef) -> Iterator[ast.expr | ast.stmt]:
    """What stands in the body of a function, without functions inside it and without errors."""
    stack: list[ast.AST] = list(function.body)
    while stack:
        node = stack.pop()
        if isinstance(node, ast.FunctionDef | ast.ClassDef | ast.Raise):
            continue
        if isinstance(node, ast.expr | ast.stmt):
            yield node
        for field, content in ast.iter_fields(node):
            if field != "annotation":
                members = content if isinstance(content, list) else [content]
                stack += [member for member in members if isinstance(member, ast.AST)]


def _faults(node: ast.expr | ast.stmt) -> Iterator[ast.expr | ast.stmt]:
    """What a programmer might have written in the place of a node."""
    return _of_expressions(node) if isinstance(node, ast.expr) else _of_statements(node)


def _of_expressions(node: ast.expr) -> Iterator[ast.expr]:
    match node:
        case ast.Compare(ops=[operator]) if type(operator) in COMPARISONS:
            yield _changed(node, ops=[COMPARISONS[type(operator)]()])
        case ast.BinOp(op=operator) if type(operator) in ARITHMETIC:
            yield _changed(node, op=ARITHMETIC[type(operator)]())
        case ast.BoolOp(op=operator, values=values):
            yield _changed(node, op=ast.And() if isinstance(operator, ast.Or) else ast.Or())
            for index in range(len(values)):  # a condition that was forgotten
                rest = values[:index] + values[index + 1 :]
                yield rest[0] if len(rest) == 1 else _changed(node, values=rest)
        case ast.UnaryOp(op=ast.Not(), operand=operand):
            yield operand
        case ast.Constant(value=bool(value)):
            yield _changed(node, value=not value)
        case ast.Constant(value=int(value)):
            yield _changed(node, value=value + 1)
        case ast.Call(func=ast.Name(id=name)) if name in CALLS:
            yield _changed(node, func=ast.Name(id=CALLS[name], ctx=ast.Load()))
        case ast.IfExp(test=test) if not isinstance(test, ast.Compare):
            yield _changed(node, test=ast.UnaryOp(op=ast.Not(), operand=test))
        case _:
            pass


def _of_statements(node: ast.stmt) -> Iterator[ast.stmt]:
    match node:
        case ast.AugAssign(op=operator):
            yield ast.Pass()
            if type(operator) in ARITHMETIC:
                yield _changed(node, op=ARITHMETIC[type(operator)]())
        case ast.If(test=test) if not isinstance(test, ast.Compare):
            yield _changed(node, test=ast.UnaryOp(op=ast.Not(), operand=test))
        case ast.Expr(value=ast.Call()) | ast.Continue() | ast.Break():
            yield ast.Pass()
        case _:
            pass


def _changed(node: Node, **fields: object) -> Node:
    other = copy.copy(node)
    for name, content in fields.items():
        setattr(other, name, content)
    return other


class _Swap(ast.NodeTransformer):
    def __init__(self, node: ast.AST, other: ast.AST) -> None:
        self._node = node
        self._other = other

    def visit(self, node: ast.AST) -> ast.AST:
        if node is self._node:
            return ast.copy_location(self._other, node)
        return super().visit(node)
