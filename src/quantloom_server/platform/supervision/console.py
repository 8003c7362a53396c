"""One log of all processes, for eyes or for machines."""

import json
import queue
import re
import threading
from collections.abc import Mapping
from enum import StrEnum
from typing import Any, TextIO

from quantloom.kit.clock import Clock
from quantloom_server.platform.supervision.lines import Line, understand

OURSELVES = "up"
_HELD = 10_000
_RESET, _DIM, _BOLD = "\x1b[0m", "\x1b[2m", "\x1b[1m"
_COLOURS = ("\x1b[36m", "\x1b[32m", "\x1b[35m", "\x1b[34m", "\x1b[96m", "\x1b[92m", "\x1b[95m")
_LEVEL_COLOURS = {
    "debug": _DIM,
    "warning": "\x1b[33m",
    "error": "\x1b[31m",
    "critical": "\x1b[1;31m",
}
# What a log line must not do to a terminal: move its cursor, rewrite its title, fake a line.
_CONTROL = re.compile(r"[\x00-\x08\x0a-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")


class LogFormat(StrEnum):
    """How the log is written."""

    TEXT = "text"
    JSON = "json"


class Console:
    """Writes lines from a thread of its own, so that a stuck terminal or a full disk stops nobody.

    Lines beyond what can be held are dropped and counted.
    """

    def __init__(
        self, out: TextIO, *, clock: Clock, form: LogFormat = LogFormat.TEXT, coloured: bool = False
    ) -> None:
        self._out, self._clock, self._form, self._coloured = out, clock, form, coloured
        self._colours: dict[str, str] = {}
        self._width = 8
        self._lines: queue.Queue[str | None] = queue.Queue(_HELD)
        self._dropped = 0
        self._writer = threading.Thread(target=self._write, name="console", daemon=True)
        self._writer.start()

    def pass_on(self, process: str, text: str) -> None:
        """Show a line that a process wrote."""
        self._show(understand(process, text, self._now()))

    def tell(self, event: str, level: str = "info", **fields: Any) -> None:
        """Say something of our own."""
        self._show(Line(OURSELVES, event, level, self._now(), fields))

    def close(self) -> None:
        """Write what is held, unless nobody takes it."""
        try:
            self._lines.put(None, timeout=1)
        except queue.Full:
            return
        self._writer.join(timeout=2)

    def _show(self, line: Line) -> None:
        text = _as_json(line) if self._form is LogFormat.JSON else self._as_text(line)
        try:
            if self._dropped:
                self._lines.put_nowait(f"({self._dropped} lines dropped)")
                self._dropped = 0
            self._lines.put_nowait(text)
        except queue.Full:
            self._dropped += 1

    def _write(self) -> None:
        while (text := self._lines.get()) is not None:
            try:
                self._out.write(text + "\n")
                self._out.flush()
            except (OSError, ValueError):
                continue  # a log that cannot be written is lost; what it tells of goes on

    def _as_text(self, line: Line) -> str:
        self._width = max(self._width, len(line.process))
        name = self._painted(f"{line.process:<{self._width}}", self._colour_of(line.process))
        told = " ".join((_harmless(line.event), *map(_field, line.fields.items())))
        told = self._painted(told, _LEVEL_COLOURS.get(line.level, ""))
        mark = "" if line.level in {"info", "debug"} else f"{line.level.upper()} "
        return f"{self._painted(_clock_face(line.timestamp), _DIM)} {name} {mark}{told}"

    def _painted(self, text: str, colour: str) -> str:
        return f"{colour}{text}{_RESET}" if self._coloured and colour else text

    def _colour_of(self, process: str) -> str:
        if process == OURSELVES:
            return _BOLD
        return self._colours.setdefault(process, _COLOURS[len(self._colours) % len(_COLOURS)])

    def _now(self) -> str:
        return self._clock.now().isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _as_json(line: Line) -> str:
    head = {"timestamp": line.timestamp, "level": line.level, "process": line.process}
    return json.dumps({**head, "event": line.event, **line.fields}, ensure_ascii=False, default=str)


def _field(item: tuple[str, Any]) -> str:
    name, value = item
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=str)
    if isinstance(value, str) and (not text or set(text) & set(' "=')):
        text = json.dumps(value, ensure_ascii=False)
    return f"{_harmless(name)}={_harmless(text)}"


def _clock_face(timestamp: str) -> str:
    """The time of day of an ISO timestamp, in UTC as it came."""
    return timestamp[11:19] if len(timestamp) >= 19 and timestamp[10] in "T " else timestamp[:8]


def _harmless(text: str) -> str:
    return _CONTROL.sub(lambda match: f"\\x{ord(match[0]):02x}", text)


def wants_colour(out: TextIO, environment: Mapping[str, str]) -> bool:
    """Whether the output is a terminal whose user has not asked for plain text (no-color.org)."""
    return out.isatty() and not environment.get("NO_COLOR") and environment.get("TERM") != "dumb"
