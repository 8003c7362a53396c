"""Events as a person at a terminal reads them."""

from collections.abc import Mapping
from typing import Any

_COLOURS = {"debug": "2", "info": "32", "warning": "33", "error": "31", "critical": "1;31"}
_PLACED = {"timestamp", "level", "event", "exception", "process", "channel"}


def readable(event: Mapping[str, Any], *, coloured: bool) -> str:
    """One event as a line, and its traceback below it."""
    level = str(event.get("level", "info"))
    shown = f"{level:<8}"
    if coloured:
        shown = f"\x1b[{_COLOURS.get(level, '0')}m{shown}\x1b[0m"
    # `2026-01-31T09:30:00.123456Z`: the day is known to whoever watches.
    moment = str(event.get("timestamp", ""))[11:23]
    fields = " ".join(f"{key}={_one_line(event[key])}" for key in event if key not in _PLACED)
    line = f"{moment} {shown} {_one_line(event.get('event', ''))}  {fields}".rstrip() + "\n"
    # Set in: what an exception says may hold whatever a client has sent, and begins no line.
    trace = str(event.get("exception") or "").splitlines()
    return line + "".join(f"    {_one_line(each)}\n" for each in trace)


def _one_line(value: Any) -> str:
    """A value that cannot begin a line of its own, nor move the cursor."""
    text = str(value)
    if text.isprintable():
        return text
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in text)
