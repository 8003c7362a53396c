"""Logs: events with fields, by structlog, on three channels: `app`, `trade` and `error`.

Each process writes to the console, and as JSON lines into files that all processes share. `trade`
events go to `trade.log`, all others to `app.log`; what is an error goes to `error.log` as well.
"""

import logging
import sys
from collections.abc import Mapping, MutableMapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TextIO

import orjson
import structlog
from structlog.typing import EventDict, WrappedLogger

from quantloom_server.platform.logs.console import readable
from quantloom_server.platform.logs.files import LogFile
from quantloom_server.platform.logs.redaction import redact
from quantloom_server.settings import LogFormat, Settings

FOLDER = "logs"
_SERIOUS = frozenset({"error", "critical", "exception"})
# Of others, what is worth a line; they speak at every step otherwise.
_OTHERS = {
    "alembic": logging.INFO,
    "alembic.runtime.plugins": logging.WARNING,
    "celery": logging.INFO,
    "uvicorn.error": logging.INFO,
}


@dataclass(frozen=True, slots=True)
class Channel:
    """A named way for events; what structlog wraps."""

    name: str


class Deliverer:
    """The last step of every event: to the console and the files that were asked for."""

    def __init__(self) -> None:
        self._files: dict[str, LogFile] = {}
        self._console: TextIO | None = None
        self._is_readable = False
        self._process = ""

    def open(self, settings: Settings, process: str, console: TextIO | None) -> None:
        self.close()
        self._process, self._console = process, console
        self._is_readable = _wants_readable(settings.log_format, console)
        if settings.log_to_files:
            folder = settings.data_dir.expanduser() / FOLDER
            self._files = {name: _file(folder, name, settings) for name in _FILES}

    def close(self) -> None:
        for file in self._files.values():
            file.close()
        self._files = {}
        self._console = None

    def __call__(self, channel: WrappedLogger, _method: str, event: EventDict) -> EventDict:
        self.deliver(getattr(channel, "name", "app"), event)
        raise structlog.DropEvent

    def deliver(self, channel: str, event: MutableMapping[str, Any]) -> None:
        told = redact(event)
        told["channel"], told["process"] = channel, self._process
        line = orjson.dumps(told, default=str, option=orjson.OPT_APPEND_NEWLINE)
        for name in _files_of(channel, str(told.get("level"))):
            if file := self._files.get(name):
                file.write(line)
        if self._console is not None:
            self._show(told, line)

    def _show(self, told: Mapping[str, Any], line: bytes) -> None:
        console = self._console
        if console is None:
            return
        try:
            text = readable(told, coloured=console.isatty()) if self._is_readable else line.decode()
            console.write(text)
            console.flush()
        except (OSError, ValueError):  # a closed pipe: nobody reads any more
            self._console = None


class Bridge(logging.Handler):
    """Brings what packages log by `logging` onto the channel `app`."""

    def emit(self, record: logging.LogRecord) -> None:
        try:
            _DELIVERER.deliver("app", _event_of(record))
        except Exception:  # noqa: BLE001  a log line never breaks what it tells of
            self.handleError(record)


_FILES = ("app", "trade", "error")
_DELIVERER = Deliverer()
_TIMESTAMP = structlog.processors.TimeStamper(fmt="iso", utc=True)
_PROCESSORS: list[Any] = [
    structlog.contextvars.merge_contextvars,
    structlog.processors.add_log_level,
    _TIMESTAMP,
    structlog.processors.format_exc_info,
    _DELIVERER,
]


def open_logs(settings: Settings, *, process: str, console: TextIO | None = None) -> None:
    """Begin to write logs; an entry point does so once, before anything else.

    Args:
        settings: where files go and how much is told.
        process: the name that each line bears, such as `serve`.
        console: where lines are shown; standard error unless another is given.
    """
    _DELIVERER.open(settings, process, console or sys.stderr)
    level = logging.DEBUG if settings.debug else logging.INFO
    structlog.configure(
        processors=_PROCESSORS,
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=_channel,
        cache_logger_on_first_use=True,
    )
    logging.basicConfig(handlers=[Bridge()], level=logging.WARNING, force=True)
    for name, quiet in _OTHERS.items():
        logging.getLogger(name).setLevel(quiet)
    logging.captureWarnings(capture=True)


def close_logs() -> None:
    """Close the files; later events are dropped."""
    _DELIVERER.close()


def log_folder(settings: Settings) -> Path:
    return settings.data_dir.expanduser() / FOLDER


def _channel(*names: Any) -> Channel:
    return Channel(str(names[0]) if names else "app")


def _files_of(channel: str, level: str) -> tuple[str, ...]:
    main = "trade" if channel == "trade" else "app"
    is_serious = channel == "error" or level in _SERIOUS
    return (main, "error") if is_serious else (main,)


def _file(folder: Path, name: str, settings: Settings) -> LogFile:
    most_bytes = settings.log_file_mb * 1024 * 1024
    return LogFile(folder / f"{name}.log", most_bytes=most_bytes, kept=settings.log_files_kept)


def _wants_readable(wanted: LogFormat, console: TextIO | None) -> bool:
    if wanted is LogFormat.AUTO:
        return console is not None and console.isatty()
    return wanted is LogFormat.READABLE


def _event_of(record: logging.LogRecord) -> EventDict:
    event: EventDict = {"event": record.getMessage(), "logger": record.name}
    event["level"] = record.levelname.lower()
    event = dict(structlog.contextvars.merge_contextvars(None, "", event))
    event = dict(_TIMESTAMP(None, "", event))
    if record.exc_info:
        event["exc_info"] = record.exc_info
        event = dict(structlog.processors.format_exc_info(None, "", event))
    return event
