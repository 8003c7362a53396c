"""Runs code that nobody vouches for: a named function, bytes in, bytes out, in a locked process.

It knows nothing of trading and reads no environment. `docs/explanation/sandbox.md` says which walls
there are, and what each one holds.
"""

from quantloom.sandbox.errors import (
    BadLimit,
    LockdownFailed,
    NotPreloaded,
    NoWalls,
    PreloadFailed,
    SandboxClosed,
    ZygoteLost,
)
from quantloom.sandbox.inside import Function, Tell
from quantloom.sandbox.layers import Layer, Layers, Profile, Walls
from quantloom.sandbox.limits import Limits
from quantloom.sandbox.outcomes import (
    Bound,
    Cancelled,
    Crashed,
    Ended,
    Outcome,
    OverLimit,
    Refused,
    TimedOut,
    Usage,
    Value,
)
from quantloom.sandbox.runner import USERS, Sandbox, survey
from quantloom.sandbox.running import Cancellation, Hear
from quantloom.sandbox.sealed import Payload

__all__ = [
    "USERS",
    "BadLimit",
    "Bound",
    "Cancellation",
    "Cancelled",
    "Crashed",
    "Ended",
    "Function",
    "Hear",
    "Layer",
    "Layers",
    "Limits",
    "LockdownFailed",
    "NoWalls",
    "NotPreloaded",
    "Outcome",
    "OverLimit",
    "Payload",
    "PreloadFailed",
    "Profile",
    "Refused",
    "Sandbox",
    "SandboxClosed",
    "Tell",
    "TimedOut",
    "Usage",
    "Value",
    "Walls",
    "ZygoteLost",
    "survey",
]
