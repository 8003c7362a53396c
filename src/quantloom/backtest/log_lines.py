"""The log of a strategy, which has an end."""

MAX_LOG_LINES = 10_000


def add_line(lines: list[tuple[int, str]], ts_ns: int, message: str) -> None:
    """Add a line to a log; where it is full, one last line says so."""
    if len(lines) < MAX_LOG_LINES:
        lines.append((ts_ns, message))
    elif len(lines) == MAX_LOG_LINES:
        lines.append((ts_ns, "the log is full; further lines are left out"))
