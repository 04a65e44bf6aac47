"""Logs and counters: what an observer is told, as lines of a log and as numbers.

Pure functions of `Observation`: who writes the lines and who adds up the numbers is the host's
affair, be it ``logging``, structlog, OpenTelemetry or Prometheus.
"""

from __future__ import annotations

from fulfill_core.hosting.telemetry.instruments import (
    INSTRUMENTS,
    Instrument,
    InstrumentKind,
    Measurement,
)
from fulfill_core.hosting.telemetry.lines import Level, LogLine, log_lines
from fulfill_core.hosting.telemetry.measuring import measurements, outbox_measurements

__all__ = [
    "INSTRUMENTS",
    "Instrument",
    "InstrumentKind",
    "Level",
    "LogLine",
    "Measurement",
    "log_lines",
    "measurements",
    "outbox_measurements",
]
