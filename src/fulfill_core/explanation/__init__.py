"""Why a run decided as it did, what would have helped; and what waits for a person."""

from __future__ import annotations

from fulfill_core.explanation.explanation import Ahead, Explanation, explain
from fulfill_core.explanation.remedies import Remedy, RemedyKind
from fulfill_core.explanation.review import Review, review_queue

__all__ = ["Ahead", "Explanation", "Remedy", "RemedyKind", "Review", "explain", "review_queue"]
