"""Values as JSON documents, and back.

Needs the extra ``fulfill_core[wire]``, so nothing else of the library imports it.
"""

from __future__ import annotations

try:
    import cattrs as _cattrs
except ImportError as error:
    raise ImportError(
        "fulfill_core.wire needs cattrs: pip install 'fulfill_core[wire]'", name="cattrs"
    ) from error

from fulfill_core.wire.documents import SCHEMA_VERSION, dumps, from_json, loads, to_json
from fulfill_core.wire.modes import Reading
from fulfill_core.wire.schemas import schema

__all__ = ["Reading", "SCHEMA_VERSION", "dumps", "from_json", "loads", "schema", "to_json"]

del _cattrs
