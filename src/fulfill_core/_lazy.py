"""Names of a wing whose modules are imported when somebody asks for them: no shop needs them all.

A module that has a ``__getattr__`` is asked for the names that it does not have, and by its
``__dir__`` for all of them (PEP 562). Importing the library takes two thirds of the time because of
it, and nothing of dateutil. A module that needs such a class now and then imports its wing and not
the class: ``records.OrderRecord`` is there when it is looked at, in an annotation as in the code.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from importlib import import_module


def names_from(
    package: str, /, **names_of: Iterable[str]
) -> tuple[Callable[[str], object], Callable[[], list[str]]]:
    """The ``__getattr__`` and the ``__dir__`` of a package that imports some modules when asked.

    Args:
        package: its full name.
        names_of: the names that are in each of its modules, by the name of the module.

    >>> get, names = names_from("fulfill_core.priorities", times=["deadline", "slack"])
    >>> get("slack").__name__, "slack" in names()
    ('slack', True)
    """
    module_of = {name: module for module, names in names_of.items() for name in names}

    def name_from(name: str) -> object:
        if name not in module_of:
            raise AttributeError(f"module {package!r} has no attribute {name!r}")
        value = getattr(import_module(f"{package}.{module_of[name]}"), name)
        # As `import` would: from now on nobody is asked for it again.
        setattr(import_module(package), name, value)
        return value

    def all_names() -> list[str]:
        return sorted({*vars(import_module(package)), *module_of})

    return name_from, all_names
