"""Storage, messages and actions of a host, as ports; and the loop that drives them."""

from __future__ import annotations

from fulfill_core.hosting.backlog import Backlog
from fulfill_core.hosting.batches import (
    Loaded,
    Scope,
    Versions,
    ids_told,
    key_of_location,
    key_of_order,
    key_of_sku,
)
from fulfill_core.hosting.drivers import run_loop, run_loop_async
from fulfill_core.hosting.jobs import Job, Run, StockUpdate
from fulfill_core.hosting.limits import Limits
from fulfill_core.hosting.loop import Loop, Reply, loop
from fulfill_core.hosting.memory import InMemoryStorage
from fulfill_core.hosting.observation import Observation, Observer
from fulfill_core.hosting.planning import JobOutcome, PreferencesOf, StepOfEvent
from fulfill_core.hosting.plans import (
    CommitAnswer,
    CommitPlan,
    Committed,
    Conflict,
    OutboxContent,
    OutboxRow,
    Unknown,
)
from fulfill_core.hosting.ports import Actor, AsyncSender, AsyncStorage, Notifier, Storage
from fulfill_core.hosting.reports import JobReport, JobStatus, LoopReport
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
from fulfill_core.hosting.sending import Attempt, Later, Never, SendAnswer, Sent
from fulfill_core.hosting.worker import Pace, run_worker, run_worker_async

__all__ = [
    "Act",
    "Actor",
    "AsyncSender",
    "AsyncStorage",
    "Attempt",
    "Backlog",
    "Commit",
    "CommitAnswer",
    "CommitPlan",
    "Committed",
    "Conflict",
    "Gather",
    "InMemoryStorage",
    "Job",
    "JobOutcome",
    "JobReport",
    "JobStatus",
    "Later",
    "Limits",
    "Load",
    "Loaded",
    "Loop",
    "LoopReport",
    "Mark",
    "Never",
    "Notifier",
    "Observation",
    "Observer",
    "OutboxContent",
    "OutboxRow",
    "Pace",
    "Pause",
    "PreferencesOf",
    "Reply",
    "Request",
    "Run",
    "Scope",
    "Send",
    "SendAnswer",
    "Sent",
    "StepOfEvent",
    "StockUpdate",
    "Storage",
    "Unknown",
    "Unsent",
    "Versions",
    "WhatWasDecided",
    "ids_told",
    "key_of_location",
    "key_of_order",
    "key_of_sku",
    "loop",
    "run_loop",
    "run_loop_async",
    "run_worker",
    "run_worker_async",
]
