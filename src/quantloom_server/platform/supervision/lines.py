"""Lines of many processes, understood: JSON of ours, and what the servers write."""

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

LONGEST_LINE = 16_384
_DROPPED_KEYS = {"event", "level", "timestamp", "message", "process"}
_POSTGRES = re.compile(r"(\w+):  (.*)")
_VALKEY = re.compile(r"\d+:\w \d+ \w+ \d{4} [\d:.]+ ([.\-*#]) (.*)")
_LEVELS = {
    "LOG": "info",
    "NOTICE": "info",
    "INFO": "info",
    "WARNING": "warning",
    "ERROR": "error",
    "FATAL": "critical",
    "PANIC": "critical",
    ".": "debug",
    "-": "debug",
    "*": "info",
    "#": "warning",
}


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a log."""

    process: str
    event: str
    level: str = "info"
    timestamp: str = ""
    fields: Mapping[str, Any] = field(default_factory=dict)


def understand(process: str, text: str, now: str) -> Line:
    """Read a line as what it is; anything unknown is an event of its own."""
    if text.startswith("{"):
        try:
            return _structured(process, json.loads(text), now)
        except (ValueError, AttributeError):
            pass
    for pattern in (_VALKEY, _POSTGRES):
        match = pattern.fullmatch(text)
        if match is not None and match[1] in _LEVELS:
            return Line(process, match[2], _LEVELS[match[1]], now)
    return Line(process, text, timestamp=now)


def _structured(process: str, found: Mapping[str, Any], now: str) -> Line:
    event = found.get("event", found.get("message", ""))
    level = str(found.get("level", "info")).lower()
    rest = {key: value for key, value in found.items() if key not in _DROPPED_KEYS}
    return Line(process, str(event), level, str(found.get("timestamp", now)), rest)


@dataclass(slots=True)
class LineSplitter:
    """Cuts a stream into lines; an endless one is cut where it is too long to hold."""

    take: Callable[[str], None]
    _held: bytes = b""

    def feed(self, data: bytes) -> None:
        *whole, self._held = (self._held + data).split(b"\n")
        for line in whole:
            self._give(line)
        while len(self._held) > LONGEST_LINE:
            self._give(self._held[:LONGEST_LINE])
            self._held = self._held[LONGEST_LINE:]

    def close(self) -> None:
        if self._held:
            self._give(self._held)
            self._held = b""

    def _give(self, line: bytes) -> None:
        text = line.decode("utf-8", errors="replace").rstrip()
        if text:
            self.take(text)
