"""Words for what a loop asks for and what it gets: the same in logs and in counters."""

from __future__ import annotations

from fulfill_core.decisions.notification import Notification
from fulfill_core.hosting.jobs import Job, Run, StockUpdate
from fulfill_core.hosting.plans import Committed, Conflict, OutboxRow, Unknown
from fulfill_core.hosting.requests import (
    Act,
    Commit,
    Gather,
    Load,
    Mark,
    Pause,
    Request,
    Send,
    Unsent,
    WhatWasDecided,
)
from fulfill_core.hosting.sending import Later, Never, Sent
from fulfill_core.notifications.sending import Delivery

_REQUESTS: dict[type[Request], str] = {
    Act: "act",
    Commit: "commit",
    Gather: "gather",
    Load: "load",
    Mark: "mark",
    Pause: "pause",
    Send: "send",
    Unsent: "unsent",
    WhatWasDecided: "decided",
}
_ANSWERS: dict[type, str] = {
    Committed: "committed",
    Conflict: "conflict",
    Later: "later",
    Never: "never",
    Sent: "sent",
    Unknown: "unknown",
}
_OF_SENDING = (Sent, Later, Never)


def request_word(request: Request) -> str:
    """What a request is called.

    >>> request_word(Mark(()))
    'mark'
    """
    return _REQUESTS[type(request)]


def answer_word(request: Request, answer: object) -> str:
    """What an answer is called: ``error`` if it was raised, ``ok`` if there is no other word.

    >>> answer_word(Mark(()), None), answer_word(Mark(()), OSError())
    ('ok', 'error')
    """
    if isinstance(answer, Exception):
        return "error"
    if isinstance(request, Send | Act) and not isinstance(answer, _OF_SENDING):
        return "nonsense"
    return _ANSWERS.get(type(answer), "ok")


def job_word(job: Job) -> str:
    """What a job is called: a run, an update, or the kind of its event.

    >>> job_word(Run())
    'run'
    """
    match job:
        case Run():
            return "run"
        case StockUpdate():
            return "stock_update"
        case _:
            return snake(type(job).__name__)


def content_words(row: OutboxRow) -> tuple[str, str]:
    """What a row has, and by what it goes: kind and medium of a message; the kind of an action.

    Several messages that go out together are a digest.

    >>> from fulfill_core.lifecycle import Ask
    >>> content_words(OutboxRow(id="1", order_id="A-1", content=Ask(code="a.b", detail="")))
    ('ask', '')
    """
    content = row.content
    if isinstance(content, Notification):
        return str(content.kind), str(content.medium)
    if isinstance(content, Delivery):
        kinds = [str(message.kind) for message in content.messages]
        return kinds[0] if len(kinds) == 1 else "digest", str(content.medium)
    return snake(type(content).__name__), ""


def snake(name: str) -> str:
    """The name of a class in lower case, with underscores.

    >>> snake("ReturnReceived")
    'return_received'
    """
    return "".join([f"_{each.lower()}" if each.isupper() else each for each in name]).lstrip("_")
